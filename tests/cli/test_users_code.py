"""Nobody's code runs: whoever owns tables plants it wherever PostgreSQL holds any, and a superuser verifies.

What is planted, `data/hostile/users_code.sql` says. First each is run by hand, so that the test knows how to see it; then
rollproof does all it can do.
"""

import os
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from fixtures.readers import execute
from rollproof.commands.doctor import examine
from rollproof.commands.repair_script import script
from rollproof.commands.verification import Opening, recorded
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings

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
EVERY_RUN = os.environ.get("ROLLPROOF_EVERY_RUN")


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
    ("init", "--output", "-"),
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
    opened = Opening(asked.settings, asked.reference, recorded(asked.reference)).verification()
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
