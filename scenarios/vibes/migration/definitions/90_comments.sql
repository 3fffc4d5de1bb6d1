-- Comments on the tables, on everything in them, and on their views, sequences and functions.
SELECT o.table_name, format('%s %s', named.type, named.identity),
       format('COMMENT ON %s %s IS %L',
              CASE WHEN named.type LIKE '% column' THEN 'COLUMN' WHEN named.type = 'table constraint' THEN 'CONSTRAINT'
                   WHEN named.type = 'statistics object' THEN 'STATISTICS' ELSE upper(named.type) END,
              named.identity, d.description)
FROM (
    SELECT 'pg_catalog.pg_class'::regclass AS catalog, oid AS id, table_name FROM relation
    UNION ALL SELECT 'pg_catalog.pg_class'::regclass, oid, NULL FROM view_over
    UNION ALL SELECT 'pg_catalog.pg_class'::regclass, oid, table_name FROM counter
    UNION ALL SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid, r.table_name
              FROM carrier AS r JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, r.table_name
              FROM relation AS r JOIN pg_catalog.pg_constraint AS c ON c.conrelid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_constraint'::regclass, c.oid, NULL -- foreign keys of other tables
              FROM pg_catalog.pg_constraint AS c
              WHERE c.contype = 'f' AND c.confrelid IN (SELECT oid FROM relation) AND c.conrelid NOT IN (SELECT oid FROM relation)
    UNION ALL SELECT 'pg_catalog.pg_trigger'::regclass, t.oid, r.table_name
              FROM carrier AS r JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_policy'::regclass, p.oid, r.table_name
              FROM relation AS r JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid, r.table_name
              FROM carrier AS r JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid
    UNION ALL SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid, r.table_name
              FROM relation AS r JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = r.oid
    UNION ALL SELECT 'pg_catalog.pg_proc'::regclass, oid, NULL FROM trigger_function
) AS o
JOIN pg_catalog.pg_description AS d ON d.classoid = o.catalog AND d.objoid = o.id
CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS named
