-- identity: schema.table.constraint
-- description: "enforced", or which of the triggers that keep it are missing, altered or switched off, and where
-- A foreign key is kept by the server's own triggers: insert and update are checked on the table that has it, update and delete on
-- the table it leads to, and the same on all partitions of both. DISABLE TRIGGER ALL switches them off; the key still reads as
-- valid, lets orphans in, and VALIDATE CONSTRAINT then succeeds. Deferrable unique constraints are enforced in the same way.
WITH RECURSIVE keys AS (
    SELECT con.oid, con.oid AS original, con.conrelid, con.confrelid, con.conparentid = 0 AS leads
    FROM pg_catalog.pg_constraint AS con
    WHERE con.contype = 'f'
        AND CASE
            WHEN con.conparentid = 0 THEN true
            ELSE con.conrelid IS DISTINCT FROM (
                SELECT parent.conrelid
                FROM pg_catalog.pg_constraint AS parent
                WHERE parent.oid = con.conparentid
            )
        END
    UNION ALL
    -- A key to a partitioned table has one more row for each partition it leads to, and that one for each partition of the
    -- partition.
    SELECT copy.oid, keys.original, copy.conrelid, copy.confrelid, true
    FROM keys
    JOIN pg_catalog.pg_constraint AS copy ON copy.conparentid = keys.oid AND copy.conrelid = keys.conrelid
),
places AS (
    -- The key of a partition is its parent's: it has the checks, and only the parent's key leads anywhere.
    SELECT keys.original, keys.oid AS key, keys.conrelid AS relation, true AS checks
    FROM keys
    WHERE keys.oid = keys.original
    UNION ALL
    SELECT keys.original, keys.oid, keys.confrelid, false
    FROM keys
    WHERE keys.leads
    UNION ALL
    -- Partitions without a copy of the key.
    SELECT keys.original, 0, part.inhrelid, true
    FROM keys
    JOIN pg_catalog.pg_class AS divided ON divided.oid = keys.conrelid AND divided.relkind = 'p'
    JOIN pg_catalog.pg_inherits AS part ON part.inhparent = divided.oid
    LEFT JOIN pg_catalog.pg_constraint AS theirs ON theirs.conparentid = keys.oid AND theirs.conrelid = part.inhrelid
    WHERE keys.oid = keys.original AND theirs.oid IS NULL
    UNION ALL
    SELECT keys.original, 0, part.inhrelid, false
    FROM keys
    JOIN pg_catalog.pg_class AS divided ON divided.oid = keys.confrelid AND divided.relkind = 'p'
    JOIN pg_catalog.pg_inherits AS part ON part.inhparent = divided.oid
    LEFT JOIN pg_catalog.pg_constraint AS copy
        ON copy.conparentid = keys.oid AND copy.conrelid = keys.conrelid AND copy.confrelid = part.inhrelid
    WHERE keys.leads AND copy.oid IS NULL
),
needed AS (
    SELECT
        places.original,
        places.key,
        places.relation,
        unnest(
            CASE
                WHEN places.checks THEN ARRAY['check_ins', 'check_upd']
                ELSE ARRAY[
                    CASE con.confdeltype
                        WHEN 'a' THEN 'noaction'
                        WHEN 'r' THEN 'restrict'
                        WHEN 'c' THEN 'cascade'
                        WHEN 'n' THEN 'setnull'
                        ELSE 'setdefault'
                    END || '_del',
                    CASE con.confupdtype
                        WHEN 'a' THEN 'noaction'
                        WHEN 'r' THEN 'restrict'
                        WHEN 'c' THEN 'cascade'
                        WHEN 'n' THEN 'setnull'
                        ELSE 'setdefault'
                    END || '_upd'
                ]
            END
        ) AS name
    FROM places
    JOIN pg_catalog.pg_constraint AS con ON con.oid = places.original
    JOIN pg_catalog.pg_class AS c ON c.oid = places.relation -- until 14, alike
    WHERE places.key = 0 OR c.relkind <> 'p' -- until 14, alike
    UNION ALL
    SELECT con.oid, con.oid, con.conrelid, 'unique_key_recheck'
    FROM pg_catalog.pg_constraint AS con
    WHERE con.contype IN ('p', 'u', 'x') AND con.condeferrable
),
functions AS MATERIALIZED (
    SELECT f.oid, replace(f.proname, 'RI_FKey_', '') AS name
    FROM pg_catalog.pg_proc AS f
    WHERE f.pronamespace = 'pg_catalog'::regnamespace
),
triggers AS (
    SELECT
        t.tgconstraint, t.tgrelid, t.tgenabled, t.tgdeferrable, t.tginitdeferred, t.tgisinternal, t.tgtype,
        f.name
    FROM pg_catalog.pg_trigger AS t
    JOIN functions AS f ON f.oid = t.tgfoid
    WHERE t.tgconstraint <> 0 AND t.tgqual IS NULL AND t.tgattr::text = ''
),
wrong AS (
    SELECT
        found.original,
        string_agg(
            format('%s on %I.%I %s', found.name, n.nspname, c.relname, found.state),
            ', ' ORDER BY n.nspname, c.relname, found.name
        ) AS list
    FROM (
        SELECT
            needed.original,
            needed.relation,
            needed.name,
            CASE
                WHEN t.tgconstraint IS NULL THEN 'missing'
                WHEN NOT t.tgisinternal
                    -- For each row, after: insert is 4, delete 8, update 16.
                    OR t.tgtype <> CASE needed.name
                        WHEN 'check_ins' THEN 5
                        WHEN 'unique_key_recheck' THEN 21
                        ELSE CASE WHEN right(needed.name, 4) = '_del' THEN 9 ELSE 17 END
                    END
                    -- What is done at once cannot wait; what is only looked at can.
                    OR t.tgdeferrable <> (con.condeferrable AND needed.name ~ '^(check|noaction|unique)')
                    OR t.tginitdeferred <> (con.condeferred AND needed.name ~ '^(check|noaction|unique)')
                    THEN 'altered'
                ELSE CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas only' WHEN 'A' THEN 'always' END
            END AS state
        FROM needed
        JOIN pg_catalog.pg_constraint AS con ON con.oid = needed.original
        LEFT JOIN triggers AS t ON t.tgconstraint = needed.key AND t.tgrelid = needed.relation AND t.name = needed.name
    ) AS found
    JOIN pg_catalog.pg_class AS c ON c.oid = found.relation
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE found.state IS NOT NULL
    GROUP BY found.original
)
SELECT
    format('%I.%I.%I', n.nspname, c.relname, con.conname) AS identity,
    CASE
        WHEN NOT con.conenforced THEN 'NOT ENFORCED' -- from 18
        WHEN wrong.list IS NOT NULL THEN 'not enforced as usual: ' || wrong.list
        ELSE 'enforced'
    END AS description
FROM pg_catalog.pg_constraint AS con
JOIN pg_catalog.pg_class AS c ON c.oid = con.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN wrong ON wrong.original = con.oid
WHERE n.nspname = ANY ($1)
    AND (
        con.contype = 'f' AND con.oid IN (SELECT keys.original FROM keys WHERE keys.oid = keys.original)
        OR con.contype IN ('p', 'u', 'x') AND con.condeferrable
    )
