-- identity: schema.function(argument types)   description: its whole definition, of functions, window functions and procedures
-- Left out: what an extension brought, and the constructors that come with a range type.
-- In batches ($2, $3): PostgreSQL locks the tables an SQL-standard body mentions (ACCESS SHARE) when it prints it, until the transaction ends.
SELECT
    p.oid::regprocedure::text AS identity,
    pg_get_functiondef(p.oid) AS description,
    p.oid
FROM (
    SELECT f.oid
    FROM pg_catalog.pg_proc AS f
    JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace
    WHERE f.oid > $2::oid
        AND n.nspname = ANY ($1)
        AND f.prokind IN ('f', 'p', 'w')
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = f.tableoid AND d.objid = f.oid AND d.deptype IN ('e', 'i')
        )
    ORDER BY f.oid
    LIMIT $3
) AS p
