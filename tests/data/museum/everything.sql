-- Every kind of object that PostgreSQL has, in every variety that its catalogue tells apart, on top of scenarios/cases/museum.sql. It is not
-- part of that file, because the cases verify a copy of it each, and each table costs every one of them a page of checks.
-- A line that ends in a guard, as the questions have them, is for those servers alone. ROLE_A and ROLE_B are roles of the test's own.
CREATE SCHEMA hall AUTHORIZATION ROLE_A;
COMMENT ON SCHEMA hall IS 'kept';

CREATE TYPE hall.shell;
CREATE TYPE hall.blob;
CREATE FUNCTION hall.blob_in(cstring) RETURNS hall.blob LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION hall.blob_out(hall.blob) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE FUNCTION hall.blob_recv(internal) RETURNS hall.blob LANGUAGE internal STABLE STRICT AS 'textrecv';
CREATE FUNCTION hall.blob_send(hall.blob) RETURNS bytea LANGUAGE internal STABLE STRICT AS 'textsend';
CREATE TYPE hall.blob (INPUT = hall.blob_in, OUTPUT = hall.blob_out, RECEIVE = hall.blob_recv, SEND = hall.blob_send, INTERNALLENGTH = variable, STORAGE = extended, CATEGORY = 'S', COLLATABLE = true);
CREATE TYPE hall.colour AS ENUM ('red', 'green');
CREATE TYPE hall.pair AS (a integer, b text COLLATE "C");
CREATE TYPE hall.span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi, MULTIRANGE_TYPE_NAME = hall.spans);
CREATE TYPE hall.words AS RANGE (SUBTYPE = text, COLLATION = "C");
CREATE TYPE hall.reach AS RANGE (SUBTYPE = float8);
REVOKE EXECUTE ON FUNCTION hall.reach(float8, float8) FROM PUBLIC;
ALTER FUNCTION hall.reach(float8, float8, text) OWNER TO ROLE_A;
COMMENT ON FUNCTION hall.reach(float8, float8) IS 'kept';
SET ROLE ROLE_A;
CREATE TYPE hall.theirs AS RANGE (SUBTYPE = float8);
RESET ROLE;
CREATE DOMAIN hall.grade AS varchar(9) COLLATE "C" DEFAULT 'a' CONSTRAINT given NOT NULL CONSTRAINT short CHECK (VALUE <> 'aa');
CREATE DOMAIN hall.pairs AS hall.pair CHECK ((VALUE).a > 0);
CREATE DOMAIN hall.lists AS integer[];

