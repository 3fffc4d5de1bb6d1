-- identity: name
-- description: options. They belong to the whole server; where they lie on its disks is left out.
-- One that nothing of this database lies in ends in a remark, which is judged and not compared.
SELECT
    quote_ident(t.spcname) AS identity,
    concat_ws(
        ' ',
        'tablespace',
        'WITH (' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(t.spcoptions) AS o) || ')',
        CASE
            WHEN t.oid NOT IN (
                SELECT db.dattablespace FROM pg_catalog.pg_database AS db WHERE db.datname = current_database()
                UNION ALL
                SELECT c.reltablespace FROM pg_catalog.pg_class AS c WHERE c.reltablespace <> 0 AND NOT c.relisshared
            )
                THEN '(nothing in this database)'
        END
    ) AS description
FROM pg_catalog.pg_tablespace AS t
