-- Views, each after those that it reads. A materialised one is filled anew: it was up to date when the backup was taken.
SELECT NULL, v.full_name,
       format('CREATE %sVIEW %s%s%s%s AS %s%s', CASE v.relkind WHEN 'm' THEN 'MATERIALIZED ' END, v.full_name,
              ' USING ' || quote_ident(am.amname), ' WITH (' || options.list || ')', ' TABLESPACE ' || quote_ident(t.spcname),
              rtrim(pg_get_viewdef(v.oid), ';'),
              CASE WHEN v.relkind = 'm' AND NOT v.relispopulated THEN ' WITH NO DATA' END) AS statement
FROM view_over AS v
LEFT JOIN pg_catalog.pg_am AS am ON am.oid = v.relam
LEFT JOIN pg_catalog.pg_tablespace AS t ON t.oid = v.reltablespace
LEFT JOIN pg_catalog.pg_class AS toast ON toast.oid = v.reltoastrelid
CROSS JOIN LATERAL (
    SELECT string_agg(format('%s = %L', o.prefix || split_part(o.pair, '=', 1), substr(o.pair, strpos(o.pair, '=') + 1)), ', '
                      ORDER BY o.place, o.number) AS list
    FROM (
        SELECT '' AS prefix, pair, 1 AS place, number FROM unnest(v.reloptions) WITH ORDINALITY AS u (pair, number)
        UNION ALL
        SELECT 'toast.', pair, 2, number FROM unnest(toast.reloptions) WITH ORDINALITY AS u (pair, number)
    ) AS o
) AS options
ORDER BY v.depth, v.full_name
