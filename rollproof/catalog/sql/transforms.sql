-- identity: FOR type LANGUAGE language
-- description: both functions
SELECT
    format('FOR %s LANGUAGE %I', format_type(t.trftype, NULL), l.lanname) AS identity,
    concat_ws(
        ', ',
        CASE WHEN t.trffromsql <> 0 THEN 'FROM SQL WITH FUNCTION ' || t.trffromsql::regprocedure END,
        CASE WHEN t.trftosql <> 0 THEN 'TO SQL WITH FUNCTION ' || t.trftosql::regprocedure END
    ) AS description
FROM pg_catalog.pg_transform AS t
JOIN pg_catalog.pg_language AS l ON l.oid = t.trflang
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = t.tableoid AND d.objid = t.oid
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
)
