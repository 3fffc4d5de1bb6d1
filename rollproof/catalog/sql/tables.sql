-- identity: schema.table
-- description: kind, persistence, partition key, access method, options, tablespace, replica identity
-- Elsewhere: row_security, partitions (bounds), inheritance (parents), foreign_tables (server, options), owners.
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    concat_ws(
        ' ',
        CASE c.relpersistence WHEN 'u' THEN 'unlogged' WHEN 't' THEN 'temporary' END,
        CASE c.relkind WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' ELSE 'table' END,
        CASE WHEN c.reloftype <> 0 THEN 'OF ' || format_type(c.reloftype, NULL) END,
        CASE WHEN c.relkind = 'p' THEN 'PARTITION BY ' || pg_get_partkeydef(c.oid) END,
        CASE WHEN am.amname <> 'heap' OR c.relkind = 'p' THEN 'USING ' || quote_ident(am.amname) END,
        CASE
            WHEN c.reloptions IS NOT NULL THEN
                'WITH (' || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(c.reloptions) AS o) || ')'
        END,
        CASE
            WHEN toast.reloptions IS NOT NULL THEN
                'TOAST WITH ('
                || (SELECT string_agg(o, ', ' ORDER BY o COLLATE "C") FROM unnest(toast.reloptions) AS o) || ')'
        END,
        'TABLESPACE ' || quote_ident(ts.spcname),
        -- "USING INDEX" stays true when that index is gone, and then nothing identifies a row; which index it is, indexes says.
        CASE c.relreplident
            WHEN 'f' THEN 'REPLICA IDENTITY FULL'
            WHEN 'i' THEN 'REPLICA IDENTITY USING INDEX'
            WHEN 'n' THEN CASE WHEN c.relkind <> 'f' THEN 'REPLICA IDENTITY NOTHING' END
        END
    ) AS description
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = c.reltoastrelid
WHERE n.nspname = ANY ($1)
    AND c.relkind IN ('r', 'p', 'f')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS d
        WHERE d.classid = c.tableoid AND d.objid = c.oid
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
    )
