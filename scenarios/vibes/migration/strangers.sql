-- What depends on the tables ($1) or on views over them and is in no definition: it could not be made again.
WITH RECURSIVE mine AS (
    SELECT c.oid, c.reltype FROM pg_catalog.pg_class AS c
    WHERE c.oid = ANY (SELECT to_regclass(t) FROM unnest($1::text[]) AS t)
    UNION
    SELECT v.oid, v.reltype FROM mine AS m
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = m.oid
        AND d.classid = 'pg_catalog.pg_rewrite'::regclass
    JOIN pg_catalog.pg_rewrite AS w ON w.oid = d.objid
    JOIN pg_catalog.pg_class AS v ON v.oid = w.ev_class AND v.relkind = 'v'
)
SELECT DISTINCT m.oid::regclass::text, pg_describe_object(d.classid, d.objid, 0)
FROM mine AS m
LEFT JOIN pg_catalog.pg_type AS row_type ON row_type.oid = m.reltype
CROSS JOIN LATERAL (
    VALUES ('pg_catalog.pg_class'::regclass, m.oid), ('pg_catalog.pg_type', m.reltype), ('pg_catalog.pg_type', row_type.typarray)
) AS part (catalog, id)
JOIN pg_catalog.pg_depend AS d ON d.refclassid = part.catalog AND d.refobjid = part.id AND d.deptype = 'n'
LEFT JOIN pg_catalog.pg_constraint AS k ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid
LEFT JOIN pg_catalog.pg_rewrite AS w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid
LEFT JOIN pg_catalog.pg_policy AS p ON d.classid = 'pg_catalog.pg_policy'::regclass AND p.oid = d.objid
WHERE coalesce(k.conrelid, w.ev_class, p.polrelid, 0) NOT IN (SELECT oid FROM mine)
    AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND EXISTS (
        SELECT FROM pg_catalog.pg_class AS s WHERE s.oid = d.objid AND s.relkind IN ('S', 'i')))
    AND d.classid <> ALL (ARRAY['pg_catalog.pg_attrdef', 'pg_catalog.pg_trigger']::regclass[])
ORDER BY 1, 2