CREATE FUNCTION hall.plus(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN a + b;
CREATE FUNCTION hall.many(VARIADIC x text[]) RETURNS TABLE (n integer, t text) LANGUAGE sql STABLE PARALLEL RESTRICTED ROWS 5 COST 7 SET work_mem = '1MB' AS 'SELECT 1, $1[1]';
CREATE FUNCTION hall.out(INOUT a integer, OUT b text) LANGUAGE plpgsql SECURITY DEFINER LEAKPROOF STRICT AS 'BEGIN b := a; END';
CREATE FUNCTION hall.place(integer) RETURNS bigint LANGUAGE internal WINDOW AS 'window_row_number';
CREATE PROCEDURE hall.tidy(INOUT n integer) LANGUAGE plpgsql AS 'BEGIN n := 1; END';
CREATE FUNCTION hall.watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE AGGREGATE hall.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '0', COMBINEFUNC = int4pl, PARALLEL = SAFE, MSFUNC = int4pl, MINVFUNC = int4mi, MSTYPE = integer, MINITCOND = '0');
CREATE AGGREGATE hall.middle(float8 ORDER BY anyelement) (SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final, FINALFUNC_EXTRA, FINALFUNC_MODIFY = SHAREABLE);
CREATE AGGREGATE hall.would(VARIADIC "any" ORDER BY VARIADIC "any") (SFUNC = ordered_set_transition_multi, STYPE = internal, FINALFUNC = rank_final, FINALFUNC_EXTRA, HYPOTHETICAL);
CREATE FUNCTION hall.less(hall.pair, hall.pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.a < $2.a';
CREATE FUNCTION hall.compare(hall.pair, hall.pair) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT btint4cmp($1.a, $2.a)';
CREATE OPERATOR hall.<<< (LEFTARG = hall.pair, RIGHTARG = hall.pair, FUNCTION = hall.less, COMMUTATOR = OPERATOR(hall.>>>), RESTRICT = scalarltsel, JOIN = scalarltjoinsel);
CREATE OPERATOR hall.<<< (LEFTARG = integer, RIGHTARG = integer, FUNCTION = int4lt);
CREATE OPERATOR hall.!!! (RIGHTARG = integer, FUNCTION = int4abs);
CREATE OPERATOR FAMILY hall.pairs USING btree;
CREATE OPERATOR FAMILY hall.pairs USING hash;
CREATE OPERATOR CLASS hall.by_a FOR TYPE hall.pair USING btree FAMILY hall.pairs AS OPERATOR 1 hall.<<<, FUNCTION 1 hall.compare(hall.pair, hall.pair);
CREATE OPERATOR CLASS hall.backwards DEFAULT FOR TYPE hall.span USING gist AS OPERATOR 15 <<(anyrange, anyrange), FUNCTION 1 range_gist_consistent(internal, anyrange, smallint, oid, internal), STORAGE hall.span;
CREATE CAST (hall.colour AS integer) WITH INOUT;
CREATE CAST (hall.pair AS hall.blob) WITH INOUT AS ASSIGNMENT;
CREATE FUNCTION hall.to_int(hall.blob) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
CREATE CAST (hall.blob AS integer) WITH FUNCTION hall.to_int(hall.blob) AS IMPLICIT;
CREATE CAST (hall.blob AS text) WITHOUT FUNCTION;
CREATE COLLATION hall.plain (PROVIDER = libc, LOCALE = 'C');
-- Not every server is built with ICU.
DO 'BEGIN CREATE COLLATION hall.loose (PROVIDER = icu, LOCALE = ''und-u-ks-level2'', DETERMINISTIC = false); EXCEPTION WHEN feature_not_supported THEN END';
CREATE COLLATION hall.within (PROVIDER = builtin, LOCALE = 'C.UTF-8'); -- from 17
CREATE DEFAULT CONVERSION hall.latin FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE TEXT SEARCH DICTIONARY hall.short (TEMPLATE = simple, ACCEPT = false);
CREATE TEXT SEARCH TEMPLATE hall.mould (INIT = dsimple_init, LEXIZE = dsimple_lexize);
CREATE TEXT SEARCH PARSER hall.reader (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);
CREATE TEXT SEARCH CONFIGURATION hall.words (COPY = english);
CREATE ACCESS METHOD heap_again TYPE TABLE HANDLER heap_tableam_handler;
CREATE ACCESS METHOD btree_again TYPE INDEX HANDLER bthandler;
CREATE TRUSTED LANGUAGE again HANDLER plpgsql_call_handler INLINE plpgsql_inline_handler VALIDATOR plpgsql_validator;
CREATE FOREIGN DATA WRAPPER beyond OPTIONS (debug 'true');
CREATE SERVER away TYPE 'old' VERSION '1' FOREIGN DATA WRAPPER beyond OPTIONS (host 'there');
CREATE USER MAPPING FOR PUBLIC SERVER away OPTIONS (who 'x');
CREATE USER MAPPING FOR ROLE_A SERVER away OPTIONS (who 'a');
CREATE FOREIGN TABLE hall.remote (id integer OPTIONS (column_name 'key') CHECK (id > 0), t text) SERVER away OPTIONS (name 'remote');

CREATE SEQUENCE hall.counter AS smallint INCREMENT 2 MINVALUE 2 MAXVALUE 900 START 4 CACHE 3 CYCLE;
CREATE UNLOGGED SEQUENCE hall.quick; -- from 15
CREATE TABLE hall.main (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code integer GENERATED BY DEFAULT AS IDENTITY,
    num serial,
    a integer CONSTRAINT a_positive CHECK (a > 0),
    b text COLLATE "C" NOT NULL DEFAULT 'x',
    c hall.colour,
    d hall.grade,
    "e f" timestamptz DEFAULT '2020-01-01 00:00+00',
    g integer GENERATED ALWAYS AS (a * 2) STORED,
    v integer GENERATED ALWAYS AS (a * 3) VIRTUAL, -- from 18
    r int4range,
    two bigint DEFAULT nextval('hall.counter') + nextval('items_id_seq'),
    p hall.pair,
    ps hall.pair[],
    s hall.span,
    ss hall.spans,
    CONSTRAINT main_code UNIQUE (code) INCLUDE (num) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT apart EXCLUDE USING gist (r WITH &&) WHERE (a > 1)
) WITH (fillfactor = 80, autovacuum_enabled = false, toast.autovacuum_enabled = false);
ALTER TABLE hall.main ALTER b SET STORAGE EXTERNAL, ALTER b SET COMPRESSION pglz, ALTER b SET STATISTICS 50, ALTER b SET (n_distinct = 5);
ALTER TABLE hall.main ADD CONSTRAINT a_small CHECK (a < 1000) NO INHERIT NOT VALID;
ALTER TABLE hall.main ADD CONSTRAINT a_even CHECK (a <> 3) NOT ENFORCED; -- from 18
CREATE UNIQUE INDEX main_a ON hall.main (a) NULLS NOT DISTINCT; -- from 15
CREATE UNIQUE INDEX main_num ON hall.main (num);
ALTER TABLE hall.main REPLICA IDENTITY USING INDEX main_num;
CREATE INDEX main_lower ON hall.main (lower(b) DESC, (a + 1)) WHERE a > 5;
ALTER INDEX hall.main_lower ALTER COLUMN 2 SET STATISTICS 70;
CREATE INDEX main_brin ON hall.main USING brin (a) WITH (pages_per_range = 9);
CREATE INDEX main_hash ON hall.main USING hash (a);
CREATE INDEX main_gin ON hall.main USING gin (to_tsvector('simple', b));
CREATE INDEX main_spgist ON hall.main USING spgist (b);
CREATE INDEX main_siglen ON hall.main USING gist (to_tsvector('simple', b) tsvector_ops (siglen = 100));
CLUSTER hall.main USING main_pkey;
CREATE STATISTICS hall.main_d (dependencies) ON a, b FROM hall.main;
CREATE STATISTICS hall.main_n (ndistinct, mcv) ON a, c FROM hall.main;
CREATE STATISTICS hall.main_e ON (a + 1), lower(b) FROM hall.main;
ALTER STATISTICS hall.main_d SET STATISTICS 33;
CREATE STATISTICS wing.main_d (ndistinct) ON a, b FROM hall.main;
CREATE TABLE hall.other (id bigint PRIMARY KEY DEFAULT 7, x bigint, y bigint, b text);
ALTER TABLE hall.other ADD CONSTRAINT fk_a FOREIGN KEY (x) REFERENCES hall.main ON DELETE CASCADE ON UPDATE SET NULL;
ALTER TABLE hall.other ADD CONSTRAINT fk_b FOREIGN KEY (y) REFERENCES hall.other MATCH FULL ON DELETE SET DEFAULT ON UPDATE RESTRICT DEFERRABLE NOT VALID;
ALTER TABLE hall.other ADD CONSTRAINT fk_d FOREIGN KEY (x) REFERENCES hall.main NOT ENFORCED; -- from 18
ALTER TABLE hall.other REPLICA IDENTITY FULL;
CREATE TABLE hall.nothing ();
ALTER TABLE hall.nothing REPLICA IDENTITY NOTHING;
CREATE UNLOGGED TABLE hall.rough (id integer) USING heap_again;
CREATE TABLE hall.typed OF hall.pair (a WITH OPTIONS NOT NULL, PRIMARY KEY (a));
CREATE TABLE hall.periods (id int4range, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS)); -- from 18
CREATE TABLE hall.child (extra integer) INHERITS (hall.other);
CREATE TABLE hall.parted (id integer, at date, t text DEFAULT 'p', PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE hall.parted_1 PARTITION OF hall.parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY LIST (id);
CREATE TABLE hall.parted_1_a PARTITION OF hall.parted_1 FOR VALUES IN (1, 2);
CREATE TABLE hall.parted_1_b PARTITION OF hall.parted_1 DEFAULT;
CREATE TABLE hall.hashed (a integer, b text) PARTITION BY HASH (a, lower(b));
CREATE TABLE hall.hashed_0 PARTITION OF hall.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE INDEX hashed_b ON hall.hashed (b);
CREATE INDEX hashed_only ON ONLY hall.hashed (a);
CREATE TABLE hall.leads (id integer, at date, FOREIGN KEY (id, at) REFERENCES hall.parted);
CREATE TABLE hall.twice (a integer UNIQUE, b integer UNIQUE);
ALTER TABLE hall.twice ADD FOREIGN KEY (a) REFERENCES hall.twice (b) ON DELETE SET NULL, ADD FOREIGN KEY (b) REFERENCES hall.twice (a) ON DELETE RESTRICT;
INSERT INTO hall.main (a, b, "e f") SELECT n * 10, 'row ' || n, '2024-02-01' FROM generate_series(1, 9) AS n;
INSERT INTO hall.parted SELECT n, '2024-05-05', 't' FROM generate_series(1, 5) AS n;
INSERT INTO hall.other (id, x) SELECT n, n FROM generate_series(1, 5) AS n;

CREATE VIEW hall.plain_view WITH (security_barrier, check_option = local) AS SELECT a, b FROM hall.main WHERE a > 0;
CREATE VIEW hall.invoked WITH (security_invoker) AS SELECT a FROM hall.main; -- from 15
ALTER VIEW hall.plain_view ALTER a SET DEFAULT 5;
CREATE VIEW hall.rounds AS WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT n FROM r;
CREATE MATERIALIZED VIEW hall.kept WITH (fillfactor = 70, toast.autovacuum_enabled = false) AS SELECT a, b FROM hall.main;
CREATE UNIQUE INDEX kept_a ON hall.kept (a);
CREATE MATERIALIZED VIEW hall.unfilled AS SELECT 1 AS one WITH NO DATA;
CREATE RULE main_keep AS ON DELETE TO hall.main WHERE OLD.a = 0 DO INSTEAD NOTHING;
CREATE RULE main_also AS ON UPDATE TO hall.main DO ALSO NOTHING;
CREATE RULE view_insert AS ON INSERT TO hall.plain_view DO INSTEAD INSERT INTO hall.main (a, b) VALUES (NEW.a, NEW.b);
ALTER TABLE hall.main DISABLE RULE main_also;
CREATE TRIGGER t_before BEFORE INSERT OR UPDATE OF a ON hall.main FOR EACH ROW WHEN (NEW.a > 1) EXECUTE FUNCTION hall.watch('x');
CREATE TRIGGER t_after AFTER UPDATE ON hall.main REFERENCING OLD TABLE AS was NEW TABLE AS now FOR EACH STATEMENT EXECUTE FUNCTION hall.watch();
CREATE TRIGGER t_truncate BEFORE TRUNCATE ON hall.main FOR EACH STATEMENT EXECUTE FUNCTION hall.watch();
CREATE TRIGGER t_instead INSTEAD OF DELETE ON hall.plain_view FOR EACH ROW EXECUTE FUNCTION hall.watch();
CREATE CONSTRAINT TRIGGER t_constraint AFTER INSERT ON hall.main FROM hall.other DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hall.watch();
CREATE TRIGGER t_parted AFTER INSERT ON hall.parted FOR EACH ROW EXECUTE FUNCTION hall.watch();
ALTER TABLE hall.main DISABLE TRIGGER t_truncate, ENABLE REPLICA TRIGGER t_after, ENABLE ALWAYS TRIGGER t_before;
ALTER TABLE hall.main ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON hall.main USING (b = current_user) WITH CHECK (a > 0);
CREATE POLICY reading ON hall.main AS RESTRICTIVE FOR SELECT TO ROLE_A, ROLE_B USING (true);
CREATE EVENT TRIGGER hall_ddl ON sql_drop WHEN TAG IN ('DROP TABLE', 'DROP VIEW') EXECUTE FUNCTION ddl();
ALTER EVENT TRIGGER hall_ddl DISABLE;
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert, truncate');
CREATE PUBLICATION parts FOR TABLE hall.other (id, x) WHERE (x > 1), hall.twice WITH (publish_via_partition_root = true); -- from 15
CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA wing; -- from 15
CREATE SUBSCRIPTION SUB_A CONNECTION 'host=nowhere' PUBLICATION p, q WITH (connect = false, slot_name = NONE, binary = true);
CREATE EXTENSION IF NOT EXISTS plpgsql;
SELECT lo_create(4712);
GRANT SELECT ON LARGE OBJECT 4712 TO ROLE_A;
ALTER LARGE OBJECT 4712 OWNER TO ROLE_B;

GRANT SELECT, INSERT (a, b) ON hall.main TO ROLE_A WITH GRANT OPTION;
GRANT USAGE ON SEQUENCE hall.counter TO ROLE_B;
GRANT USAGE ON TYPE hall.colour, hall.grade, hall.main TO ROLE_A;
REVOKE EXECUTE ON FUNCTION hall.plus(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE hall.tidy(integer) TO ROLE_B;
GRANT USAGE ON LANGUAGE again TO ROLE_A;
GRANT USAGE ON FOREIGN DATA WRAPPER beyond TO ROLE_A;
GRANT USAGE ON FOREIGN SERVER away TO ROLE_A;
ALTER DEFAULT PRIVILEGES FOR ROLE ROLE_A IN SCHEMA hall GRANT SELECT ON TABLES TO ROLE_B;
ALTER DEFAULT PRIVILEGES FOR ROLE ROLE_A GRANT USAGE ON SEQUENCES TO ROLE_B;
ALTER DEFAULT PRIVILEGES FOR ROLE ROLE_A REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE ROLE_A GRANT USAGE ON TYPES TO ROLE_B;
ALTER DEFAULT PRIVILEGES FOR ROLE ROLE_A GRANT USAGE ON SCHEMAS TO ROLE_B;
ALTER DEFAULT PRIVILEGES FOR ROLE ROLE_A GRANT SELECT ON LARGE OBJECTS TO ROLE_B; -- from 18
ALTER ROLE ROLE_A IN DATABASE DATABASE_NAME SET search_path = hall;

COMMENT ON ACCESS METHOD btree_again IS 'kept';
COMMENT ON AGGREGATE hall.total(integer) IS 'kept';
COMMENT ON CAST (hall.blob AS integer) IS 'kept';
COMMENT ON COLLATION hall.plain IS 'kept';
COMMENT ON COLUMN hall.main.a IS 'kept';
COMMENT ON COLUMN hall.pair.a IS 'kept';
COMMENT ON COLUMN hall.plain_view.a IS 'kept';
COMMENT ON COLUMN hall.kept.a IS 'kept';
COMMENT ON COLUMN hall.remote.id IS 'kept';
COMMENT ON CONSTRAINT a_positive ON hall.main IS 'kept';
COMMENT ON CONSTRAINT short ON DOMAIN hall.grade IS 'kept';
COMMENT ON CONVERSION hall.latin IS 'kept';
COMMENT ON DATABASE DATABASE_NAME IS 'kept';
COMMENT ON DOMAIN hall.grade IS 'kept';
COMMENT ON EVENT TRIGGER hall_ddl IS 'kept';
COMMENT ON FOREIGN DATA WRAPPER beyond IS 'kept';
COMMENT ON FOREIGN TABLE hall.remote IS 'kept';
COMMENT ON FUNCTION hall.plus(integer, integer) IS 'kept';
COMMENT ON INDEX hall.main_lower IS 'kept';
COMMENT ON INDEX hall.hashed_b IS 'kept';
COMMENT ON LANGUAGE again IS 'kept';
COMMENT ON LARGE OBJECT 4712 IS 'kept';
COMMENT ON MATERIALIZED VIEW hall.kept IS 'kept';
COMMENT ON OPERATOR hall.<<< (hall.pair, hall.pair) IS 'kept';
COMMENT ON OPERATOR CLASS hall.by_a USING btree IS 'kept';
COMMENT ON OPERATOR FAMILY hall.pairs USING btree IS 'kept';
COMMENT ON POLICY mine ON hall.main IS 'kept';
COMMENT ON PROCEDURE hall.tidy(integer) IS 'kept';
COMMENT ON PUBLICATION everything IS 'kept';
COMMENT ON RULE main_keep ON hall.main IS 'kept';
COMMENT ON SEQUENCE hall.counter IS 'kept';
COMMENT ON SERVER away IS 'kept';
COMMENT ON STATISTICS hall.main_d IS 'kept';
COMMENT ON SUBSCRIPTION SUB_A IS 'kept';
COMMENT ON TABLE hall.main IS 'kept';
COMMENT ON TEXT SEARCH CONFIGURATION hall.words IS 'kept';
COMMENT ON TEXT SEARCH DICTIONARY hall.short IS 'kept';
COMMENT ON TEXT SEARCH PARSER hall.reader IS 'kept';
COMMENT ON TEXT SEARCH TEMPLATE hall.mould IS 'kept';
COMMENT ON TRANSFORM FOR integer LANGUAGE sql IS 'kept';
COMMENT ON TRIGGER t_before ON hall.main IS 'kept';
COMMENT ON TYPE hall.colour IS 'kept';
COMMENT ON TYPE hall.span IS 'kept';
COMMENT ON TYPE hall.main IS 'kept';
COMMENT ON VIEW hall.plain_view IS 'kept';
ALTER FUNCTION hall.plus DEPENDS ON EXTENSION plpgsql;
ANALYZE;
