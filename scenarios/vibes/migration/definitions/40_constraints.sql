-- Primary keys, unique, exclusion and check constraints, and what the planner gathers about their expressions.
SELECT r.table_name, format('%I on %s', c.conname, r.full_name),
       format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', r.full_name, c.conname, pg_get_constraintdef(c.oid),
              ' USING INDEX TABLESPACE ' || quote_ident(t.spcname))
       || coalesce((SELECT string_agg(format(E';\nALTER INDEX %s ALTER COLUMN %s SET STATISTICS %s',
                                             c.conindid::regclass, a.attnum, a.attstattarget), '' ORDER BY a.attnum)
                    FROM pg_catalog.pg_attribute AS a
                    WHERE a.attrelid = c.conindid AND a.attstattarget >= 0), '')
FROM relation AS r
JOIN pg_catalog.pg_constraint AS c ON c.conrelid = r.oid AND c.contype IN ('p', 'u', 'x', 'c')
LEFT JOIN pg_catalog.pg_class AS i ON i.oid = c.conindid
LEFT JOIN pg_catalog.pg_tablespace AS t ON t.oid = i.reltablespace
