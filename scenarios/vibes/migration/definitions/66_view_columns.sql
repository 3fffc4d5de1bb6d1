-- Defaults of views' columns; how those of materialised views are stored and what the planner gathers about them.
SELECT NULL, format('%I of %s, %s', a.attname, v.full_name, setting.name),
       format('ALTER TABLE %s ALTER COLUMN %I SET %s', v.full_name, a.attname, setting.value)
FROM view_over AS v
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = v.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type AS ty ON ty.oid = a.atttypid
LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = v.oid AND d.adnum = a.attnum
CROSS JOIN LATERAL (
    VALUES
    ('default', 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)),
    ('storage', CASE WHEN v.relkind = 'm' AND a.attstorage <> ty.typstorage
                     THEN 'STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL'
                                                          WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END),
    ('compression', CASE a.attcompression WHEN 'p' THEN 'COMPRESSION pglz' WHEN 'l' THEN 'COMPRESSION lz4' END),
    ('statistics', CASE WHEN a.attstattarget >= 0 THEN 'STATISTICS ' || a.attstattarget END),
    ('options', '(' || array_to_string(a.attoptions, ', ') || ')')
) AS setting (name, value)
WHERE setting.value IS NOT NULL
