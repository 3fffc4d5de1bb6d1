"""Nobody's code runs: whoever owns tables plants it wherever PostgreSQL holds any, and a superuser verifies.

What is planted, `hostile/users_code.sql` says. Each function leaves a line in the server's log when it runs, whatever becomes
of the transaction. First each is run by hand, so that the test knows how to see it; then rollproof does all it can do.
"""

import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fixtures.readers import SCOPE, execute, reader
from rollproof.commands.doctor import examine
from rollproof.commands.prepare import recorded, verification
from rollproof.commands.repair_script import script
from rollproof.migration.backup_age import completed
from rollproof.migration.log import read
from rollproof.migration.log_table import source
from rollproof.model.errors import Inconclusive
from rollproof.probes.foreign_keys import Orphans, Relationship
from rollproof.rows.scan import scan
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.server.transactions import restricts
from rollproof.settings.options import Configured, Settings
from rollproof.settings.sections import Log
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING

MUSEUM = Path(__file__).parents[1] / "data" / "hostile" / "users_code.sql"
CONFIGURATION = """
[backup]
schema = "migration_backup"
[log]
table = "public.migration_log"
[migration]
tables = ["shop.casting", "shop.typed"]
types = { from = "text", to = "shop.mood" }
[[foreign_key]]
table = "shop.uuid_names"
columns = ["uuid"]
references = "shop.uuids"
referenced_columns = ["id"]
[[foreign_key]]
table = "shop.typed"
columns = ["mood"]
references = "shop.moody"
referenced_columns = ["mood"]
"""

# How each place is made to run its code, by whoever asks; the planner's by nothing but a look at the table.
BY_HAND = {
    "index_expression": "SELECT FROM shop.with_index",
    "index_condition": "SELECT FROM shop.with_condition",
    "sql_function": "SELECT FROM shop.with_sql",
    "default_argument": "SELECT FROM shop.with_argument",
    "nested": "SELECT FROM shop.with_null",
    "exclusion": "SELECT FROM shop.with_exclusion",
    "statistics": "SELECT FROM shop.with_statistics",
    "partition_key": "SELECT FROM shop.parted",
    "index_of_a_partition": "SELECT FROM shop.parent",
    "index_of_a_matview": "SELECT FROM shop.matview",
    "index_of_a_copy": "SELECT FROM migration_backup.moody_backup",
    "default": "INSERT INTO shop.plain (id) VALUES (100)",
    "generated": "INSERT INTO shop.checked (id, v) VALUES (100, 'a')",
    "check": "INSERT INTO shop.checked (id, v) VALUES (101, 'a')",
    "domain_default": "INSERT INTO shop.typed (id) VALUES (100)",
    "domain_check": "SELECT 'a'::text::shop.word",
    "subdiff": "CREATE TABLE shop.spans AS SELECT int4range(1, 2); SELECT shop.subdiff('a', 'b')",
    "cast_text": "SELECT mood::text FROM shop.typed",
    "cast_json": "SELECT to_json(x) FROM shop.typed AS x",
    "cast_jsonb": "SELECT mood::jsonb FROM shop.typed",
    "cast_in": "SELECT mood::shop.mood FROM migration_backup.casting_backup",
    "cast_pair": "SELECT textcat(pair, '') FROM shop.typed",
    "cast_span": "SELECT textcat(span, '') FROM shop.typed",
    "cast_moods": "SELECT strip(moods) FROM shop.typed",
    "cast_int": "SELECT FROM shop.levels JOIN shop.numbered ON level = id",
    "operator": "SET search_path = public, shop; SELECT FROM shop.typed WHERE mood = 'glad'::shop.mood; SET search_path = DEFAULT",
    "view": "TABLE shop.view",
    "matview": "REFRESH MATERIALIZED VIEW shop.matview",
    "policy": "SET ROLE mallory; TABLE shop.guarded; RESET ROLE",
    "rule": "INSERT INTO shop.ruled VALUES (100)",
    "trigger": "INSERT INTO shop.watched VALUES (100)",
    "aggregate": "SELECT public.max(mood) FROM shop.typed",
    "procedure": "CALL shop.procedure()",
    "log": "TABLE public.migration_log",
    "log_condition": "SELECT FROM public.migration_log",
    "copy": "TABLE migration_backup.plain_backup",
    "operator_class": "SET enable_seqscan = off; SELECT FROM shop.ordered WHERE n = 2; SET enable_seqscan = DEFAULT",
    "cast_of_a_superuser": "SELECT FROM shop.uuid_names AS n JOIN shop.uuids AS u ON n.uuid = u.id",
    "event_trigger": "COMMENT ON TABLE shop.plain IS 'no more'",
}


