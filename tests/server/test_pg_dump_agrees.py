"""pg_dump against our own questions: what one sees, the other sees, but for what is listed here with its reason."""

import os
import re
import tomllib
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.readers import SCOPE, reader
from fixtures.sql_dump import sql_dump
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING
from rollproof.throwaway.servers.server import fresh_name

GRAMMAR = Path(__file__).parents[1] / "data" / "grammar"
GROUND = (GRAMMAR / "ground.sql").read_text("utf-8")
TEMPLATES = [line for line in (GRAMMAR / "statements.sql").read_text("utf-8").splitlines() if line[:2] != "--"]
WORDS = tomllib.loads((GRAMMAR / "words.toml").read_text("utf-8"))
HOLE = re.compile("<([a-z]+)>")
OFTEN = int(os.environ.get("ROLLPROOF_EXAMPLES", "2"))
EXAMPLES = settings(max_examples=OFTEN, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
DATA = ("(sequence_positions|planner_statistics): .*",)
# facet: identity → why pg_dump does not tell it. Whatever of ours matches none of these, pg_dump must have seen as well.
ONLY_OURS = {
    "(foreign_keys|sequence_columns|dependencies|large_object_numbers|storage): .*": "told again, for programs",
    "(sequence_positions|planner_statistics|prepared_transactions): .*": "data, not schema",
    "(roles|tablespaces|replication|settings: .* FOR ROLE): .*": "of the whole server",
    "foreign_key_triggers: .*": "whether the triggers of a key are enabled: pg_dump looks at the triggers of people alone",
    r"privileges: \w+ \(language\) .*": "languages of the system itself are not dumped, nor are grants on them",
    r"(subscriptions|owners): .*\bsubscription\)?|comments: .*\(subscription\)": "left out, since only superusers see them",
    "subscriptions: .*": "the same",
    r"foreign_servers: .* \(user mapping\)": "the same",
    r'comments: .*"_RETURN" \(rule\)': "a view is dumped without the rule it is made of",
    r"comments: .* \(type\)": "comments on a type without a body, or on the type that a table is, are left out",
    r"comments: .* \(trigger\)": "comments on a partition's copy of its parent's trigger are left out",
    "extension_members: .*": "CREATE EXTENSION brings the members back",
    rf"privileges: (public\.)?({'|'.join(map(re.escape, WORDS['rowtype']))}) \(type\) TO .*": "of a table's own type",
    r"(functions|owners|privileges|comments): public\.span(_multirange)?\(.*": "a range type brings them back as they were made",
    "collation_versions: .*": "a dump is made in the order of the library that restores it",
    "extensions: .*": "no version is told",
    "sequences: .*": "no type is told of the sequence that is a column's identity",
    "views: .*": "nothing is told of whether a materialized view is populated",
}
ONLY_PG_DUMP: dict[str, str] = {}


@st.composite
def statements(draw):
    """One SQL statement; it may be impossible where it comes, and then the server says so and nothing happened."""
    statement = draw(st.sampled_from(TEMPLATES))
    while hole := HOLE.search(statement):
        statement = statement.replace(hole.group(), draw(st.sampled_from(WORDS[hole[1]])), 1)
    return statement


def seen(url):
    """Return what our questions say, "facet: identity" → description, and what pg_dump says."""
    view = reader(url)
    try:
        side = Live(view, SCOPE, "it")
        side.begin_dump()
        ours = {f"{facet}: {key}": text for facet, facts in side.snapshot.facets.items() for key, text in facts.items()}
        return ours, dict(side.known("pg_dump", EVERYTHING).facts)
    finally:
        view.close()


def differing(before, after, ignored=()):
    """Return the names that differ, but those that match something ignored."""
    pattern = re.compile("|".join(ignored) or "(?!)")
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return sorted(name for name in names if not pattern.fullmatch(name))


def play(connection, statement):
    """Execute it; tell whether that was possible."""
    try:
        connection.execute(statement.replace("DATABASE_NAME", connection.info.dbname).encode())
    except psycopg.Error:
        return False
    return True


@pytest.fixture(scope="module")
def ground(server):
    """A database with one of most things, and the roles and the tablespace that the statements name."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute("CREATE ROLE rollproof_r0; CREATE ROLE rollproof_r1 SUPERUSER")
        play(admin, "SET allow_in_place_tablespaces = on")  # before 15 there is none, and what names it is impossible
        play(admin, "CREATE TABLESPACE rollproof_ts LOCATION ''")
        server.create("rollproof_ground")
        with psycopg.connect(server.dsn("rollproof_ground"), autocommit=True) as connection:
            connection.execute(GROUND)
        yield "rollproof_ground"
        server.drop("rollproof_ground")
        play(admin, "DROP TABLESPACE rollproof_ts")
        admin.execute("DROP ROLE rollproof_r0; DROP ROLE rollproof_r1")


@pytest.fixture(scope="module")
def world(server, ground):
    """Call it with statements, in a `with`, for a session on a copy of the ground where they were executed."""

    @contextmanager
    def made(statements):
        name = fresh_name()
        server.create(name, ground)
        try:
            with psycopg.connect(server.dsn(name), autocommit=True) as connection:
                for statement in statements:
                    play(connection, statement)
                yield connection
                for (subscription,) in connection.execute("SELECT subname FROM pg_subscription").fetchall():
                    play(connection, f"DROP SUBSCRIPTION {subscription}")
        finally:
            server.drop(name)

    return made


@EXAMPLES
@given(schema=st.lists(statements(), max_size=30), changes=st.lists(statements(), min_size=8, max_size=12))
def test_we_see_a_change_exactly_when_pg_dump_does(world, server, schema, changes):
    with world(schema) as connection:
        url = server.dsn(connection.info.dbname)
        before = seen(url)
        for change in changes:
            if not play(connection, change):
                continue
            after = seen(url)
            ours, theirs = (differing(*sides) for sides in zip(before, after, strict=True))
            assert ours or not differing(before[1], after[1], ONLY_PG_DUMP), f"we do not see: {change}"
            assert theirs or not differing(before[0], after[0], ONLY_OURS), f"we alone see a difference: {change}"
            before = after


HARMLESS = (
    "UPDATE t0 SET a = a",
    "VACUUM FULL",
    "CLUSTER t0 USING i0; ALTER TABLE t0 SET WITHOUT CLUSTER",
    "REINDEX DATABASE DATABASE_NAME",
    "REINDEX TABLE CONCURRENTLY t1",
    "ANALYZE",
    "REVOKE ALL ON t0 FROM rollproof_r0 CASCADE; GRANT SELECT ON t0 TO rollproof_r0 WITH GRANT OPTION",
    "REVOKE ALL ON t1 FROM rollproof_r1; GRANT UPDATE (b), SELECT (a) ON t1 TO rollproof_r1",
    "DROP INDEX i0; CREATE INDEX i0 ON t0 (b)",
    "DROP TRIGGER g1 ON t1; CREATE TRIGGER g1 AFTER UPDATE ON t1 FOR EACH STATEMENT EXECUTE FUNCTION watch()",
    "ALTER TABLE t1 DROP CONSTRAINT t1_fk, ADD CONSTRAINT t1_fk FOREIGN KEY (a) REFERENCES t0 ON DELETE CASCADE",
    "ALTER TABLE t2 ADD extra integer; ALTER TABLE t2 DROP extra",
)


def test_what_is_harmless_is_seen_by_neither(world, server):
    with world([]) as connection:
        url = server.dsn(connection.info.dbname)
        before = seen(url)
        for statement in (statement for change in HARMLESS for statement in change.split(";")):
            assert play(connection, statement), statement
        assert [differing(*sides, DATA) for sides in zip(before, seen(url), strict=True)] == [[], []]


def test_what_is_made_again_from_a_dump_is_the_same(world, server, new_database):
    """Each object of the ground is dropped and made again, so to say: no oid and no name of the server's choosing is a fact."""
    # CREATE LANGUAGE of a dump looks for an extension, and there is none of that name.
    with world(["DROP LANGUAGE spoken"]) as connection:
        url = server.dsn(connection.info.dbname)
        again = server.dsn(new_database())
        with psycopg.connect(again, autocommit=True) as other:
            other.execute(sql_dump(server, url, "--schema-only").encode())
            other.execute("REFRESH MATERIALIZED VIEW public.m0; DROP SCHEMA IF EXISTS none")

        assert [differing(*sides, DATA) for sides in zip(seen(url), seen(again), strict=True)] == [[], []]
