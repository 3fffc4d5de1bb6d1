"""pg_dump as a second witness: of the same instant, without secrets, and said to be absent where it cannot be run."""

import re
import time

import psycopg

from fixtures.readers import SCOPE, reader
from rollproof.catalog.capture import capture
from rollproof.server import pg_binaries
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING


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

    after = dumped(database)
    assert [name for name in {**before, **after} if before.get(name) != after.get(name)] == [
        "this (DATABASE PROPERTIES)"
    ]


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


def test_pg_dump_begins_before_the_catalogue_is_asked(database, monkeypatch):
    """Both may need a process of the server for long, as a table of 1,600 columns does; a locked table holds it up here."""
    found = []

    def asked_late(view, scope, without=()):
        end = time.monotonic() + 20
        while not found and time.monotonic() < end:
            found.extend(
                watch.execute("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = 't'::regclass").fetchall()
            )
        holder.rollback()
        return capture(view, scope, without)

    monkeypatch.setattr("rollproof.sources.live.capture", asked_late)
    with psycopg.connect(database, autocommit=True) as watch, psycopg.connect(database) as holder:
        watch.execute("CREATE TABLE t (id integer)")
        holder.execute("LOCK TABLE t")
        with reader(database, lock_timeout=30) as view:
            told = Live(view, SCOPE, "it", dumped=True).known("pg_dump", EVERYTHING).facts

    assert found
    assert "public.t (TABLE)" in told
