-- identity: schema.table.statistics, or schema.table.schema.statistics where they lie in another schema
-- description: the definition of the extended statistics, and their target
SELECT
    concat_ws(
        '.', quote_ident(n.nspname), quote_ident(c.relname), quote_ident(nullif(sn.nspname, n.nspname)), quote_ident(s.stxname)
    ) AS identity,
    concat_ws(
        ' ',
        pg_get_statisticsobjdef(s.oid),
        -- "No target of its own" is -1 until 16 and NULL from 17.
        CASE WHEN s.stxstattarget >= 0 THEN 'STATISTICS ' || s.stxstattarget END
    ) AS description
FROM pg_catalog.pg_statistic_ext AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.stxrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_namespace AS sn ON sn.oid = s.stxnamespace
WHERE n.nspname = ANY ($1)
