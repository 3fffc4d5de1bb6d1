-- What ALTER TABLE says of a whole table: row security, replica identity, the index to cluster by.
SELECT r.table_name, format('%s, %s', r.full_name, setting.name), format('ALTER TABLE %s %s', r.full_name, setting.value)
FROM relation AS r
LEFT JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid AND i.indisreplident
LEFT JOIN pg_catalog.pg_class AS replica ON replica.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_index AS j ON j.indrelid = r.oid AND j.indisclustered
LEFT JOIN pg_catalog.pg_class AS clustered ON clustered.oid = j.indexrelid
CROSS JOIN LATERAL (
    VALUES
    ('row security', CASE WHEN r.relrowsecurity THEN 'ENABLE ROW LEVEL SECURITY' END),
    ('forced row security', CASE WHEN r.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END),
    ('replica identity', CASE r.relreplident
                              WHEN 'n' THEN 'REPLICA IDENTITY NOTHING'
                              WHEN 'f' THEN 'REPLICA IDENTITY FULL'
                              WHEN 'i' THEN 'REPLICA IDENTITY USING INDEX ' || quote_ident(replica.relname) END),
    ('clustered', 'CLUSTER ON ' || quote_ident(clustered.relname))
) AS setting (name, value)
WHERE setting.value IS NOT NULL
