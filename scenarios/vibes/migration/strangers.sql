-- What depends on the tables ($1), their sequences or the views over them and is in no definition: it could not be made
-- again. A foreign key of another table could; whether it may stay as it is says the plan.
WITH RECURSIVE mine AS (
    SELECT c.oid, c.reltype FROM pg_catalog.pg_class AS c
    WHERE c.oid = ANY (SELECT to_regclass(t) FROM unnest($1::text[]) AS t)
    UNION
    SELECT v.oid, v.reltype FROM mine AS m
    JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = m.oid
    LEFT JOIN pg_catalog.pg_rewrite AS w ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND w.oid = d.objid
    JOIN pg_catalog.pg_class AS v ON v.oid = coalesce(w.ev_class, d.objid) AND v.relpersistence <> 't'
        AND ((v.relkind IN ('v', 'm') AND w.oid IS NOT NULL)
             OR (v.relkind = 'S' AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')))
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
LEFT JOIN pg_catalog.pg_attrdef AS f ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid
LEFT JOIN pg_catalog.pg_trigger AS t ON d.classid = 'pg_catalog.pg_trigger'::regclass AND t.oid = d.objid
WHERE coalesce(k.conrelid, w.ev_class, p.polrelid, f.adrelid, t.tgrelid, 0) NOT IN (SELECT oid FROM mine)
    AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND EXISTS (
        SELECT FROM pg_catalog.pg_class AS s WHERE s.oid = d.objid AND s.relkind IN ('S', 'i')))
    AND d.classid <> 'pg_catalog.pg_publication_rel'::regclass
    AND k.contype IS DISTINCT FROM 'f'
ORDER BY 1, 2
