-- identity: name
-- description: table or index access method, and its handler
SELECT
    quote_ident(a.amname) AS identity,
    format('%s ACCESS METHOD HANDLER %s', CASE a.amtype WHEN 't' THEN 'TABLE' WHEN 'i' THEN 'INDEX' END, a.amhandler) AS description
FROM pg_catalog.pg_am AS a
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = a.tableoid AND d.objid = a.oid
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
)
