-- What tells the rows of the tables ($2) of a schema ($1) apart: the columns of each unique index that is about all rows, and
-- whether to it one NULL is like another.
SELECT c.relname::text, key.columns, coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false) -- 15 and newer
FROM pg_catalog.pg_namespace AS n
JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = ANY ($2::text[])
JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid AND i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
CROSS JOIN LATERAL (
    SELECT array_agg(a.attname::text ORDER BY u.number) AS columns
    FROM unnest(i.indkey) WITH ORDINALITY AS u (attnum, number)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = u.attnum
    WHERE u.number <= i.indnkeyatts
) AS key
WHERE n.nspname = $1
ORDER BY 1, NOT i.indisprimary, i.indexrelid
