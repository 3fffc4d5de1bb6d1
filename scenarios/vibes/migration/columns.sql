-- Every column of the tables ($2) of a schema ($1): its type, and its place in the primary key, if it has one.
SELECT c.relname::text, a.attname::text,
       format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attgenerated <> '' THEN ', generated' ELSE '' END,
       array_position(k.conkey, a.attnum)
FROM pg_catalog.pg_namespace AS n
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = ANY ($2::text[]) AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_constraint AS k ON k.conrelid = c.oid AND k.contype = 'p'
WHERE n.nspname = $1
ORDER BY 1, array_position(k.conkey, a.attnum), a.attnum
