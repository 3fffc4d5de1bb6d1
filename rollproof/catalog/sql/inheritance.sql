-- identity: schema.table
-- description: the tables it inherits from, in order (of partitions: see partitions)
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    format('INHERITS (%s)', string_agg(format('%I.%I', pn.nspname, pc.relname), ', ' ORDER BY i.inhseqno)) AS description
FROM pg_catalog.pg_inherits AS i
JOIN pg_catalog.pg_class AS c ON c.oid = i.inhrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class AS pc ON pc.oid = i.inhparent AND pc.relkind IN ('r', 'f')
JOIN pg_catalog.pg_namespace AS pn ON pn.oid = pc.relnamespace
WHERE n.nspname = ANY ($1)
GROUP BY n.nspname, c.relname
