-- Rules on the tables that look at no other of them, and whether they fire.
SELECT r.table_name, format('%I on %s', w.rulename, r.full_name),
       rtrim(pg_get_ruledef(w.oid), ';')
       || CASE WHEN w.ev_enabled = 'O' THEN '' ELSE
               format(E';\nALTER TABLE %s %s RULE %I', r.full_name,
                      CASE w.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END,
                      w.rulename) END
FROM relation AS r
JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid
WHERE w.oid NOT IN (SELECT objid FROM looks_elsewhere WHERE classid = 'pg_catalog.pg_rewrite'::regclass)
