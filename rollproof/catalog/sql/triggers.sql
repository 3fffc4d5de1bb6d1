-- identity: schema.table.trigger
-- description: its definition, and when it fires if not by default
-- Those that keep foreign keys and deferrable unique constraints are the server's own: see foreign_key_triggers.
SELECT
    format('%I.%I.%I', n.nspname, c.relname, t.tgname) AS identity,
    concat_ws(
        ' ',
        CASE t.tgenabled WHEN 'D' THEN 'DISABLED' WHEN 'R' THEN 'ENABLED ON REPLICA ONLY' WHEN 'A' THEN 'ENABLED ALWAYS' END,
        CASE WHEN t.tgparentid <> 0 THEN '(inherited)' END,
        pg_get_triggerdef(t.oid)
    ) AS description
FROM pg_catalog.pg_trigger AS t
-- Not tgisinternal: PostgreSQL 14 sets that for a partition's copy of its parent's trigger as well.
LEFT JOIN pg_catalog.pg_constraint AS con ON con.oid = t.tgconstraint AND con.contype <> 't'
JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
    AND con.oid IS NULL
