-- Sequences that are objects of their own; an identity's sequence comes with its column.
SELECT c.table_name, c.full_name,
       format('CREATE SEQUENCE IF NOT EXISTS %s AS %s START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s %s',
              c.full_name, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
              CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END)
FROM counter AS c
JOIN pg_catalog.pg_sequence AS s ON s.seqrelid = c.oid
WHERE c.deptype <> 'i'