class Trace:
    """What the server's log says since it was last asked."""

    def __init__(self, log):
        self._log = log
        self._read = log.stat().st_size

    def ran(self):
        """Return the places whose code has run since."""
        with self._log.open("rb") as opened:
            opened.seek(self._read)
            text = opened.read()
        self._read += len(text)
        return set(re.findall(r"LOG: +RAN (\w+)", text.decode("utf-8", "replace")))


EVERY_RUN = os.environ.get("ROLLPROOF_EVERY_RUN")


@pytest.fixture
def trace(server):
    """What the server's log says of code that ran."""
    if server.log is None:
        pytest.skip("the server's log cannot be read from here")
    return Trace(server.log)


@pytest.fixture(scope="module")
def mallory(server):
    """One who owns tables, and is nothing else."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        connection.execute("CREATE ROLE mallory")
        yield "mallory"
        connection.execute("DROP ROLE mallory")


@pytest.fixture
def museum(mallory, database):
    """The URL of a database in which mallory has planted code everywhere."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(MUSEUM.read_text("utf-8"))
    yield database
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP OWNED BY {} CASCADE").format(sql.Identifier(mallory)))


@pytest.fixture
def other(server, new_database, museum):
    """Call it for the URL of a copy of the museum, where every run is tried."""
    return lambda: server.dsn(new_database(museum.rpartition("/")[2].partition("?")[0])) if EVERY_RUN else ""


@contextmanager
def viewing(url, **limits):
    with reader(url, **limits) as view:
        yield view


def by_hand(url, trace):
    """Run each place's code once; return those of which the log shows nothing."""
    unseen = []
    for place, statement in BY_HAND.items():
        trace.ran()
        execute(url, statement)  # in a session of its own: what was worked out once is remembered
        if place not in trace.ran():
            unseen.append(place)
    return unseen


DAMAGE = """
UPDATE shop.typed
SET mood = 'sad', moods = '{sad,glad}', pair = '(9,z)', word = 'zz', span = '[c,d)', plain = 'changed' WHERE id = 1;
DELETE FROM shop.typed WHERE id = 2;
UPDATE shop.plain SET v = 'zz';
UPDATE shop.with_index SET v = 'q';
UPDATE shop.casting SET mood = 'sad';
CREATE OR REPLACE VIEW shop.over AS SELECT id FROM shop.with_index WHERE v = 'x'::varchar::text;
"""
RUNS = [
    ("verify", "post_rollback", "--show-values", "--evidence-file", "evidence.jsonl"),
    ("verify", "pre_rollback", "--at-risk", "--rollproof-config", "log.toml"),
]
MORE_RUNS = [
    ("capture", "--output", "another.json"),
    ("verify", "pre_migration"),
    ("verify", "post_migration", "--rollproof-config", "log.toml"),
    ("verify", "pre_rollback", "--at-risk"),
    ("verify", "post_rollback", "--reference", "backup", "--show-values"),
    ("verify", "post_rollback", "--reference", "OTHER", "--show-values", "--evidence-file", "evidence.jsonl"),
    ("doctor",),
    ("repair",),
]


def alone(url, reference):
    """Look as `doctor` does, and make the script that `repair` makes."""
    asked = Configured(Settings(database_url=url, reference=str(reference)), None)
    examine(asked)
    opened = verification(asked.settings, asked.reference, recorded(asked.reference))
    try:
        script(opened)
    finally:
        opened.close()


