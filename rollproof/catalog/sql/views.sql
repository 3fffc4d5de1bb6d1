-- identity: schema.view
-- description: kind, options, tablespace, replica identity, whether it is filled, and its query (columns are in columns)
-- In batches ($2, $3): PostgreSQL locks the tables a query reads (ACCESS SHARE) when it prints it, until the transaction ends.
SELECT
    format('%I.%I', n.nspname, c.relname) AS identity,
    concat_ws(
        ' ',
        CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END,
        CASE WHEN c.relkind = 'm' AND am.amname <> 'heap' THEN 'USING ' || quote_ident(am.amname) END,
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
        CASE
            WHEN c.relkind = 'm' THEN
                CASE c.relreplident
                    WHEN 'f' THEN 'REPLICA IDENTITY FULL'
                    WHEN 'i' THEN 'REPLICA IDENTITY USING INDEX'
                    WHEN 'n' THEN 'REPLICA IDENTITY NOTHING'
                END
        END,
        CASE WHEN NOT c.relispopulated THEN 'NOT POPULATED' END,
        'AS',
        ltrim(pg_get_viewdef(c.oid))
    ) AS description,
    c.oid
FROM (
    SELECT
        v.oid, v.relname, v.relnamespace, v.relkind, v.relam, v.reloptions, v.reltablespace,
        v.reltoastrelid, v.relreplident, v.relispopulated
    FROM pg_catalog.pg_class AS v
    WHERE v.oid > $2::oid
        AND v.relkind IN ('v', 'm')
        AND v.relnamespace IN (SELECT s.oid FROM pg_catalog.pg_namespace AS s WHERE s.nspname = ANY ($1))
        AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS d
            WHERE d.classid = v.tableoid AND d.objid = v.oid
                AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e'
        )
    ORDER BY v.oid
    LIMIT $3
) AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am AS am ON am.oid = c.relam
LEFT JOIN pg_catalog.pg_tablespace AS ts ON ts.oid = c.reltablespace
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = c.reltoastrelid
