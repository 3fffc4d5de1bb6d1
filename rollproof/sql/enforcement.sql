-- identity: schema.table.constraint   description: "enforced", or which of the triggers that keep it are switched off, and on which table
-- A foreign key is kept by the server's own triggers: on the table that has it, and on the table it leads to. DISABLE TRIGGER ALL switches them
-- off; the key still reads as valid, lets orphans in, and VALIDATE CONSTRAINT then succeeds. A deferrable unique constraint is kept alike.
WITH RECURSIVE copies AS (
    -- A key to a partitioned table has one more row, with triggers of its own, for each partition it leads to.
    SELECT con.oid, parent.oid AS original, con.conrelid
    FROM pg_catalog.pg_constraint AS parent
    JOIN pg_catalog.pg_constraint AS con ON con.conparentid = parent.oid AND con.conrelid = parent.conrelid
    WHERE parent.contype = 'f'
    UNION
    -- The copy of a copy, where the partition is divided itself.
    SELECT con.oid, copies.original, con.conrelid
    FROM copies
    JOIN pg_catalog.pg_constraint AS con ON con.conparentid = copies.oid AND con.conrelid = copies.conrelid
),
triggers AS (
    SELECT
        coalesce(copies.original, t.tgconstraint) AS keeps,
        count(*) AS number,
        string_agg(
            format(
                '%s on %I.%I %s',
                replace(f.proname, 'RI_FKey_', ''),
                n.nspname,
                c.relname,
                CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END
            ),
            ', ' ORDER BY n.nspname, c.relname, f.proname
        ) FILTER (WHERE t.tgenabled <> 'O') AS changed
    FROM pg_catalog.pg_trigger AS t
    JOIN pg_catalog.pg_proc AS f ON f.oid = t.tgfoid
    JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN copies ON copies.oid = t.tgconstraint
    WHERE t.tgconstraint <> 0
    GROUP BY coalesce(copies.original, t.tgconstraint)
)
SELECT
    format('%I.%I.%I', n.nspname, c.relname, con.conname) AS identity,
    CASE
        WHEN NOT con.conenforced THEN 'NOT ENFORCED' -- from 18
        WHEN triggers.changed IS NOT NULL THEN 'not enforced as usual: ' || triggers.changed
        -- Between two ordinary tables it takes four: insert and update here, update and delete there.
        WHEN con.contype = 'f' AND c.relkind = 'r' AND fc.relkind = 'r' AND con.conparentid = 0 AND triggers.number IS DISTINCT FROM 4 THEN
            format('not enforced as usual: %s of 4 triggers are left', coalesce(triggers.number, 0))
        ELSE 'enforced'
    END AS description
FROM pg_catalog.pg_constraint AS con
JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS fc ON fc.oid = con.confrelid
LEFT JOIN triggers ON triggers.keeps = con.oid
WHERE n.nspname = ANY ($1)
    AND (con.contype = 'f' OR con.contype IN ('p', 'u', 'x') AND con.condeferrable)
    AND NOT EXISTS (SELECT FROM copies WHERE copies.oid = con.oid)
