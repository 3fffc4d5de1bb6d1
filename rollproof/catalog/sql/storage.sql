-- identity: schema.table, or "this (database)"
-- description: JSON for a program (visibility_map, bloat, wraparound): what VACUUM and ANALYZE last noted
-- Of a table the pages of it and of its TOAST table, how many of its own are all-visible, its rows (-1: nobody counted), and how
-- many million transactions and multixacts ago the older of both was frozen. Of the database the same age, and from which on the
-- server freezes by itself. No table is opened, so none is locked.
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    jsonb_build_object(
        'pages', c.relpages,
        'toast', coalesce(t.relpages, 0),
        'visible', c.relallvisible,
        'rows', c.reltuples::bigint,
        'age', greatest(age(c.relfrozenxid), age(t.relfrozenxid)) / 1000000,
        'multixact_age', greatest(mxid_age(c.relminmxid), mxid_age(t.relminmxid)) / 1000000
    )::text AS description
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_class AS t ON t.oid = c.reltoastrelid
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'm') AND c.relfrozenxid <> '0'
UNION ALL
SELECT
    'this (database)',
    jsonb_build_object(
        'age', age(d.datfrozenxid) / 1000000,
        'multixact_age', mxid_age(d.datminmxid) / 1000000,
        'freezes_at', current_setting('autovacuum_freeze_max_age')::bigint / 1000000,
        'multixact_freezes_at', current_setting('autovacuum_multixact_freeze_max_age')::bigint / 1000000,
        'page', current_setting('block_size')::bigint
    )::text
FROM pg_catalog.pg_database AS d
WHERE d.datname = current_database()
