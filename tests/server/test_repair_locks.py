"""What a repair script says of locks, against pg_locks; and of the work on a table, against its file and what was read of it."""

import re

import psycopg
import pytest

from rollproof.model.locks import MODES, lock_of

GROUND = """
CREATE TABLE p (id integer PRIMARY KEY, word text, more varchar(9));
CREATE UNIQUE INDEX p_word ON p (word);
CREATE TABLE t (id integer NOT NULL, a integer, b text DEFAULT 'x', c integer DEFAULT 1, p integer, "q r" text);
CREATE INDEX t_a ON t (a);
CREATE UNIQUE INDEX t_id ON t (id);
CREATE TABLE child () INHERITS (p);
CREATE TABLE alone (id integer PRIMARY KEY, word text, more varchar(9));
CREATE TABLE parted (id integer, at date) PARTITION BY RANGE (at);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE parted_2 (id integer, at date);
CREATE INDEX parted_id ON ONLY parted (id);
CREATE INDEX parted_1_id ON parted_1 (id);
CREATE TABLE keyed (id integer CONSTRAINT keyed_p REFERENCES p, CONSTRAINT positive CHECK (id > 0) NOT VALID);
CREATE TABLE serial_ (id serial);
CREATE SEQUENCE numbers;
CREATE VIEW v AS SELECT id, a FROM t;
CREATE MATERIALIZED VIEW m AS SELECT id, a FROM t;
CREATE UNIQUE INDEX m_id ON m (id);
CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER old_trigger BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION watch();
CREATE POLICY old_policy ON t USING (true);
CREATE RULE old_rule AS ON DELETE TO t WHERE OLD.id = 0 DO INSTEAD NOTHING;
CREATE STATISTICS kinds ON a, c FROM t;
CREATE PUBLICATION news;
INSERT INTO p VALUES (1, 'one'), (2, 'two');
INSERT INTO t SELECT n, n, 'b', n, 1 FROM generate_series(1, 500) AS n;
INSERT INTO parted_2 VALUES (1, '2025-02-02');
INSERT INTO keyed VALUES (1);
"""
STATEMENTS = """
ALTER TABLE public.t ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES public.p (id);
ALTER TABLE ONLY public.t ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES public.p (id) ON DELETE CASCADE NOT VALID;
ALTER TABLE public.t ADD CONSTRAINT k PRIMARY KEY (id);
ALTER TABLE public.t ADD CONSTRAINT k UNIQUE (id, a);
ALTER TABLE public.t ADD CONSTRAINT k PRIMARY KEY USING INDEX t_id;
ALTER TABLE public.t ADD CONSTRAINT k EXCLUDE USING btree (a WITH =);
ALTER TABLE public.t ADD CONSTRAINT ch CHECK (a > 0);
ALTER TABLE public.t ADD CONSTRAINT ch CHECK (a > 0) NOT VALID;
ALTER TABLE public.keyed VALIDATE CONSTRAINT positive;
ALTER TABLE public.keyed DROP CONSTRAINT keyed_p;
ALTER TABLE public.t ALTER COLUMN c TYPE bigint;
ALTER TABLE public.t ALTER COLUMN "q r" TYPE varchar(20) USING ("q r"::varchar(20)), ALTER COLUMN c DROP DEFAULT;
ALTER TABLE public.t ALTER COLUMN a SET NOT NULL;
ALTER TABLE public.t ALTER COLUMN id DROP NOT NULL;
ALTER TABLE public.t ALTER COLUMN a SET DEFAULT 5;
ALTER TABLE public.t ALTER COLUMN a SET STATISTICS 50;
ALTER TABLE public.t ALTER COLUMN a SET (n_distinct = 5);
ALTER TABLE public.t ALTER COLUMN b SET STORAGE EXTERNAL;
ALTER TABLE public.t ALTER COLUMN b SET COMPRESSION pglz;
ALTER TABLE public.t ADD COLUMN d integer;
ALTER TABLE public.t ADD COLUMN d integer DEFAULT 5 NOT NULL;
ALTER TABLE public.t ADD COLUMN d timestamptz DEFAULT clock_timestamp();
ALTER TABLE public.t ADD COLUMN d integer GENERATED ALWAYS AS (a * 2) STORED;
ALTER TABLE public.t ADD COLUMN d integer GENERATED ALWAYS AS IDENTITY;
ALTER TABLE public.t DROP COLUMN c;
ALTER TABLE public.t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
ALTER TABLE public.t RENAME COLUMN a TO z;
ALTER TABLE public.t OWNER TO CURRENT_USER;
ALTER TABLE public.t SET UNLOGGED;
ALTER TABLE public.t SET (fillfactor = 70, autovacuum_enabled = false);
ALTER TABLE public.t RESET (fillfactor);
ALTER TABLE public.t CLUSTER ON t_a;
ALTER TABLE public.t SET WITHOUT CLUSTER;
ALTER TABLE public.t REPLICA IDENTITY FULL;
ALTER TABLE public.t ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.t DISABLE TRIGGER old_trigger;
ALTER TABLE public.t ENABLE ALWAYS TRIGGER old_trigger;
ALTER TABLE public.t DISABLE RULE old_rule;
ALTER TABLE public.parted ATTACH PARTITION public.parted_2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
ALTER TABLE public.parted DETACH PARTITION public.parted_1;
ALTER TABLE public.alone INHERIT public.p;
ALTER TABLE public.child NO INHERIT public.p;
ALTER INDEX public.parted_id ATTACH PARTITION public.parted_1_id;
ALTER INDEX public.t_a RENAME TO t_b;
ALTER INDEX public.t_a SET (fillfactor = 60);
CREATE INDEX new ON public.t USING btree (lower(b)) WHERE a > 1;
CREATE UNIQUE INDEX new ON public.t (id, a);
CREATE INDEX new ON ONLY public.parted (at);
DROP INDEX public.t_a;
REINDEX INDEX public.t_a;
CREATE TRIGGER new BEFORE UPDATE OF a ON public.t FOR EACH ROW WHEN (NEW.a > 1) EXECUTE FUNCTION public.watch();
CREATE CONSTRAINT TRIGGER new AFTER INSERT ON public.t FROM public.p DEFERRABLE FOR EACH ROW EXECUTE FUNCTION public.watch();
DROP TRIGGER old_trigger ON public.t;
CREATE POLICY new ON public.t AS RESTRICTIVE FOR SELECT USING (a > 1);
ALTER POLICY old_policy ON public.t USING (false);
DROP POLICY old_policy ON public.t;
CREATE RULE new AS ON UPDATE TO public.t DO ALSO NOTHING;
CREATE OR REPLACE RULE old_rule AS ON DELETE TO public.t DO INSTEAD NOTHING;
DROP RULE old_rule ON public.t;
CREATE OR REPLACE VIEW public.v AS SELECT id, a FROM public.t WHERE a > 1;
ALTER VIEW public.v SET (security_barrier = true);
ALTER VIEW public.v ALTER COLUMN a SET DEFAULT 5;
DROP VIEW public.v;
ALTER MATERIALIZED VIEW public.m SET (fillfactor = 70);
ALTER MATERIALIZED VIEW public.m OWNER TO CURRENT_USER;
DROP MATERIALIZED VIEW public.m;
REFRESH MATERIALIZED VIEW public.m;
DROP TABLE public.keyed;
DROP SEQUENCE public.numbers;
ALTER SEQUENCE public.numbers INCREMENT BY 2 MAXVALUE 99 CACHE 3;
ALTER SEQUENCE public.numbers OWNED BY public.t.a;
ALTER SEQUENCE public.numbers OWNER TO CURRENT_USER;
ANALYZE public.t;
INSERT INTO public.t (id) VALUES (1000);
UPDATE public.t SET a = 1 WHERE id = 2;
COMMENT ON TABLE public.t IS 'x';
COMMENT ON COLUMN public.t.a IS 'x';
COMMENT ON INDEX public.t_a IS 'x';
CREATE STATISTICS public.new (ndistinct) ON a, c FROM public.t;
ALTER PUBLICATION news ADD TABLE ONLY public.t;
"""
SILENT = """
CREATE TABLE public.new (id integer);
CREATE VIEW public.new AS SELECT id FROM public.t;
CREATE FUNCTION public.new() RETURNS integer LANGUAGE sql AS 'SELECT 1';
GRANT SELECT ON public.t TO PUBLIC;
CREATE TYPE public.new AS ENUM ('a');
CREATE SEQUENCE public.new;
ALTER FUNCTION public.watch() OWNER TO CURRENT_USER;
COMMENT ON FUNCTION public.watch() IS 'x';
DROP PUBLICATION news;
"""
_KNOWN = "SELECT oid, oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
_HELD = "SELECT relation, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = ANY (%s)"
_FILES = "SELECT oid, relfilenode FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'm')"
_READ = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables"


