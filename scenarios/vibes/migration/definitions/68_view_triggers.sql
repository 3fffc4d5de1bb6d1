-- INSTEAD OF triggers of views.
SELECT NULL, format('%I on %s', t.tgname, r.full_name),
       pg_get_triggerdef(t.oid)
       || CASE WHEN t.tgenabled = 'O' THEN '' ELSE
               format(E';\nALTER TABLE %s %s TRIGGER %I', r.full_name,
                      CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END,
                      t.tgname) END
FROM view_over AS r
JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal
