-- identity: (source AS target)
-- description: function or method, and context (explicit, assignment, implicit)
SELECT
    format('(%s AS %s)', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)) AS identity,
    concat_ws(
        ' ',
        CASE c.castmethod
            WHEN 'b' THEN 'WITHOUT FUNCTION'
            WHEN 'i' THEN 'WITH INOUT'
            ELSE 'WITH FUNCTION ' || c.castfunc::regprocedure
        END,
        CASE c.castcontext WHEN 'a' THEN 'AS ASSIGNMENT' WHEN 'i' THEN 'AS IMPLICIT' END
    ) AS description
FROM pg_catalog.pg_cast AS c
-- From 16384 on, oids are given to what is made after initdb. A range type brings one cast of its own (i).
WHERE c.oid >= 16384
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.deptype IN ('e', 'i')
    )
