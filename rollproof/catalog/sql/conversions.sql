-- identity: schema.conversion
-- description: from which encoding to which, by which function
SELECT
    format('%I.%I', n.nspname, c.conname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN c.condefault THEN 'DEFAULT' END,
        format('FOR %L TO %L', pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding)),
        'FROM ' || c.conproc
    ) AS description
FROM pg_catalog.pg_conversion AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = c.tableoid AND d.objid = c.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
