-- What runs inside the database.
CREATE OR REPLACE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql VOLATILE RETURN n * 2;
ALTER TABLE items DISABLE TRIGGER items_watch;
ALTER TABLE items ENABLE ALWAYS RULE items_keep;
ALTER EVENT TRIGGER on_ddl DISABLE;
CREATE OR REPLACE VIEW names WITH (security_barrier) AS SELECT name FROM items;
CREATE OR REPLACE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '1');
