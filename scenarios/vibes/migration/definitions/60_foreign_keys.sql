-- Foreign keys; the keys they point to exist by now.
SELECT r.table_name, format('%I on %s', c.conname, r.full_name),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', r.full_name, c.conname, pg_get_constraintdef(c.oid))
FROM relation AS r
JOIN pg_catalog.pg_constraint AS c ON c.conrelid = r.oid AND c.contype = 'f' AND c.conparentid = 0
