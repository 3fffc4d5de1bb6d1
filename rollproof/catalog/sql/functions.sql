-- identity: schema.function(argument types)
-- description: its whole definition, of functions, window functions and procedures
-- Left out: what an extension brought, and the constructors that come with a range type, unless one is not as PostgreSQL makes it.
-- In batches ($2, $3): PostgreSQL locks the tables an SQL-standard body mentions (ACCESS SHARE) when it prints it, until the
-- transaction ends.
SELECT
    p.oid::regprocedure::text AS identity,
    pg_get_functiondef(p.oid) || CASE WHEN p.constructor THEN '/* it comes with its range type */' ELSE '' END AS description,
    p.oid
FROM (
    SELECT f.oid, brought.deptype IS NOT NULL AS constructor
    FROM pg_catalog.pg_proc AS f
    JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
    LEFT JOIN pg_catalog.pg_depend AS brought ON brought.classid = f.tableoid AND brought.objid = f.oid AND brought.deptype = 'i'
    WHERE f.oid > $2::oid
        AND n.nspname = ANY ($1)
        AND f.prokind IN ('f', 'p', 'w')
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = f.tableoid AND d.objid = f.oid AND d.deptype = 'e'
        )
        AND (
            brought.deptype IS NULL
            OR f.provolatile <> 'i'
            OR f.proparallel <> 's'
            OR f.procost <> 1
            OR f.proisstrict <> starts_with(f.prosrc, 'multirange_')
            OR f.prosecdef
            OR f.proleakproof
            OR f.proconfig IS NOT NULL
            OR f.proargnames IS NOT NULL
            OR f.prosrc !~ '^(multi)?range_constructor[0-3]$'
        )
    ORDER BY f.oid
    LIMIT $3
) AS p
