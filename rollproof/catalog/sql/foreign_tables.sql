-- identity: schema.table
-- description: server and options (kind and columns are in tables and columns)
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    concat_ws(
        ' ',
        'SERVER ' || quote_ident(s.srvname),
        'OPTIONS (' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(f.ftoptions) AS o) || ')'
    ) AS description
FROM pg_catalog.pg_foreign_table AS f
JOIN pg_catalog.pg_foreign_server AS s ON s.oid = f.ftserver
JOIN pg_catalog.pg_class AS c ON c.oid = f.ftrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
