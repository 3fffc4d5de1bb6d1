-- Defaults. That of a migrated key still makes a text, which is cast.
SELECT r.table_name, format('%I of %s', a.attname, r.full_name),
       format(CASE WHEN r.table_name || '.' || a.attname = ANY (target.uuid_columns)
                   THEN 'ALTER TABLE %s ALTER COLUMN %I SET DEFAULT (%s)::uuid'
                   ELSE 'ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s' END,
              r.full_name, a.attname, pg_get_expr(d.adbin, d.adrelid))
FROM relation AS r
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = r.oid AND d.adnum = a.attnum
CROSS JOIN target
