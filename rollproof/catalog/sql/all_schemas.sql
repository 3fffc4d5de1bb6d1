-- identity: schema
-- description: "schema"
-- Wherever we were told to look; for the leftovers, where only some schemas are looked at (otherwise schemas has them).
SELECT
    quote_ident(n.nspname) AS identity,
    'schema' AS description
FROM pg_catalog.pg_namespace AS n
WHERE NOT starts_with(n.nspname, 'pg_')
    AND n.nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = n.tableoid AND d.objid = n.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
