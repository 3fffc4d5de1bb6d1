-- Row security policies that look at no other of the tables; whether they are switched on is a setting of the table.
SELECT r.table_name, format('%I on %s', p.polname, r.full_name),
       format('CREATE POLICY %I ON %s AS %s FOR %s TO %s%s%s', p.polname, r.full_name,
              CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
              CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
              (SELECT string_agg(CASE WHEN role = 0 THEN 'PUBLIC' ELSE role::regrole::text END, ', ' ORDER BY number)
               FROM unnest(p.polroles) WITH ORDINALITY AS u (role, number)),
              ' USING (' || pg_get_expr(p.polqual, r.oid) || ')',
              ' WITH CHECK (' || pg_get_expr(p.polwithcheck, r.oid) || ')')
FROM relation AS r
JOIN pg_catalog.pg_policy AS p ON p.polrelid = r.oid
WHERE p.oid NOT IN (SELECT objid FROM looks_elsewhere WHERE classid = 'pg_catalog.pg_policy'::regclass)
