-- identity: schema.sequence   description: the value the next nextval() gives, then "descending" or "cycles" where that is so
-- Judged, not compared: ahead of what it was is fine (with "descending", ahead is smaller), behind is not, and a sequence that cycles
-- has no ahead. Past its end the number lies beyond its last value. "unknown: …" where the role may not read it.
-- In batches ($2, $3): each sequence read stays locked (ACCESS SHARE) until the transaction ends.
WITH s AS MATERIALIZED (
    SELECT
        format('%I.%I', n.nspname, c.relname) AS name,
        p.seqincrement,
        p.seqcycle,
        CASE WHEN p.seqincrement > 0 THEN p.seqmax ELSE p.seqmin END AS last,
        CASE WHEN p.seqincrement > 0 THEN p.seqmin ELSE p.seqmax END AS first,
        CASE
            WHEN NOT has_schema_privilege(n.oid, 'USAGE') THEN 'unknown: needs GRANT USAGE ON SCHEMA ' || quote_ident(n.nspname)
            WHEN NOT has_sequence_privilege(c.oid, 'SELECT') THEN format('unknown: needs GRANT SELECT ON SEQUENCE %I.%I', n.nspname, c.relname)
            WHEN c.relpersistence = 'u' AND pg_is_in_recovery() THEN 'unknown: it is unlogged, so a standby has none of it'
        END AS unknown
    FROM pg_catalog.pg_sequence AS p
    JOIN pg_catalog.pg_class AS c ON c.oid = p.seqrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY ($1)
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d WHERE d.classid = c.tableoid AND d.objid = c.oid AND d.deptype = 'e'
        )
    ORDER BY c.oid
    OFFSET $2 LIMIT $3
)
SELECT
    s.name AS identity,
    coalesce(
        s.unknown,
        concat_ws(
            ' ',
            CASE
                WHEN NOT position.is_called THEN position.last_value
                WHEN s.seqcycle AND abs(position.last_value + s.seqincrement - s.first) > abs(s.last::numeric - s.first) THEN s.first
                ELSE position.last_value + s.seqincrement
            END,
            CASE WHEN s.seqcycle THEN 'cycles' WHEN s.seqincrement < 0 THEN 'descending' END
        )
    ) AS description
FROM s
LEFT JOIN LATERAL (
    SELECT
        split_part(stat.word, ' ', 1)::numeric AS last_value,
        split_part(stat.word, ' ', 2)::boolean AS is_called
    -- pg_sequence_last_value() does not tell where a sequence stands that was set but never called. ts_stat() is the one function in every
    -- server from 14 on, however built, that runs a query for each row (query_to_xml() needs libxml).
    FROM ts_stat(
        CASE
            WHEN s.unknown IS NULL THEN 'SELECT array_to_tsvector(ARRAY[concat_ws('' '', last_value, is_called)]) FROM ' || s.name
            ELSE 'SELECT ''''::tsvector'
        END
    ) AS stat
) AS position ON true
