-- identity: schema.table   description: "analysed", "empty", or "not analysed: " and the columns the planner knows nothing about
-- Judged, not compared: what was analysed must be so again; more is fine. A column of a table's index that is an expression is told as index.column.
-- "unknown: …" where the role may not read a column, for pg_stats then hides what it holds.
WITH columns AS (
    SELECT c.oid AS relation, a.attname AS name, n.nspname AS schema, c.relname AS holder, a.attname AS attribute, a.attnum AS position, 0 AS level
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid AND c.relkind IN ('r', 'm', 'p')
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget IS DISTINCT FROM 0
)
SELECT 1
