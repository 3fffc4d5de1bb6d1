-- GENERATED … AS IDENTITY, with the name and the parameters of its sequence.
SELECT c.table_name, c.full_name,
       format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %s START WITH %s INCREMENT BY %s'
              ' MINVALUE %s MAXVALUE %s CACHE %s %s)',
              c.table_full_name, a.attname, CASE a.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END,
              c.full_name, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
              CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END)
FROM counter AS c
JOIN relation AS r ON r.table_name = c.table_name
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attname = c.attname
JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = c.oid
WHERE c.deptype = 'i'
