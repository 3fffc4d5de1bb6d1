-- Indexes of materialised views, what the planner gathers about their expressions, and the one to cluster by.
SELECT NULL, format('%s on %s', i.indexrelid::regclass, r.full_name),
       pg_get_indexdef(i.indexrelid) || coalesce(' TABLESPACE ' || quote_ident(t.spcname), '')
       || coalesce((SELECT string_agg(format(E';\nALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s',
                                             i.indexrelid::regclass, a.attnum, a.attstattarget), '' ORDER BY a.attnum)
                    FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0), '')
       || CASE WHEN i.indisclustered THEN format(E';\nALTER MATERIALIZED VIEW %s CLUSTER ON %I', r.full_name, c.relname) ELSE '' END
FROM view_over AS r
JOIN pg_catalog.pg_index AS i ON i.indrelid = r.oid
JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_tablespace AS t ON t.oid = c.reltablespace
