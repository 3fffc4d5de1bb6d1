-- identity: name
-- description: its options. Tablespaces belong to the whole server; their location is left out.
-- The description of one that nothing of this database is in ends in a remark, by which it is not compared.
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
