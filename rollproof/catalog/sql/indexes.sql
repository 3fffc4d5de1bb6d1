-- identity: schema.table.index
-- description: its definition, then what makes it useless or special
SELECT
    format('%I.%I.%I', n.nspname, c.relname, ic.relname) AS identity,
    concat_ws(
        ' ',
        pg_get_indexdef(i.indexrelid),
        'TABLESPACE ' || quote_ident(ts.spcname),
        targets.text,
        'PARTITION OF ' || quote_ident(pn.nspname) || '.' || quote_ident(pc.relname),
        CASE WHEN NOT i.indisvalid THEN 'INVALID' END,
        CASE WHEN NOT i.indisready THEN 'NOT READY' END,
        CASE WHEN NOT i.indislive THEN 'BEING DROPPED' END,
        CASE WHEN i.indisclustered THEN 'CLUSTER ON' END,
        CASE WHEN i.indisreplident THEN 'REPLICA IDENTITY' END
    ) AS description
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_class AS c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = ic.reltablespace
LEFT JOIN pg_catalog.pg_inherits AS inh ON ic.relispartition AND inh.inhrelid = ic.oid
LEFT JOIN pg_catalog.pg_class AS pc ON pc.oid = inh.inhparent
LEFT JOIN pg_catalog.pg_namespace AS pn ON pn.oid = pc.relnamespace
LEFT JOIN (
    SELECT a.attrelid, string_agg(format('STATISTICS %s ON COLUMN %s', a.attstattarget, a.attnum), ' ' ORDER BY a.attnum) AS text
    FROM pg_catalog.pg_attribute AS a
    -- System columns have 0, everything else its own target or none.
    WHERE a.attnum > 0 AND a.attstattarget >= 0
    GROUP BY a.attrelid
) AS targets ON targets.attrelid = i.indexrelid
WHERE n.nspname = ANY ($1)
