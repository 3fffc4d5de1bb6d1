-- The database that every mutation starts from: one of most things. No roles: they would belong to the whole server.
CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'the application';

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN positive AS numeric(10, 2) DEFAULT 1 NOT NULL CONSTRAINT above CHECK (VALUE > 0) CONSTRAINT below CHECK (VALUE < 1000);
CREATE TYPE pair AS (a integer, b text);
CREATE TYPE span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE SEQUENCE counter;
CREATE SEQUENCE spare;

CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION plus(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
CREATE PROCEDURE tidy() LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE total (integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0');
CREATE FUNCTION same_sign(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT sign($1) = sign($2)';
CREATE OPERATOR === (FUNCTION = same_sign, LEFTARG = integer, RIGHTARG = integer, COMMUTATOR = ===);

CREATE TABLE users (
    id serial PRIMARY KEY,
    email varchar(36) NOT NULL CONSTRAINT users_email UNIQUE,
    name text COLLATE "C" DEFAULT 'nobody',
    score numeric(10, 2) CONSTRAINT users_score CHECK (score >= 0),
    feeling mood,
    twice numeric GENERATED ALWAYS AS (score * 2) STORED,
    ticket bigint DEFAULT nextval('counter'),
    seen timestamptz DEFAULT now()
);
CREATE INDEX users_name ON users (lower(name)) WHERE score > 1;
CREATE STATISTICS users_kinds (ndistinct) ON name, score FROM users;
CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
COMMENT ON TABLE users IS 'who';
COMMENT ON COLUMN users.email IS 'how to reach them';

CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id integer NOT NULL CONSTRAINT orders_user REFERENCES users ON DELETE CASCADE,
    note text,
    amount positive,
    during int4range,
    place integer CONSTRAINT orders_place UNIQUE DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT orders_apart EXCLUDE USING gist (during WITH &&)
);
CREATE INDEX orders_user_id ON orders (user_id);
CREATE POLICY orders_own ON orders FOR SELECT TO PUBLIC USING (user_id = 1);
CREATE RULE orders_keep AS ON DELETE TO orders WHERE OLD.id = 0 DO INSTEAD NOTHING;

CREATE TABLE app.log (id integer, at date NOT NULL, line text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE app.log_2024 PARTITION OF app.log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE app.log_2025 PARTITION OF app.log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE app.notes (log_id integer, log_at date, note text, CONSTRAINT notes_log FOREIGN KEY (log_id, log_at) REFERENCES app.log);
CREATE TRIGGER log_touch AFTER INSERT ON app.log FOR EACH ROW EXECUTE FUNCTION touch();

CREATE TABLE app.animals (name text, CONSTRAINT named CHECK (name <> ''));
CREATE TABLE app.things (weight integer);
CREATE TABLE app.cats (lives integer) INHERITS (app.animals, app.things);

CREATE VIEW active AS SELECT id, email FROM users WHERE score > 0;
CREATE MATERIALIZED VIEW tops AS SELECT id, score FROM users;
CREATE UNIQUE INDEX tops_id ON tops (id);

CREATE FUNCTION touch_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER nothing_dropped ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION touch_ddl();
CREATE PUBLICATION news FOR TABLE users;
CREATE FOREIGN DATA WRAPPER far;
CREATE SERVER away FOREIGN DATA WRAPPER far OPTIONS (host 'there');
CREATE FOREIGN TABLE app.remote (id integer OPTIONS (column_name 'key')) SERVER away OPTIONS (name 'remote');
CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple);
CREATE TEXT SEARCH DICTIONARY short (TEMPLATE = simple, STOPWORDS = english);
CREATE COLLATION plain_c (PROVIDER = libc, LOCALE = 'C');
CREATE CONVERSION latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE CAST (pair AS text) WITH INOUT AS ASSIGNMENT;
CREATE OPERATOR FAMILY numbers USING btree;
CREATE OPERATOR CLASS backwards FOR TYPE integer USING btree FAMILY numbers AS
    OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 btint4cmp(integer, integer);
