-- identity: extension: object (kind)   description: "member", or that it only goes when the extension goes (ALTER ... DEPENDS ON EXTENSION)
-- Across majors comes and goes: *
SELECT
    format('%I: %s (%s)', e.extname, object.identity, object.type) AS identity,
    CASE d.deptype WHEN 'e' THEN 'member' ELSE 'DEPENDS ON EXTENSION' END AS description
FROM pg_catalog.pg_depend AS d
JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS object
WHERE d.refclassid = e.tableoid AND d.deptype IN ('e', 'x')
