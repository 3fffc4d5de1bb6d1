"""Which tables are read first, as the server, the baseline and the configuration tell it."""

from contextlib import ExitStack

import msgspec
import psycopg
import pytest

from fixtures.readers import complete, execute
from rollproof.commands.prepare import prepare
from rollproof.commands.request import Request
from rollproof.commands.taken import take
from rollproof.model.phase import PHASES
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.sections import ForeignKey, Migration
from rollproof.sources.recorded import Recorded

NAMES = ("as_it_was", "written", "rewritten", "defined", "copied", "named", "from_here", "to_there")
SETTINGS = {
    "migration": Migration(columns=("public.named.id",)),
    "foreign_key": (ForeignKey("public.from_here", ("id",), "public.to_there", ("id",)),),
}
CONFIGURED = {
    "public.copied": "the migration kept a copy of it",
    "public.from_here": "[[foreign_key]] names it",
    "public.named": "[migration] names it",
    "public.to_there": "[[foreign_key]] names it",
}
DEFINED = {"public.defined": "its definition differs"}


@pytest.fixture
def changed(database):
    """A database in which tables were changed, each in its way, and the baseline of before."""
    execute(database, *(f"CREATE TABLE {name} AS SELECT i AS id FROM generate_series(1, 9) AS i" for name in NAMES))
    was = take(Settings(database_url=database), {}).snapshot
    execute(
        database,
        "UPDATE written SET id = id",
        "ALTER TABLE rewritten ALTER id TYPE bigint, ALTER id SET DEFAULT 1",
        "ALTER TABLE rewritten ALTER id TYPE integer, ALTER id DROP DEFAULT",
        "ALTER TABLE defined ALTER id SET NOT NULL",
        "CREATE SCHEMA migration_backup",
        "CREATE TABLE migration_backup.copied_backup AS TABLE copied",
    )
    execute(database, "VACUUM (FREEZE, ANALYZE) as_it_was")  # as autovacuum may at any time
    return database, was


def suspects(url, was, **settings):
    """Return why each suspect is one, of a verification with this baseline."""
    configured = Configured(Settings(database_url=url, other_database=True, **settings), None)
    request = Request(configured, PHASES["post_rollback"], {}, baseline=Recorded(was, "the baseline"))
    with ExitStack() as keep:
        return {table: each.why for table, each in prepare(request, keep).suspects.items()}


def test_each_reason_makes_a_suspect_and_what_is_as_it_was_is_none(changed):
    traces = {"public.written": "written to since the baseline", "public.rewritten": "rewritten since the baseline"}

    assert suspects(*changed, **SETTINGS) == CONFIGURED | DEFINED | traces


def test_what_another_server_or_an_older_rollproof_counted_says_nothing(changed):
    url, was = changed
    elsewhere = msgspec.structs.replace(was, origin=msgspec.structs.replace(was.origin, system="17"))

    assert suspects(url, elsewhere, **SETTINGS) == CONFIGURED | DEFINED
    assert suspects(url, msgspec.structs.replace(was, footprints={}), **SETTINGS) == CONFIGURED | DEFINED


def test_definitions_of_another_major_say_nothing(changed):
    url, was = changed
    older = was.origin.server_version - 10_000
    other = msgspec.structs.replace(was, origin=msgspec.structs.replace(was.origin, system="", server_version=older))

    assert suspects(url, other) == {"public.copied": CONFIGURED["public.copied"]}


def test_counters_that_were_reset_make_no_suspect(database):
    execute(database, "CREATE TABLE t AS SELECT 1 AS id", "UPDATE t SET id = 1")
    was = take(Settings(database_url=database), {}).snapshot
    execute(database, "SELECT pg_stat_reset()")

    assert was.footprints["public.t"].updated == 1
    assert suspects(database, was) == {}


def test_a_locked_table_delays_nobody(changed):
    url, was = changed
    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE as_it_was")

        assert "public.written" in suspects(url, was, lock_timeout=100)


def test_a_database_as_the_reference_counts_for_itself(changed, server, new_database):
    url, _ = changed
    twin = server.dsn(new_database(url.rpartition("/")[2].partition("?")[0]))
    configured = Configured(Settings(database_url=url, reference=twin), None)
    with ExitStack() as keep:
        found = prepare(Request(configured, PHASES["post_rollback"], {}), keep).suspects

    assert list(found) == ["public.copied"]
    assert complete(twin).footprints == {}
