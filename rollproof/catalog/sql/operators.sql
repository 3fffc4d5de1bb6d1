-- identity: schema.operator(argument types)
-- description: its function, and its attributes for the planner
SELECT
    o.oid::regoperator::text AS identity,
    concat_ws(
        ' ',
        CASE WHEN o.oprcode = 0 THEN 'SHELL OPERATOR' ELSE 'FUNCTION ' || o.oprcode::regprocedure END,
        CASE WHEN o.oprresult <> 0 THEN 'RETURNS ' || format_type(o.oprresult, NULL) END,
        CASE WHEN o.oprcom <> 0 THEN 'COMMUTATOR ' || o.oprcom::regoperator END,
        CASE WHEN o.oprnegate <> 0 THEN 'NEGATOR ' || o.oprnegate::regoperator END,
        CASE WHEN o.oprrest <> 0 THEN 'RESTRICT ' || o.oprrest::regprocedure END,
        CASE WHEN o.oprjoin <> 0 THEN 'JOIN ' || o.oprjoin::regprocedure END,
        CASE WHEN o.oprcanhash THEN 'HASHES' END,
        CASE WHEN o.oprcanmerge THEN 'MERGES' END
    ) AS description
FROM pg_catalog.pg_operator AS o
JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = o.tableoid AND d.objid = o.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