def lines(text):
    return [line for line in text.splitlines() if line]


@pytest.fixture(scope="module")
def ground(server):
    name = "locks_of_repairs"
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(GROUND.encode())
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture
def seen(ground):
    """Run a statement; return its strongest lock on what was there, on which, what was read, and whether a table was rewritten."""

    def run(statement):
        with psycopg.connect(ground) as connection:
            connection.execute("SET LOCAL search_path = ''")
            known = dict(connection.execute(_KNOWN).fetchall())
            files, before = dict(connection.execute(_FILES).fetchall()), connection.execute(_READ).fetchone()[0]
            connection.execute(statement.encode())
            held = [(known[oid], spelled(mode)) for oid, mode in connection.execute(_HELD, (list(known),))]
            read = connection.execute(_READ).fetchone()[0] - before
            now = dict(connection.execute(_FILES).fetchall())
            connection.rollback()
        held = [(name, mode) for name, mode in held if mode in MODES]
        strongest = max((mode for _, mode in held), key=MODES.index, default="")
        rewritten = any(now.get(oid, file) != file for oid, file in files.items())
        return strongest, {name for name, mode in held if mode == strongest}, read, rewritten

    return run


def spelled(mode):
    """Return a mode's name as SQL has it: ShareRowExclusiveLock is SHARE ROW EXCLUSIVE."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", mode.removesuffix("Lock")).upper()


@pytest.mark.parametrize("statement", lines(STATEMENTS))
def test_the_strongest_lock_is_the_one_that_is_taken(seen, statement):
    said = lock_of(statement)
    mode, on, read, rewritten = seen(statement)

    assert said is not None
    assert said.mode == mode, on
    assert {each for each in said.on if "the table of" not in each} <= on
    if rewritten:
        assert "rewrites" in said.effort or "anew" in said.effort or "builds" in said.effort
    if read > 100:
        assert said.effort
    if said.effort.startswith("rewrites") and "unless" not in said.effort:
        assert rewritten


@pytest.mark.parametrize("statement", lines(SILENT))
def test_where_nothing_is_said_nobody_waits(seen, statement):
    mode, on, _, _ = seen(statement)

    assert lock_of(statement) is None
    assert mode in ("", "SHARE UPDATE EXCLUSIVE", "ROW EXCLUSIVE"), on
