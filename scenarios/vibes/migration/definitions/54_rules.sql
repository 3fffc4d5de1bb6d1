-- Rules on the tables.
SELECT r.table_name, format('%I on %s', w.rulename, r.full_name), rtrim(pg_get_ruledef(w.oid), ';')
FROM relation AS r
JOIN pg_catalog.pg_rewrite AS w ON w.ev_class = r.oid
