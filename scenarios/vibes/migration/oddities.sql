-- What is odd about the tables ($1) themselves, so that they could not be made again as they are.
WITH mine AS (
    SELECT c.* FROM pg_catalog.pg_class AS c WHERE c.oid = ANY (SELECT to_regclass(t) FROM unnest($1::text[]) AS t)
),
part AS (
    SELECT oid FROM mine UNION ALL SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid IN (SELECT oid FROM mine)
)
SELECT format('%s is not an ordinary table', oid::regclass) FROM mine WHERE relkind <> 'r' OR reloftype <> 0
UNION ALL
SELECT format('%s is a part or a child of %s', inhrelid::regclass, inhparent::regclass)
FROM pg_catalog.pg_inherits WHERE inhrelid IN (SELECT oid FROM mine)
UNION ALL
SELECT format('index %s is not valid: REINDEX INDEX %s, or drop it', indexrelid::regclass, indexrelid::regclass)
FROM pg_catalog.pg_index WHERE indrelid IN (SELECT oid FROM mine) AND NOT indisvalid
UNION ALL
SELECT DISTINCT format('constraint %s of %s is switched off or on for replicas: ALTER TABLE %s ENABLE TRIGGER ALL first',
                       k.conname, k.conrelid::regclass, t.tgrelid::regclass)
FROM pg_catalog.pg_trigger AS t
JOIN pg_catalog.pg_constraint AS k ON k.oid = t.tgconstraint
WHERE t.tgisinternal AND t.tgenabled <> 'O'
    AND (k.conrelid IN (SELECT oid FROM mine) OR k.confrelid IN (SELECT oid FROM mine))
UNION ALL
SELECT format('%s has a security label', pg_describe_object(classoid, objoid, objsubid))
FROM pg_catalog.pg_seclabel WHERE classoid = 'pg_catalog.pg_class'::regclass AND objoid IN (SELECT oid FROM part)
UNION ALL
SELECT format('%s belongs to %s', pg_describe_object(classid, objid, 0), pg_describe_object(refclassid, refobjid, 0))
FROM pg_catalog.pg_depend
WHERE classid = 'pg_catalog.pg_class'::regclass AND objid IN (SELECT oid FROM part) AND deptype IN ('e', 'x')
UNION ALL
SELECT format('trigger %s of %s refers to %s', tgname, tgrelid::regclass, tgconstrrelid::regclass)
FROM pg_catalog.pg_trigger
WHERE tgconstrrelid IN (SELECT oid FROM mine) AND tgrelid NOT IN (SELECT oid FROM mine) AND NOT tgisinternal
UNION ALL
SELECT format('%s is filled by a subscription', srrelid::regclass)
FROM pg_catalog.pg_subscription_rel WHERE srrelid IN (SELECT oid FROM mine)
ORDER BY 1
