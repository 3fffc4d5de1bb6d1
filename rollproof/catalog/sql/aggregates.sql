-- identity: schema.aggregate(argument types)
-- description: its arguments, result, and the functions and state it is made of
SELECT
    p.oid::regprocedure::text AS identity,
    concat_ws(
        ' ',
        CASE a.aggkind WHEN 'o' THEN 'ORDERED-SET' WHEN 'h' THEN 'HYPOTHETICAL-SET' END,
        format('AGGREGATE (%s) RETURNS %s', pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)),
        'SFUNC ' || a.aggtransfn::regprocedure,
        'STYPE ' || format_type(a.aggtranstype, NULL),
        CASE WHEN a.aggtransspace <> 0 THEN 'SSPACE ' || a.aggtransspace END,
        CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC ' || a.aggfinalfn::regprocedure END,
        CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
        CASE a.aggfinalmodify WHEN 's' THEN 'FINALFUNC_MODIFY SHAREABLE' WHEN 'w' THEN 'FINALFUNC_MODIFY READ_WRITE' END,
        CASE WHEN a.aggcombinefn <> 0 THEN 'COMBINEFUNC ' || a.aggcombinefn::regprocedure END,
        CASE WHEN a.aggserialfn <> 0 THEN 'SERIALFUNC ' || a.aggserialfn::regprocedure END,
        CASE WHEN a.aggdeserialfn <> 0 THEN 'DESERIALFUNC ' || a.aggdeserialfn::regprocedure END,
        'INITCOND ' || quote_literal(a.agginitval),
        CASE
            WHEN a.aggmtransfn <> 0 THEN
                concat_ws(
                    ' ',
                    'MSFUNC ' || a.aggmtransfn::regprocedure,
                    'MINVFUNC ' || a.aggminvtransfn::regprocedure,
                    'MSTYPE ' || format_type(a.aggmtranstype, NULL),
                    CASE WHEN a.aggmtransspace <> 0 THEN 'MSSPACE ' || a.aggmtransspace END,
                    CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC ' || a.aggmfinalfn::regprocedure END,
                    CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
                    CASE a.aggmfinalmodify
                        WHEN 's' THEN 'MFINALFUNC_MODIFY SHAREABLE'
                        WHEN 'w' THEN 'MFINALFUNC_MODIFY READ_WRITE'
                    END,
                    'MINITCOND ' || quote_literal(a.aggminitval)
                )
        END,
        CASE WHEN a.aggsortop <> 0 THEN 'SORTOP ' || a.aggsortop::regoperator END,
        CASE p.proparallel WHEN 's' THEN 'PARALLEL SAFE' WHEN 'r' THEN 'PARALLEL RESTRICTED' END
    ) AS description
FROM pg_catalog.pg_aggregate AS a
JOIN pg_catalog.pg_proc AS p ON p.oid = a.aggfnoid
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
WHERE n.nspname = ANY ($1)
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = p.tableoid AND d.objid = p.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
