-- How columns are stored and what the planner gathers about them, where it is not the type's default.
SELECT r.table_name, format('%I of %s, %s', a.attname, r.full_name, setting.name),
       format('ALTER TABLE %s ALTER COLUMN %I SET %s', r.full_name, a.attname, setting.value)
FROM relation AS r
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS ty ON ty.oid = a.atttypid
CROSS JOIN target
CROSS JOIN LATERAL (
    VALUES
    ('storage', CASE WHEN a.attstorage <> ty.typstorage AND r.table_name || '.' || a.attname <> ALL (target.uuid_columns)
                     THEN 'STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                                                          WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END),
    ('compression', CASE a.attcompression WHEN 'p' THEN 'COMPRESSION pglz' WHEN 'l' THEN 'COMPRESSION lz4' END),
    ('statistics', CASE WHEN a.attstattarget >= 0 THEN 'STATISTICS ' || a.attstattarget END),
    ('options', '(' || array_to_string(a.attoptions, ', ') || ')')
) AS setting (name, value)
WHERE setting.value IS NOT NULL
