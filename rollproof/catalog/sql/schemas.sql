-- identity: schema
-- description: "schema"
SELECT
    quote_ident(n.nspname) AS identity,
    'schema' AS description
FROM pg_catalog.pg_namespace AS n
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = n.tableoid AND d.objid = n.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