@pytest.mark.promise
def test_nobodys_code_runs_wherever_it_is_planted(command, museum, other, trace, tmp_path):
    """ROLLPROOF_EVERY_RUN=1 tries each phase, and each kind of reference."""
    trace.ran()
    (tmp_path / "rollproof.toml").write_text(CONFIGURATION)
    (tmp_path / "log.toml").write_text(CONFIGURATION.replace("public.migration_log", "shop.log"))
    url = ("--database-url", museum)
    captured = command(tmp_path, "capture", *url, "--trust-functions")
    assert captured.returncode == 0, captured.stderr
    trusted = trace.ran()
    reference = other()
    assert by_hand(museum, trace) == []
    execute(museum, DAMAGE)

    ran, strange = {}, {}
    trace.ran()
    for run in RUNS + (MORE_RUNS if EVERY_RUN else []):
        done = command(tmp_path, *(reference if word == "OTHER" else word for word in run), *url)
        if places := trace.ran():
            ran[run] = places
        if done.returncode not in {0, 1, 7}:
            strange[run] = done.stdout[-3000:] + done.stderr[-3000:]
    alone(museum, tmp_path / "baseline.json")

    assert trusted >= {"index_expression", "index_condition", "statistics", "sql_function"}
    assert ran == {}
    assert trace.ran() == set()
    assert strange == {}
    assert '"mood": "sad"' in (tmp_path / "evidence.jsonl").read_text()
    written = "".join(path.read_text() for path in (tmp_path / "rollproof-report" / "at-risk").glob("*.jsonl"))
    assert '"pair":"(9,z)"' in written.replace(" ", "")


FUNCTIONS = """
CREATE FUNCTION ran(place text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RAISE LOG 'RAN %', place; RETURN place; END $$;
CREATE FUNCTION strict(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$ BEGIN RAISE LOG 'RAN strict'; RETURN v; END $$;
CREATE FUNCTION plain(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
CREATE FUNCTION forgetful(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'a' $$;
CREATE FUNCTION hidden(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT v || public.ran('hidden') $$;
CREATE FUNCTION settled(v text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = '' AS $$ SELECT v || public.ran('settled') $$;
CREATE FUNCTION atomic(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN v || ran('atomic');
CREATE FUNCTION easy(v text) RETURNS text LANGUAGE sql IMMUTABLE RETURN upper(v);
CREATE FUNCTION longer(v text, w text DEFAULT ran('longer')) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN v; END $$;
CREATE OPERATOR <<< (LEFTARG = text, RIGHTARG = text, FUNCTION = textcat);
CREATE FUNCTION beside(v text, w text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN RAISE LOG 'RAN beside'; RETURN true; END $$;
CREATE OPERATOR >>> (LEFTARG = text, RIGHTARG = text, FUNCTION = beside);
CREATE TYPE mood AS ENUM ('glad', 'sad');
"""
# Expressions of a text v and a mood m, and whether PostgreSQL's planner leaves their calls alone.
EXPRESSIONS = {
    "ran('a')": False,
    "ran(v)": True,
    "ran(lower(v))": True,
    "ran(v || 'a')": True,
    'ran(v COLLATE "C")': True,
    "ran(v::varchar(9))": True,
    "strict(v || NULL)": False,
    "ran(v || NULL)": False,
    "ran(lower(NULL))": False,
    "ran(coalesce('a', v))": False,
    "ran(coalesce(v, ''))": True,
    "ran(coalesce(lower(v), 'a'))": True,
    "ran(CASE WHEN true THEN 'a' ELSE v END)": False,
    "coalesce(ran(v), 'a')": True,
    "ran(forgetful(v))": False,
    "plain(v)": True,
    "plain(ran('a'))": False,
    "hidden(v)": False,
    "settled(v)": True,
    "settled('a')": False,
    "atomic(v)": False,
    "easy(v)": True,
    "longer(v)": False,
    "(v <<< 'a')": True,
    "(v >>> 'a')": True,
    "('b' >>> 'a')": False,
    "(ARRAY[v, ran('a')])[1]": False,
    "nullif(v, ran('a'))": False,
    "(m = 'glad')": True,
    "greatest(v, ran('a'))": False,
}


def said_of(contents, table):
    """Return why a table's rows are not known; None if they are."""
    try:
        contents.of(table)
    except Inconclusive as error:
        return str(error)
    return None


