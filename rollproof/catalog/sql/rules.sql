-- identity: schema.table.rule
-- description: its definition, and when it fires if not by default
-- In batches ($2, $3): PostgreSQL locks the tables a rule mentions (ACCESS SHARE) when it prints it, until the transaction ends.
SELECT
    format('%I.%I.%I', n.nspname, c.relname, r.rulename) AS identity,
    concat_ws(
        ' ',
        CASE r.ev_enabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'ENABLED ON REPLICA ONLY' WHEN 'A' THEN 'ENABLED ALWAYS' END,
        pg_get_ruledef(r.oid)
    ) AS description,
    r.oid
FROM (
    SELECT w.oid, w.rulename, w.ev_class, w.ev_enabled
    FROM pg_catalog.pg_rewrite AS w
    JOIN pg_catalog.pg_class AS t ON t.oid = w.ev_class
    JOIN pg_catalog.pg_namespace AS s ON s.oid = t.relnamespace
    -- A view's own query is such a rule as well; views has it.
    WHERE w.oid > $2::oid AND s.nspname = ANY ($1) AND w.rulename <> '_RETURN'
    ORDER BY w.oid
    LIMIT $3
) AS r
JOIN pg_catalog.pg_class AS c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
