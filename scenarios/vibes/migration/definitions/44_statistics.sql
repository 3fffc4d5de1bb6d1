-- Extended statistics.
SELECT r.table_name, format('%I.%I', n.nspname, s.stxname),
       pg_get_statisticsobjdef(s.oid)
       || CASE WHEN s.stxstattarget >= 0
               THEN format(E';\nALTER STATISTICS %I.%I SET STATISTICS %s', n.nspname, s.stxname, s.stxstattarget) ELSE '' END
FROM relation AS r
JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = r.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