@pytest.mark.promise
def test_what_the_planner_would_run_is_not_read_and_what_it_would_not_is(trace, database):
    execute(database, FUNCTIONS)
    for number, expression in enumerate(EXPRESSIONS):
        execute(database, f"CREATE TABLE t{number} (v text, m mood); CREATE INDEX ON t{number} (({expression}))")
    trace.ran()
    with viewing(database) as view:
        contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        told = {expression: said_of(contents, f"public.t{number}") for number, expression in enumerate(EXPRESSIONS)}

    refusal = re.compile(
        r"t\d+ is not read: .* which (is|are) not PostgreSQL's own \(index public.t\d+_\w+\); --trust-functions"
    )
    assert [text for text in told.values() if text is not None and not refusal.search(text)] == []
    assert {expression: text is None for expression, text in told.items()} == EXPRESSIONS
    assert trace.ran() == set()
    for number, (expression, harmless) in enumerate(EXPRESSIONS.items()):
        execute(database, f"SELECT FROM t{number}")
        assert not (trace.ran() and harmless), expression


@pytest.mark.promise
def test_whoever_trusts_functions_reads_all_and_is_told_what_may_have_run(trace, database):
    execute(database, FUNCTIONS, "CREATE TABLE t (v text); CREATE INDEX by_it ON t ((v || ran('index')))")
    trace.ran()
    with viewing(database, trust_functions=True) as view:
        whole = Live(view, SCOPE, "it").complete()
        notes = view.notes

    assert whole.unknown == {}
    assert "index" in trace.ran()
    assert any("--trust-functions" in note and "ran(text)" in note and "by_it" in note for note in notes)


HONEST = """
CREATE FUNCTION words(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower(v); END $$;
CREATE FUNCTION flat(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(translate($1, 'ä', 'a')) $$;
CREATE TYPE state AS ENUM ('open', 'done');
CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE people (id int PRIMARY KEY, name text, mail email, state state DEFAULT 'open');
CREATE INDEX ON people (words(name));
CREATE INDEX ON people (flat(name)) WHERE state = 'open';
CREATE STATISTICS about ON (words(name)), id FROM people;
CREATE TABLE likes (id serial PRIMARY KEY, who int REFERENCES people, state state);
INSERT INTO people VALUES (1, 'Ann', 'a@b');
INSERT INTO likes (who) VALUES (1);
"""
EXTENSIONS = {
    "pg_trgm": "CREATE INDEX ON people USING gin (name gin_trgm_ops)",
    "earthdistance": "CREATE TABLE places (lat float8, lng float8); CREATE INDEX ON places USING gist (ll_to_earth(lat, lng))",
    "citext": "CREATE TABLE nicks (nick citext PRIMARY KEY); CREATE TABLE uses (nick citext REFERENCES nicks)",
    "btree_gist": "CREATE TABLE stays (room int, at daterange, EXCLUDE USING gist (room WITH =, at WITH &&))",
    "unaccent": """CREATE FUNCTION bare(v text) RETURNS text LANGUAGE sql IMMUTABLE AS
        $$ SELECT public.unaccent('public.unaccent', $1) $$; CREATE INDEX ON people (bare(name))""",
}


UNNAMED = """
CREATE FUNCTION bare(v text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN lower(v); END $$;
CREATE FUNCTION calls(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT public.bare($1) $$;
CREATE TABLE people (name text);
CREATE INDEX ON people (calls(name));
CREATE OR REPLACE FUNCTION calls(v text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT bare($1) $$;
"""


def test_a_function_that_names_no_schema_is_told_with_the_way_out(database):
    """PostgreSQL cannot plan a query over such a table while nobody's schema is in the search_path, and ours is empty."""
    execute(database, UNNAMED)
    with viewing(database, trust_functions=True) as view:
        contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        told = said_of(contents, "public.people")
        execute(database, "ALTER FUNCTION calls(text) SET search_path = public")
        mended = said_of(Scanner(view, view.ask(lambda connection: relations(connection, ["public"]))), "public.people")

    assert "bare(text) does not exist" in told
    assert "ALTER FUNCTION … SET search_path = …" in told
    assert mended is None


