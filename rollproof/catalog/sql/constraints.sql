-- identity: schema.table.constraint
-- description: its definition; NOT VALID, NOT ENFORCED, DEFERRABLE and NO INHERIT are part of it
-- Elsewhere: NOT NULL (columns), constraint triggers (triggers), a domain's checks (types), whether keys are enforced
-- (foreign_key_triggers).
SELECT
    format('%I.%I.%I', n.nspname, c.relname, con.conname) AS identity,
    concat_ws(
        ' ',
        pg_get_constraintdef(con.oid),
        CASE
            WHEN con.coninhcount > 0 AND NOT c.relispartition THEN
                CASE WHEN con.conislocal THEN '(inherited and own)' ELSE '(inherited)' END
        END
    ) AS description
FROM pg_catalog.pg_constraint AS con
JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1)
    AND con.contype IN ('c', 'f', 'p', 'u', 'x')
    -- A key to a partitioned table has one more row for each partition it leads to, named by the server.
    AND CASE
        WHEN con.conparentid = 0 THEN true
        ELSE con.conrelid IS DISTINCT FROM (
            SELECT parent.conrelid
            FROM pg_catalog.pg_constraint AS parent
            WHERE parent.oid = con.conparentid
        )
    END
