-- identity: schema.sequence
-- description: the value that the next nextval() returns, then "descending" or "cycles" where that is so
-- Compared in one direction: further on is fine (with "descending": smaller), back is not; a sequence that cycles has no
-- direction. At its end the number is beyond its last value. "unknown: ..." if the role may not read it.
-- In batches ($2, $3): each sequence stays locked (as by nextval()) until the transaction ends.
WITH s AS MATERIALIZED (
    SELECT
        c.oid,
        format('%I.%I', n.nspname, c.relname) AS name,
        p.seqincrement,
        p.seqcycle,
        CASE WHEN p.seqincrement > 0 THEN p.seqmin ELSE p.seqmax END AS first,
        p.seqmax::numeric - p.seqmin AS width,
        CASE
            -- Whoever may read everything needs no look at the grants of each.
            WHEN NOT everything.readable AND NOT has_schema_privilege(n.oid, 'USAGE')
                THEN format('needs GRANT USAGE ON SCHEMA %I', n.nspname)
            WHEN NOT everything.readable AND NOT has_sequence_privilege(c.oid, 'SELECT')
                THEN format('needs GRANT SELECT ON SEQUENCE %I.%I', n.nspname, c.relname)
            -- Below it may be read by its name, which must not be another relation's by now.
            WHEN to_regclass(format('%I.%I', n.nspname, c.relname))::oid IS DISTINCT FROM c.oid -- until 17, alike
                THEN 'it was dropped or renamed meanwhile' -- until 17, alike
            WHEN c.relpersistence = 'u' AND pg_is_in_recovery() THEN 'it is unlogged, so a standby has none of it'
        END AS hidden
    FROM pg_catalog.pg_sequence AS p
    JOIN pg_catalog.pg_class AS c ON c.oid = p.seqrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    CROSS JOIN (SELECT pg_has_role('pg_read_all_data', 'USAGE') AS readable) AS everything
    -- Said of both, so that a merge join starts there on both sides.
    WHERE p.seqrelid > $2::oid AND c.oid > $2::oid AND n.nspname = ANY ($1)
    ORDER BY p.seqrelid
    LIMIT $3 -- until 17, alike
    LIMIT 3 * $3 -- from 18, alike
)
SELECT
    s.name AS identity,
    CASE
        WHEN s.hidden IS NOT NULL THEN 'unknown: ' || s.hidden
        ELSE
            concat_ws(
                ' ',
                CASE
                    WHEN NOT stands.is_called THEN stands.last_value::numeric
                    WHEN s.seqcycle AND abs(stands.last_value::numeric + s.seqincrement - s.first) > s.width THEN s.first
                    ELSE stands.last_value::numeric + s.seqincrement
                END,
                CASE WHEN s.seqcycle THEN 'cycles' WHEN s.seqincrement < 0 THEN 'descending' END
            )
    END AS description,
    s.oid
FROM s
LEFT JOIN LATERAL pg_get_sequence_data(s.oid) AS stands ON s.hidden IS NULL -- from 18, alike
CROSS JOIN LATERAL ( -- until 17, alike
    SELECT CASE WHEN s.hidden IS NULL THEN pg_sequence_last_value(s.oid) END AS value -- until 17, alike
    OFFSET 0 -- until 17, alike
) AS called -- until 17, alike
CROSS JOIN LATERAL ( -- until 17, alike
    SELECT -- until 17, alike
        called.value IS NOT NULL AS is_called, -- until 17, alike
        CASE -- until 17, alike
            WHEN called.value IS NOT NULL OR s.hidden IS NOT NULL THEN called.value -- until 17, alike
            -- That function does not tell where a sequence stands that was made or set, and not called since. Of the functions that
            -- run a query for each row, ts_stat() is in every server, however it was built; query_to_xml() needs libxml.
            ELSE (SELECT stat.word::bigint -- until 17, alike
                FROM ts_stat('SELECT array_to_tsvector(ARRAY[last_value::text]) FROM ' || s.name) AS stat) -- until 17, alike
        END AS last_value -- until 17, alike
) AS stands -- until 17, alike
