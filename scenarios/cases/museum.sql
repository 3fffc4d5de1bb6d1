-- One of each kind of object PostgreSQL has, for the cases about the catalogue.
CREATE SCHEMA wing;
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE DOMAIN percent AS numeric CHECK (VALUE BETWEEN 0 AND 100);
CREATE TYPE pair AS (a integer, b integer);
CREATE COLLATION plain FROM "C";
CREATE FUNCTION twice(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n * 2;
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE FUNCTION same(pair, pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a';
CREATE AGGREGATE total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE OPERATOR === (LEFTARG = pair, RIGHTARG = pair, FUNCTION = same);
CREATE OPERATOR FAMILY oddities USING btree;
CREATE CAST (pair AS text) WITH INOUT;
CREATE CONVERSION from_latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
CREATE LANGUAGE spoken HANDLER plpgsql_call_handler;
CREATE TRANSFORM FOR integer LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal), TO SQL WITH FUNCTION int4recv(internal));
CREATE ACCESS METHOD pile TYPE TABLE HANDLER heap_tableam_handler;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'a');
CREATE FOREIGN TABLE remote (id integer) SERVER far OPTIONS (name 'x');

CREATE TABLE items (
    id serial PRIMARY KEY,
    parent_id integer REFERENCES items (id),
    name text NOT NULL,
    colour text,
    mood mood
);
INSERT INTO items (name, parent_id) SELECT 'item ' || n, CASE WHEN n > 1 THEN 1 END FROM generate_series(1, 50) AS n;
CREATE INDEX items_name_idx ON items (name);
CREATE STATISTICS items_stats (dependencies) ON name, colour FROM items;
CREATE TRIGGER items_watch BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION watch();
CREATE RULE items_keep AS ON DELETE TO items DO INSTEAD NOTHING;
CREATE POLICY items_mine ON items USING (name = current_user);
CREATE TABLE parted (id integer) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (100);
CREATE TABLE base (id integer);
CREATE TABLE child () INHERITS (base);
CREATE VIEW names AS SELECT name FROM items;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) AS n FROM items;
CREATE PUBLICATION news FOR TABLE items;
CREATE EVENT TRIGGER on_ddl ON ddl_command_end WHEN TAG IN ('CREATE SCHEMA') EXECUTE FUNCTION ddl();
COMMENT ON TABLE items IS 'things';
GRANT SELECT ON items TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
SELECT lo_create(4711);
DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = ''5MB''', current_database()); END $$;
ANALYZE;
