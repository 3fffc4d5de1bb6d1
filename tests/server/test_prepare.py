"""A verification prepared without pytest: by a command, a fleet, or a program of somebody else's."""

from contextlib import ExitStack

import msgspec
import psycopg
import pytest
from pytest_httpserver import HTTPServer

from fixtures.readers import complete, execute
from fixtures.waiting import within
from rollproof.commands.prepare import planned, prepare
from rollproof.commands.request import Request
from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.finding import Finding
from rollproof.model.phase import PHASES
from rollproof.probes.leftovers import leftovers
from rollproof.settings.configuration import Configured
from rollproof.settings.endpoint import Endpoint
from rollproof.settings.options import Settings
from rollproof.settings.sections import Backup, Migration
from rollproof.sources.recorded import Recorded

BEFORE, AFTER = PHASES["pre_migration"], PHASES["post_rollback"]
TABLE = "CREATE TABLE public.things (id integer PRIMARY KEY); INSERT INTO public.things VALUES (1), (2)"
COPY = "CREATE SCHEMA kept; CREATE TABLE kept.things AS SELECT * FROM public.things"


@pytest.fixture
def url(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
    return database


@pytest.fixture
def keep():
    with ExitStack() as keep:
        yield keep


def request_of(phase, environment=None, **settings):
    return Request(Configured(Settings(**settings), None), phase, environment or {})


def sessions(url):
    with psycopg.connect(url) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return connection.execute(others).fetchone()[0]


def test_a_baseline_is_written_and_what_follows_is_held_against_it(url, keep, tmp_path):
    file, said = tmp_path / "b.json", []
    first = prepare(request_of(BEFORE, database_url=url, reference=str(file)), keep)

    written = first.write_baseline(said.append)
    second = prepare(request_of(AFTER, database_url=url, reference=str(file)), keep)

    assert (first.plan.output, first.held.kind, first.sides.before) == (file, "nothing", first.sides.after)
    assert said[0].startswith(f"baseline written: {file}, 1 table,")
    assert (second.held.kind, second.held.sha256) == ("baseline", written.sha256)
    assert (second.sides.before.tables, second.any_table) == (("public.things",), True)
    assert second.subject.database == second.held.source.database
    with pytest.raises(Misuse, match="post_rollback writes no baseline"):
        second.write_baseline(said.append)


def of_block(url, was, **settings):
    """Return a request whose reference a program took beforehand."""
    configured = Configured(Settings(database_url=url, **settings), None)
    return Request(configured, AFTER, {}, baseline=Recorded(was, "a baseline in memory"), block=True)


def test_a_program_hands_a_baseline_over(url, keep):
    """No file is looked for, and no signature is asked for: nobody could have changed it."""
    was = complete(url)
    prepared = prepare(of_block(url, was, reference="/not/there.json", require_signature="/no/key"), keep)

    assert prepared.sides.before.snapshot is was
    assert (prepared.held.kind, prepared.held.path, prepared.held.sha256) == ("baseline", "", "")
    assert str(prepared.held).startswith("a baseline in memory: taken ")


def test_a_tools_own_table_may_be_new_after_a_block(url, keep):
    was = complete(url)
    execute(
        url,
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        "CREATE SCHEMA drizzle; CREATE TABLE drizzle.__drizzle_migrations (id serial, hash text, created_at bigint)",
        "CREATE TABLE schema_migrations (title text)",
    )
    prepared = prepare(of_block(url, was), keep)
    sides = prepared.sides
    found = [Finding.of(each.difference) for each in leftovers(sides.before, sides.after)]

    left = sides.accepted.accept(found)

    assert [each.subject for each in left] == ["public.schema_migrations (table)"]
    assert [note for note in sides.notes if note.startswith("accepted")] == [
        "accepted: leftovers drizzle (schema): Drizzle keeps its own books there",
        "accepted: leftovers drizzle.__drizzle_migrations (table): Drizzle keeps its own books there",
        "accepted: leftovers public.alembic_version (table): Alembic keeps its own books there",
    ]


def test_a_tools_table_that_was_there_may_be_written_anew_and_no_more(url, keep):
    execute(url, "CREATE TABLE django_migrations (id int, app text, name text, applied timestamptz)")
    execute(url, "CREATE TABLE _yoyo_log (migration_hash text, operation text, created_at_utc timestamp)")
    accepted = prepare(of_block(url, complete(url)), keep).sides.accepted
    changed = [
        Difference(check, f"public.{table}", "1", "2")
        for table in ("django_migrations", "_yoyo_log", "things")
        for check in ("rows", "content")
    ]

    assert [(each.facet, each.identity) for each in accepted.accept(changed)] == [
        ("rows", "public.django_migrations"),
        ("rows", "public.things"),
        ("content", "public.things"),
    ]


def test_before_a_migration_the_reference_is_a_file(url, keep):
    """Another one is refused before a dump is restored, and without a password."""
    other = "postgresql://me:hunter22@127.0.0.1:1/d"
    for named in ({"reference": "backup"}, {"reference": other}, {"backup_file": "a.dump", "server": "nowhere"}):
        with pytest.raises(Misuse, match="before the migration there is nothing to compare with") as refused:
            prepare(request_of(BEFORE, database_url=url, **named), keep)
        assert "hunter22" not in str(refused.value)


def test_the_copies_of_the_migration_are_a_reference(url, keep):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(COPY)
    named = Backup(schema="kept", table="{table}")
    prepared = prepare(request_of(AFTER, database_url=url, reference="backup", backup=named), keep)

    assert (prepared.held.kind, prepared.sides.before) == ("copies", prepared.sides.copies)
    assert prepared.copied.asked == ("public.things",)


def test_sessions_end_with_what_keeps_them_and_where_the_preparation_fails(url, tmp_path):
    with ExitStack() as keep:
        prepare(request_of(BEFORE, database_url=url, reference=str(tmp_path / "b.json")), keep)
        assert sessions(url) > 0
    within(5, lambda: sessions(url) == 0)  # the server needs a moment to end a process
    wrong = {"backup": Backup(schema="kept", table="{table}"), "migration": Migration(columns=("public.things.gone",))}
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(COPY)
    with ExitStack() as keep, pytest.raises(Misuse, match=r"public\.things\.gone"):
        prepare(request_of(AFTER, database_url=url, reference="backup", **wrong), keep)
    within(5, lambda: sessions(url) == 0)


def test_what_is_known_before_the_subject_is_asked(keep, tmp_path):
    """The baseline is read, and the address is without its password, though nobody answers there."""
    request = request_of(BEFORE, database_url="postgresql://me:hunter22@127.0.0.1:1/d", reference=str(tmp_path / "b"))
    plan = planned(request, keep)

    assert (plan.held.where, plan.output) == (
        f"nothing yet: this run writes the baseline {tmp_path / 'b'}",
        tmp_path / "b",
    )
    assert "hunter22" not in plan.subject
    with pytest.raises(Inconclusive, match=r"127\.0\.0\.1"):
        plan.opened()


def test_endpoints_have_their_variables_from_the_request(url, keep, tmp_path, httpserver: HTTPServer):
    """And never from the environment of this process."""
    httpserver.expect_request("/health").respond_with_json({"status": "up"})
    health = Endpoint("health", "${HERE}/health", required_keys=("status",))
    asked = request_of(
        BEFORE, {"HERE": httpserver.url_for("")}, database_url=url, reference=str(tmp_path / "b"), endpoints=(health,)
    )
    prepared = prepare(asked, keep)

    prepared.plan.require_endpoints()
    prepared.write_baseline(lambda _: None)
    written = msgspec.json.decode((tmp_path / "b").read_bytes())

    assert "status 200" in str(written)
    with pytest.raises(Misuse, match="HERE"):
        planned(request_of(BEFORE, database_url=url, endpoints=(health,)), keep).require_endpoints()
