-- identity: schema
-- description: "schema"
-- All of them, even if only some are compared: the check leftovers finds new ones.
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