@pytest.mark.promise
def test_an_honest_applications_functions_and_extensions_are_verified(command, database, tmp_path):
    execute(database, HONEST)
    with psycopg.connect(database, autocommit=True) as connection:
        there = [name for (name,) in connection.execute("SELECT name FROM pg_available_extensions").fetchall()]
        # Up to 15 its functions name no schema, so no table can be planned with them.
        unplanned = {"earthdistance"} if connection.info.server_version < 160000 else set()
        for extension in EXTENSIONS.keys() & {*there} - unplanned:
            connection.execute(f"CREATE EXTENSION {extension} CASCADE; {EXTENSIONS[extension]}")
    url = ("--database-url", database)
    captured = command(tmp_path, "capture", *url)
    verified = command(tmp_path, "verify", "post_rollback", *url)

    assert captured.returncode == 0, captured.stderr
    assert verified.returncode == 0, verified.stdout
    assert "VERIFIED" in verified.stdout


LOGS = {
    "view": "CREATE VIEW migration_log AS SELECT {columns}",
    "materialised view": "CREATE MATERIALIZED VIEW migration_log AS SELECT {columns}",
    "partitioned table": "CREATE TABLE migration_log (migration text) PARTITION BY LIST (migration)",
    "sequence": "CREATE SEQUENCE migration_log",
}


@pytest.mark.promise
@pytest.mark.parametrize("kind", LOGS)
def test_a_log_that_is_no_ordinary_table_is_named_for_what_it_is(kind, trace, database):
    columns = "ran('log') AS migration, 'x' AS operation, 'y' AS status, now() AS started_at, now() AS finished_at"
    execute(database, FUNCTIONS, LOGS[kind].format(columns=columns))
    trace.ran()
    with viewing(database) as view, pytest.raises(Inconclusive) as refused:
        view.ask(lambda connection: read(connection, Log()), reads=[source(Log().table)])

    assert f"public.migration_log is a {kind}" in str(refused.value)
    assert trace.ran() == set()


WORDS = """
CREATE TYPE state AS ENUM ('completed', 'failed');
CREATE FUNCTION said(state) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast'; RETURN 'completed'; END $$;
CREATE CAST (state AS text) WITH FUNCTION said(state) AS ASSIGNMENT;
CREATE FUNCTION as_json(state) RETURNS json LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN json'; RETURN '"completed"'; END $$;
CREATE CAST (state AS json) WITH FUNCTION as_json(state);
CREATE TABLE migration_log (migration text, operation text, status state, started_at timestamptz, finished_at timestamptz);
INSERT INTO migration_log VALUES
('m', 'migrate', 'completed', '2026-01-01', '2026-01-02'),
('m', 'rollback', 'failed', '2026-01-03', '2026-01-04');
"""


@pytest.mark.promise
def test_the_logs_words_of_a_users_type_are_read_by_their_labels(trace, database):
    execute(database, WORDS)
    trace.ran()
    with viewing(database) as view:
        story = view.ask(lambda connection: read(connection, Log()), reads=[source(Log().table)])
        steps = completed(view, Log())

    assert [entry.status for entry in story.entries] == ["completed", "failed"]
    assert [step.name for step in steps] == ["migrate"]
    assert trace.ran() == set()


SWAPS = {
    "a view": "ALTER TABLE t RENAME TO u; CREATE VIEW t AS SELECT ran('swap') AS v FROM u",
    "a table": "ALTER TABLE t RENAME TO u; CREATE TABLE t AS SELECT 'other' AS v",
    "a table with an index": """ALTER TABLE t RENAME TO u; CREATE TABLE t (v text);
        CREATE INDEX ON t ((v || ran('swap')))""",
    "itself with an index": "CREATE INDEX ON t ((v || ran('swap')))",
    "itself with statistics": "CREATE STATISTICS s ON (v || ran('swap')), (v || 'a') FROM t",
    "a view of its own number": """DELETE FROM t;
        CREATE RULE "_RETURN" AS ON SELECT TO t DO INSTEAD SELECT ran('swap') AS v""",
}


def until_it_rests(url):
    """Return when our sessions have just given the lock up, and will look again before they ask for it; or after a while."""
    resting = """SELECT bool_and(state = 'idle' OR xact_start < clock_timestamp() - interval '0.4 s') AND
        max(state_change) FILTER (WHERE state = 'idle') > clock_timestamp() - interval '0.1 s'
        FROM pg_stat_activity WHERE application_name = 'rollproof' AND datname = current_database()"""
    end = time.monotonic() + 3
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end and connection.execute(resting).fetchone() != (True,):
            time.sleep(0.01)


