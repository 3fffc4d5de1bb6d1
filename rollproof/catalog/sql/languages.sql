-- identity: name
-- description: trusted or not, and its functions
SELECT
    quote_ident(l.lanname) AS identity,
    concat_ws(
        ' ',
        CASE WHEN l.lanpltrusted THEN 'TRUSTED' END,
        'LANGUAGE',
        CASE WHEN l.lanplcallfoid <> 0 THEN 'HANDLER ' || l.lanplcallfoid::regprocedure END,
        CASE WHEN l.laninline <> 0 THEN 'INLINE ' || l.laninline::regprocedure END,
        CASE WHEN l.lanvalidator <> 0 THEN 'VALIDATOR ' || l.lanvalidator::regprocedure END
    ) AS description
FROM pg_catalog.pg_language AS l
WHERE NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend AS d
    WHERE d.classid = l.tableoid AND d.objid = l.oid
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
)
