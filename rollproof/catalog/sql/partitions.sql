-- identity: schema.partition
-- description: of which table, for which values, and whether its detaching is pending
-- How the parent is divided is in tables.
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    concat_ws(
        ' ',
        format('PARTITION OF %I.%I', pn.nspname, pc.relname),
        pg_get_expr(c.relpartbound, 0),
        CASE WHEN i.inhdetachpending THEN 'DETACH PENDING' END
    ) AS description
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid AND c.relkind IN ('r', 'p', 'f')
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS pc ON pc.oid = i.inhparent AND pc.relkind = 'p'
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = pc.relnamespace
WHERE n.nspname = ANY ($1)
