-- The table with its columns in their order; defaults, identities and constraints follow when the rows are in.
SELECT r.table_name, r.full_name,
       format('CREATE %sTABLE %s (%s) USING %I%s%s',
              CASE r.relpersistence WHEN 'u' THEN 'UNLOGGED ' END,
              r.full_name, live.columns, am.amname, ' WITH (' || options.list || ')', ' TABLESPACE ' || quote_ident(t.spcname))
FROM relation AS r
JOIN pg_catalog.pg_am AS am ON am.oid = r.relam
LEFT JOIN pg_catalog.pg_tablespace AS t ON t.oid = r.reltablespace
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = r.reltoastrelid
CROSS JOIN target
CROSS JOIN LATERAL (
    SELECT string_agg(
               format('%I %s%s%s%s', a.attname,
                      CASE WHEN migrates.yes THEN 'uuid' ELSE format_type(a.atttypid, a.atttypmod) END,
                      CASE WHEN NOT migrates.yes AND a.attcollation <> ty.typcollation
                           THEN ' COLLATE ' || a.attcollation::regcollation END,
                      CASE a.attgenerated
                           WHEN 's' THEN format(' GENERATED ALWAYS AS (%s) STORED', pg_get_expr(d.adbin, d.adrelid))
                           WHEN 'v' THEN format(' GENERATED ALWAYS AS (%s) VIRTUAL', pg_get_expr(d.adbin, d.adrelid)) END,
                      -- From 18 on NOT NULL is a constraint with a name: 28_not_null.sql.
                      CASE WHEN a.attnotnull AND current_setting('server_version_num')::int < 180000 THEN ' NOT NULL' END),
               ', ' ORDER BY a.attnum) AS columns
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_type AS ty ON ty.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    CROSS JOIN LATERAL (SELECT r.table_name || '.' || a.attname = ANY (target.uuid_columns) AS yes) AS migrates
    WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
) AS live
CROSS JOIN LATERAL (
    SELECT string_agg(format('%s = %L', o.prefix || split_part(o.pair, '=', 1), substr(o.pair, strpos(o.pair, '=') + 1)), ', '
                      ORDER BY o.place, o.number) AS list
    FROM (
        SELECT '' AS prefix, pair, 1 AS place, number FROM unnest(r.reloptions) WITH ORDINALITY AS u (pair, number)
        UNION ALL
        SELECT 'toast.', pair, 2, number FROM unnest(toast.reloptions) WITH ORDINALITY AS u (pair, number)
    ) AS o
) AS options
