-- identity: schema.sequence   description: the value the next nextval() gives, then "descending" or "cycles" where that is so
-- Judged, not compared: ahead of what it was is fine (with "descending", ahead is smaller), behind is not, and a sequence that cycles
-- has no ahead. Past its end the number lies beyond its last value. "unknown: ..." where the role may not read it.
-- In batches ($2, $3): each sequence read stays locked (as nextval() does it) until the transaction ends.
WITH s AS MATERIALIZED (
    SELECT
        c.oid,
        format('%I.%I', n.nspname, c.relname) AS name,
        p.seqincrement,
        p.seqcycle,
        CASE WHEN p.seqincrement > 0 THEN p.seqmin ELSE p.seqmax END AS first,
        p.seqmax::numeric - p.seqmin AS width,
        CASE
            WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN format('needs GRANT USAGE ON SCHEMA %I', n.nspname)
            WHEN NOT has_sequence_privilege(c.oid, 'SELECT') THEN format('needs GRANT SELECT ON SEQUENCE %I.%I', n.nspname, c.relname)
            WHEN c.relpersistence = 'u' AND pg_is_in_recovery() THEN 'it is unlogged, so a standby has none of it'
        END AS hidden
    FROM pg_catalog.pg_sequence AS p
    JOIN pg_catalog.pg_class AS c ON c.oid = p.seqrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    -- Said of both, so that a merge join starts there on both sides.
    WHERE p.seqrelid > $2::oid AND c.oid > $2::oid AND n.nspname = ANY ($1)
    ORDER BY p.seqrelid
    LIMIT $3
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
LEFT JOIN LATERAL ( -- until 17, alike
    -- pg_sequence_last_value() does not tell where a sequence stands that was set and not called since. Of the functions that run a query
    -- for each row, ts_stat() is in every server, however it was built; query_to_xml() needs libxml.
    SELECT split_part(stat.word, ' ', 1) AS last_value, split_part(stat.word, ' ', 2)::boolean AS is_called -- until 17, alike
    FROM ts_stat( -- until 17, alike
        CASE -- until 17, alike
            WHEN s.hidden IS NULL THEN 'SELECT array_to_tsvector(ARRAY[concat_ws('' '', last_value, is_called)]) FROM ' || s.name -- until 17, alike
            ELSE 'SELECT ''''::tsvector' -- until 17, alike
        END -- until 17, alike
    ) AS stat -- until 17, alike
) AS stands ON true -- until 17, alike