@pytest.mark.promise
@pytest.mark.parametrize("swap", SWAPS)
def test_what_takes_a_tables_place_while_its_scan_waits_runs_nothing(swap, trace, database):
    """Its owner locks it until it was looked at and its scan waits; then something else stands there."""
    execute(database, FUNCTIONS, "CREATE TABLE t (v text); INSERT INTO t VALUES ('a')", "ANALYZE t")
    with viewing(database, lock_timeout=20) as view, ThreadPoolExecutor(1) as executor:
        contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        with psycopg.connect(database) as owner:
            owner.execute("LOCK TABLE t")
            waiting = executor.submit(contents.of, "public.t")
            time.sleep(0.5)
            assert not waiting.done()
            try:
                owner.execute(SWAPS[swap])
            except psycopg.errors.WrongObjectType:
                pytest.skip("a table cannot be made a view in this version")
            trace.ran()
            until_it_rests(database)
            owner.commit()
        with pytest.raises(Inconclusive):
            waiting.result(timeout=30)

    assert trace.ran() == set()


KEYS = """
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE FUNCTION number(mood) RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN RAISE LOG 'RAN cast'; RETURN 1; END $$;
CREATE CAST (mood AS int) WITH FUNCTION number(mood) AS IMPLICIT;
CREATE TABLE parents (id int PRIMARY KEY, mood mood UNIQUE);
CREATE TABLE children (mood mood, id int);
INSERT INTO parents VALUES (1, 'glad');
INSERT INTO children VALUES ('glad', 1), ('sad', 2), (NULL, NULL);
"""


@pytest.mark.promise
def test_keys_are_followed_by_no_cast_and_no_operator_of_a_users(trace, database):
    execute(
        database,
        KEYS,
        "CREATE FUNCTION same(mood, mood) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN true; END $$",
        "CREATE OPERATOR = (LEFTARG = mood, RIGHTARG = mood, FUNCTION = same)",
    )
    trace.ran()
    keys = {
        "cast": Relationship("public.children", ("mood",), "public.parents", ("id",)),
        "enum": Relationship("public.children", ("mood",), "public.parents", ("mood",)),
        "plain": Relationship("public.children", ("id",), "public.parents", ("id",)),
    }
    with viewing(database) as view:
        found = {}
        for name, key in keys.items():
            try:
                found[name] = [difference.after for difference in Orphans(view, {name: key}).of(EVERYTHING)]
            except Inconclusive as error:
                found[name] = str(error)

    assert found["enum"] == ["1 row leads nowhere: sad"]
    assert found["plain"] == ["1 row leads nowhere: 2"]
    assert "public.children.mood" in found["cast"]
    assert "number(public.mood)" in found["cast"]
    assert trace.ran() == set()


def test_the_server_itself_refuses_a_view_whatever_was_looked_at(trace, database):
    execute(database, FUNCTIONS, "CREATE VIEW t AS SELECT ran('view') AS v")
    trace.ran()
    with viewing(database) as view:
        if not view.ask(restricts):
            pytest.skip("this minor version has no such setting")
        with pytest.raises(Inconclusive, match='non-system view "t" is restricted'):
            view.ask(lambda connection: connection.execute(b"SELECT FROM public.t").fetchall())

    assert trace.ran() == set()


@pytest.mark.parametrize("rows", ["", "INSERT INTO u VALUES ('a')"], ids=["none", "one"])
def test_no_row_of_another_table_is_taken_for_the_listed_ones(rows, database):
    execute(database, "CREATE TABLE t (v text); CREATE TABLE u (v text)", rows or "SELECT")
    with viewing(database) as view:
        found = view.ask(lambda connection: relations(connection, ["public"]))
        strange = replace(found["public.u"], oid=found["public.t"].oid)
        with pytest.raises(Inconclusive, match=r"public\.u was rewritten, replaced or renamed"):
            view.ask(lambda connection: scan(connection, strange))
