-- About two thousand objects, of every kind of which a database may have thousands: what one question must not read anew for each of another.
CREATE SCHEMA app;
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE parted (id integer PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE leads_there (id integer REFERENCES parted) PARTITION BY RANGE (id);
DO $$
DECLARE
    n integer;
BEGIN
    FOR n IN 1..40 LOOP
        EXECUTE format(
            'CREATE TABLE app.t%1$s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint REFERENCES app.t%2$s, name text NOT NULL UNIQUE DEFERRABLE,'
            ' made timestamptz DEFAULT now(), size integer CHECK (size > 0), ticket serial, twice integer GENERATED ALWAYS AS (size * 2) STORED);'
            'CREATE INDEX ON app.t%1$s (lower(name)); CREATE STATISTICS app.s%1$s ON id, parent FROM app.t%1$s;'
            'CREATE TRIGGER w BEFORE UPDATE ON app.t%1$s FOR EACH ROW EXECUTE FUNCTION watch(); CREATE POLICY p ON app.t%1$s USING (id > 0);'
            'CREATE RULE r AS ON DELETE TO app.t%1$s DO INSTEAD NOTHING; COMMENT ON TABLE app.t%1$s IS ''a table'';'
            'COMMENT ON COLUMN app.t%1$s.id IS ''a key''; GRANT SELECT ON app.t%1$s TO PUBLIC; GRANT UPDATE (name) ON app.t%1$s TO PUBLIC;'
            'CREATE VIEW app.v%1$s AS SELECT id, name FROM app.t%1$s; CREATE MATERIALIZED VIEW app.m%1$s AS SELECT id FROM app.t%1$s;'
            'CREATE FUNCTION app.f%1$s(a integer) RETURNS integer LANGUAGE sql AS ''SELECT a''; GRANT EXECUTE ON FUNCTION app.f%1$s TO PUBLIC;'
            'CREATE TYPE app.e%1$s AS ENUM (''a'', ''b''); CREATE DOMAIN app.d%1$s AS integer CHECK (VALUE > 0); CREATE TYPE app.c%1$s AS (a integer, b text);'
            'CREATE TYPE app.r%1$s AS RANGE (SUBTYPE = integer); CREATE AGGREGATE app.a%1$s (integer) (SFUNC = int4pl, STYPE = integer);'
            'CREATE OPERATOR app.<%3$s (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer);'
            'CREATE COLLATION app.k%1$s FROM "C"; CREATE TEXT SEARCH CONFIGURATION app.x%1$s (COPY = simple); CREATE OPERATOR FAMILY app.o%1$s USING btree;'
            'CREATE TABLE app.p%1$s PARTITION OF parted FOR VALUES FROM (%1$s) TO (%4$s);'
            'CREATE TABLE app.q%1$s PARTITION OF leads_there FOR VALUES FROM (%1$s) TO (%4$s);',
            n, greatest(1, n - 1), repeat('<', n % 30 + 1) || repeat('>', n / 30 + 1), n + 1
        );
        PERFORM lo_create(0);
    END LOOP;
END
$$;
