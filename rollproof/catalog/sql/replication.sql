-- identity: name (slot | origin)
-- description: kind and output plugin of a slot; a slot left behind keeps every byte of WAL
-- Slots of this database and physical ones. Their positions change all the time and are left out, as are temporary slots.
SELECT
    quote_ident(s.slot_name) || ' (slot)' AS identity,
    concat_ws(
        ' ',
        s.slot_type,
        'plugin ' || quote_ident(s.plugin),
        CASE WHEN s.two_phase THEN 'two-phase' END,
        CASE WHEN s.failover THEN 'failover' END, -- from 17
        CASE WHEN s.wal_status = 'lost' THEN 'LOST' END
    ) AS description
FROM pg_catalog.pg_replication_slots AS s
WHERE NOT s.temporary AND (s.database = current_database() OR s.database IS NULL)
UNION ALL
SELECT quote_ident(o.roname) || ' (origin)', 'origin'
FROM pg_catalog.pg_replication_origin AS o
-- A subscription's own origin is named by its oid; the subscription speaks for it.
WHERE o.roname !~ '^pg_[0-9]+(_[0-9]+)?$'
