-- Owners. An identity's sequence and an owned one follow their table.
SELECT o.table_name, o.full_name, format('ALTER %s %s OWNER TO %s', o.keyword, o.full_name, o.owner::regrole)
FROM object AS o
WHERE o.keyword <> 'SEQUENCE' OR EXISTS (SELECT FROM counter AS c WHERE c.full_name = o.full_name AND c.deptype = 'n')
UNION ALL
SELECT r.table_name, format('statistics %I.%I', n.nspname, s.stxname),
       format('ALTER STATISTICS %I.%I OWNER TO %s', n.nspname, s.stxname, s.stxowner::regrole)
FROM relation AS r
JOIN pg_catalog.pg_statistic_ext AS s ON s.stxrelid = r.oid
JOIN pg_catalog.pg_namespace AS n ON n.oid = s.stxnamespace
