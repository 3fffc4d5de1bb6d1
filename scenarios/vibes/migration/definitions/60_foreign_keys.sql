-- Foreign keys; the keys they point to exist by now. Those of other tables to ours are made again, too.
SELECT r.table_name, format('%I on %s', c.conname, coalesce(r.full_name, format('%I.%I', n.nspname, o.relname))),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s', coalesce(r.full_name, format('%I.%I', n.nspname, o.relname)),
              c.conname, pg_get_constraintdef(c.oid))
FROM pg_catalog.pg_constraint AS c
JOIN pg_catalog.pg_class AS o ON o.oid = c.conrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = o.relnamespace
LEFT JOIN relation AS r ON r.oid = c.conrelid
WHERE c.contype = 'f' AND c.conparentid = 0 AND (r.oid IS NOT NULL OR c.confrelid IN (SELECT oid FROM relation))
