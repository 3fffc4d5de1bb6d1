-- Which column owns a sequence, and takes it along when it goes.
SELECT table_name, full_name, format('ALTER SEQUENCE %s OWNED BY %s.%I', full_name, table_full_name, attname)
FROM counter
WHERE deptype = 'a'
