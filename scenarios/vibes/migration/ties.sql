-- Every foreign key from or to the tables ($2) of a schema ($1), as the column pairs that it ties together. A table that is
-- not one of them has its qualified name.
WITH mine AS (
    SELECT c.oid, c.relname::text AS name
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'f')
)
SELECT k.conname::text, child.oid IS NOT NULL, coalesce(child.name, k.conrelid::regclass::text), here.names,
       parent.oid IS NOT NULL, coalesce(parent.name, k.confrelid::regclass::text), there.names
FROM pg_catalog.pg_constraint AS k
LEFT JOIN mine AS child ON child.oid = k.conrelid
LEFT JOIN mine AS parent ON parent.oid = k.confrelid
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY u.number) AS names
    FROM unnest(k.conkey) WITH ORDINALITY AS u (attnum, number)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.attnum
) AS here
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY u.number) AS names
    FROM unnest(k.confkey) WITH ORDINALITY AS u (attnum, number)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.attnum
) AS there
WHERE k.contype = 'f' AND k.conparentid = 0 AND (child.oid IS NOT NULL OR parent.oid IS NOT NULL)
ORDER BY 3, 1
