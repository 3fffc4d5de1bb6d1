"""pg_dump against our own questions: what one sees, the other sees, but for what is listed here with its reason."""

import os
import re
import shutil
import subprocess
import time
import tomllib
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.readers import SCOPE, reader
from rollproof.catalog.capture import capture
from rollproof.rehearsal.servers.server import fresh_name
from rollproof.rehearsal.story import free_port
from rollproof.server import pg_binaries
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.sources.baseline import load, save
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING

GRAMMAR = Path(__file__).parents[1] / "data" / "grammar"
GROUND = (GRAMMAR / "ground.sql").read_text("utf-8")
TEMPLATES = [line for line in (GRAMMAR / "statements.sql").read_text("utf-8").splitlines() if line[:2] != "--"]
WORDS = tomllib.loads((GRAMMAR / "words.toml").read_text("utf-8"))
HOLE = re.compile("<([a-z]+)>")
EXAMPLES = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

DATA = ("(sequence_positions|planner_statistics): .*",)

# facet: identity → why pg_dump does not tell it. Whatever of ours matches none of these, pg_dump must have seen as well.
ONLY_OURS = {
    "(foreign_keys|sequence_columns): .*": "told again, for programs",
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
    "views: .*": "nothing is told of whether a materialised view is populated",
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
        for change in HARMLESS:
            for statement in change.split(";"):
                assert play(connection, statement), statement
            after = seen(url)
            assert (change, *(differing(*sides, DATA) for sides in zip(before, after, strict=True))) == (change, [], [])


def test_what_is_made_again_from_a_dump_is_the_same(world, server, new_database):
    """Each object of the ground is dropped and made again, so to say: no oid and no name of the server's choosing is a fact."""
    program, _ = pg_binaries.pg_dump(server.version // 10_000, None)
    # CREATE LANGUAGE of a dump looks for an extension, and there is none of that name.
    with world(["DROP LANGUAGE spoken"]) as connection:
        url = server.dsn(connection.info.dbname)
        written = subprocess.run([program, "--schema-only", url], check=True, capture_output=True, text=True).stdout
        unknown = ("\\", "SET transaction_timeout")  # psql's, and what a pg_dump says that is newer than the server
        again = server.dsn(new_database())
        with psycopg.connect(again, autocommit=True) as other:
            other.execute("\n".join(line for line in written.splitlines() if not line.startswith(unknown)).encode())
            other.execute("REFRESH MATERIALIZED VIEW public.m0; DROP SCHEMA IF EXISTS none")

        assert [differing(*sides, DATA) for sides in zip(seen(url), seen(again), strict=True)] == [[], []]


def dumped(url, limits=None):
    """Return why pg_dump says nothing of a database, or what it says."""
    view = SnapshotReader(Target.parse(url), limits or Limits())
    try:
        side = Live(view, SCOPE, "it")
        return side.unavailable("pg_dump") or side.known("pg_dump", EVERYTHING).facts
    finally:
        view.close()


def test_the_backup_and_the_log_are_left_out_with_all_that_is_theirs(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.t (); CREATE TABLE kept (id int);"
            "CREATE TABLE migration_log (id serial PRIMARY KEY, at timestamptz DEFAULT now()); CREATE INDEX ON migration_log (at);"
            "COMMENT ON COLUMN migration_log.at IS 'x'"
        )

    said = dumped(database)
    assert "public.kept (TABLE)" in said
    assert [identity for identity in said if "migration" in identity] == []


def test_it_is_of_the_same_instant_as_all_the_rest(database):
    view = reader(database)
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("CREATE TABLE later ()")
        side = Live(view, SCOPE, "it")

        assert not any("later" in key for key in side.known("pg_dump", EVERYTHING).facts)
    finally:
        view.close()


def test_no_secret_is_kept(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE FOREIGN DATA WRAPPER w;"
            "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (api_token 'hunter2', password 'hunter''2');"
            "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (password 'hunter2');"
            "CREATE FOREIGN TABLE f () SERVER s OPTIONS (secret_key 'hunter2')"
        )
        connection.execute(f"ALTER DATABASE {connection.info.dbname} SET app.password = 'hunter2'")

    said = dumped(database)
    assert "secret_key '(hidden)'" in said["public.f (FOREIGN TABLE)"]
    assert "hunter" not in str(said)


def test_a_time_zone_or_a_style_of_the_database_changes_no_text(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE t (at timestamptz DEFAULT '2020-01-01 00:00+00', span interval DEFAULT '1 day 2 hours')"
        )
        before = dumped(database)
        for setting in ("TimeZone = 'Asia/Tokyo'", "DateStyle = 'German'", "IntervalStyle = 'iso_8601'"):
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET {setting}")

    assert differing(before, dumped(database)) == ["this (DATABASE PROPERTIES)"]


def test_a_style_that_cannot_be_pinned_is_told(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE t (); ALTER DATABASE {connection.info.dbname} SET quote_all_identifiers = on")

    assert dumped(database)["this (pg_dump)"].endswith(", quote_all_identifiers on")


def test_a_locked_table_is_waited_for_no_longer_than_allowed(database):
    with psycopg.connect(database) as other:
        other.execute("CREATE TABLE t ()")
        other.commit()
        other.execute("LOCK TABLE t")

        assert "raise --lock-timeout" in dumped(database, Limits(lock_timeout=0.2))


def test_a_table_that_may_not_be_read_is_named_with_the_grant(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (); CREATE ROLE rollproof_reader LOGIN PASSWORD 'x'")
        try:
            url = re.sub("//.*@", "//rollproof_reader:x@", database)
            assert re.search(
                "permission denied for table t.*; GRANT pg_read_all_data TO rollproof_reader", dumped(url), re.DOTALL
            )
            connection.execute("GRANT pg_read_all_data TO rollproof_reader")
            assert dumped(url) == dumped(database)
        finally:
            connection.execute("DROP ROLE rollproof_reader")


def test_more_locks_than_a_quarter_of_the_room_are_not_taken(database):
    with psycopg.connect(database, autocommit=True) as connection:
        room = connection.execute(
            "SELECT current_setting('max_locks_per_transaction')::int"
            " * (current_setting('max_connections')::int + current_setting('max_prepared_transactions')::int)"
        ).fetchone()[0]
        connection.execute(
            "DO $$ BEGIN FOR n IN 0 .. %s LOOP EXECUTE format('CREATE VIEW v%%s AS SELECT', n); END LOOP; END $$"
            % (room // 4)
        )

    assert "a quarter of it is not ours to take" in dumped(database)


def test_an_older_pg_dump_or_none_is_no_witness(database, monkeypatch, tmp_path):
    monkeypatch.setattr(pg_binaries, "KNOWN", ())
    monkeypatch.setattr(pg_binaries.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "no pg_dump of PostgreSQL" in dumped(database)

    old = tmp_path / "old"
    old.mkdir()
    (old / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.24'\n")
    (old / "pg_dump").chmod(0o755)
    monkeypatch.setenv("PATH", str(old))
    assert "no pg_dump of PostgreSQL" in dumped(database)


@pytest.fixture
def pooled(database, open_folder):
    """The same database through PgBouncer, which gives a server's session to a client for one transaction."""
    program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
    if program is None:
        pytest.skip("there is no PgBouncer here")
    here, port = Target.parse(database).parameters, free_port()
    target = " ".join(f"{key}={here[key]}" for key in ("host", "port", "dbname", "user", "password"))
    settings = (
        f"[databases]\nit = {target}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
    )
    file = open_folder / "pgbouncer.ini"
    file.write_text(settings + "auth_type = any\npool_mode = transaction\n")
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, "-q", *as_nobody, file], stderr=subprocess.DEVNULL) as process:
        url = f"postgresql://me@127.0.0.1:{port}/it"
        end = time.monotonic() + 10
        while time.monotonic() < end:
            with suppress(psycopg.OperationalError), psycopg.connect(url):
                break
        yield url
        process.terminate()


def test_behind_a_pooler_it_is_not_run(database, pooled):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t ()")

    assert "there is a pooler" in dumped(pooled)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"facets": {}, "absent": {"pg_dump": "none was at hand"}},
            "pg_dump said nothing about baseline.json: none was at hand",
        ),
        (
            {"facets": {"pg_dump": {"this (pg_dump)": "written by pg_dump 13 of PostgreSQL 13"}}, "absent": {}},
            "written by pg_dump 13",
        ),
    ],
)
def test_without_a_witness_the_verdict_stands_and_says_so(command, database, tmp_path, change, says):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t ()")
    view = reader(database)
    try:
        complete = Live(view, SCOPE, "it").complete()
    finally:
        view.close()
    facets = {facet: facts for facet, facts in complete.facets.items() if facet != "pg_dump"} | change["facets"]
    save(msgspec.structs.replace(complete, facets=facets, absent=change["absent"]), tmp_path / "baseline.json")

    done = command(tmp_path, "verify", "-m", "post_rollback and structure", "--database-url", database)

    assert done.returncode == 0, done.stdout
    assert says in done.stdout


def test_a_baseline_is_complete_without_a_witness_and_says_so(command, database, tmp_path):
    with psycopg.connect(database) as other:
        other.execute("CREATE TABLE t ()")
        other.commit()
        other.execute("LOCK TABLE t")
        done = command(tmp_path, "capture", "--database-url", database, "--lock-timeout", "0.2", "--partial")

    assert done.returncode == 0, done.stderr
    assert "without pg_dump, which will not be checked: " in done.stdout
    assert "pg_dump" not in load(tmp_path / "baseline.json").unknown


def test_pg_dump_begins_before_the_catalogue_is_asked(database, monkeypatch):
    """Both may need a process of the server for long, as a table of 1,600 columns does; a locked table holds it up here."""
    found = []

    def asked_late(view, scope):
        end = time.monotonic() + 20
        while not found and time.monotonic() < end:
            found.extend(
                watch.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 't'::regclass").fetchall()
            )
        holder.rollback()
        return capture(view, scope)

    monkeypatch.setattr("rollproof.sources.live.capture", asked_late)
    with psycopg.connect(database, autocommit=True) as watch, psycopg.connect(database) as holder:
        watch.execute("CREATE TABLE t (id integer)")
        holder.execute("LOCK TABLE t")
        view = reader(database, lock_timeout=30)
        try:
            side = Live(view, SCOPE, "it", dumped=True)
            told = side.known("pg_dump", EVERYTHING).facts
        finally:
            view.close()

    assert found
    assert "public.t (TABLE)" in told
