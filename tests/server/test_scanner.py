"""Many tables read side by side, in parts and together, come to the same as each read alone; or it is said that they do not."""

import time
from dataclasses import replace

import psycopg
import pytest

from fixtures.readers import execute, reader
from fixtures.waiting import within
from rollproof.model.errors import Inconclusive
from rollproof.rows import scan as scans
from rollproof.rows import scanner as content
from rollproof.rows.scan import added_up, plan, scan
from rollproof.rows.scanner import Scanner
from rollproof.rows.suspects import WRITTEN, Suspect
from rollproof.rows.tables import relations

TABLES = """
-- About 860 pages. On a busy machine autovacuum would analyse them before a test does.
CREATE TABLE large WITH (autovacuum_enabled = off) AS SELECT i, repeat('x', 300) AS filler FROM generate_series(1, 20000) i;
CREATE TABLE "Sm%all" AS SELECT 1 AS x;
CREATE TABLE empty ();
CREATE TABLE third AS SELECT 3 AS x;
CREATE ROLE rollproof_stranger LOGIN PASSWORD 'none';
"""


def tables(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(TABLES.replace("CREATE ROLE", "DROP ROLE IF EXISTS rollproof_stranger; CREATE ROLE"))


@pytest.fixture
def database(database_from):
    return database_from(tables)


@pytest.fixture
def opened():
    """Call it with a URL for a view and its contents; what it opens is closed afterwards."""
    views = []

    def open_(url, **limits):
        view = reader(url, **limits)
        views.append(view)
        return view, Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))

    yield open_
    for view in views:
        view.close()


@pytest.fixture
def in_small_parts(monkeypatch):
    for module in (scans, content):
        monkeypatch.setattr(module, "PART", (100, 200))


@pytest.mark.usefixtures("in_small_parts")
@pytest.mark.parametrize("jobs", [1, 3])
def test_a_table_in_parts_and_tables_together_are_as_each_alone(database, opened, jobs):
    view, contents = opened(database, jobs=jobs)
    found = view.ask(lambda connection: relations(connection, ["public"]))
    alone = {name: view.ask(lambda connection, of=of: scan(connection, of)) for name, of in found.items()}

    assert {name: contents.of(name) for name in contents.tables} == alone
    assert contents.of("public.large").rows == 20000
    assert contents.progress().done == contents.progress().total > 5_000_000


@pytest.mark.usefixtures("in_small_parts")
def test_a_size_that_the_catalogue_remembers_wrongly_loses_no_row(database, opened):
    """Pages beyond the last that was expected belong to the last part."""
    view, _ = opened(database)
    (large,) = (of for of in view.ask(lambda c: relations(c, ["public"])).values() if of.name == "public.large")
    wrong = replace(large, pages=450)
    parts = [view.ask(lambda c, one=one: scans.read(c, one))["public.large"] for one in plan([wrong], 1)]

    assert len(parts) > 2
    assert added_up(parts) == view.ask(lambda c: scan(c, large))


@pytest.mark.usefixtures("in_small_parts")
def test_parts_are_read_by_their_pages_alone(database, opened):
    """Else each part would cost a scan of the whole table."""
    view, _ = opened(database)
    (large,) = (of for of in view.ask(lambda c: relations(c, ["public"])).values() if of.name == "public.large")
    one = scans.Scan((large,), 100, (100, 0), (200, 0))
    plans = view.ask(lambda c: c.execute(f"EXPLAIN {scans._select(0, large, one, view.version)}".encode()).fetchall())  # noqa: SLF001

    assert any("Tid Range Scan" in line for (line,) in plans)


def test_large_tables_come_first_and_small_ones_together(database, opened):
    view, _ = opened(database)
    planned = plan(view.ask(lambda connection: relations(connection, ["public"])).values(), 2)

    assert len(planned) == 1  # none of them was analysed yet, so all seem small
    execute(database, "ANALYZE")
    view, _ = opened(database)
    planned = plan(view.ask(lambda connection: relations(connection, ["public"])).values(), 2)
    assert [[of.name for of in one.relations] for one in planned] == [
        ["public.large"],
        ['public."Sm%all"', "public.third", "public.empty"],
    ]


def test_a_locked_table_is_named_and_the_others_are_read(database, opened):
    with psycopg.connect(database) as other:
        other.execute('LOCK TABLE "Sm%all"')
        _, contents = opened(database, lock_timeout=0.2)

        assert contents.of("public.third").rows == 1
        with pytest.raises(Inconclusive, match=r'public."Sm%all" could not be read: another session holds a lock'):
            contents.of('public."Sm%all"')


@pytest.mark.usefixtures("in_small_parts")
@pytest.mark.parametrize("gentle", [False, True])
def test_suspects_are_read_first_and_who_hears_of_a_table_need_not_wait_for_it(database, opened, gentle):
    execute(database, "ANALYZE")
    _, contents = opened(database, jobs=1, gentle=gentle)
    heard, read = [], []
    contents.heard_by(lambda table: (heard.append(table), read.append(contents.has_read(table))))
    assert not contents.has_read("public.third")
    contents.begin({"public.third": Suspect("it was written to", WRITTEN)})
    rows = {table: contents.of(table).rows for table in contents.tables}

    within(10, lambda: set(heard) == contents.tables)
    assert heard[:2] == ["public.third", "public.large"]
    assert read == [True] * len(heard)
    assert rows == {"public.large": 20000, 'public."Sm%all"': 1, "public.empty": 0, "public.third": 1}


def test_a_locked_table_keeps_no_other_waiting_for_its_size(database, opened):
    execute(database, "CREATE TABLE unknown AS SELECT 1 AS x, 'y' AS y")
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE unknown")
        _, contents = opened(database, lock_timeout=100, jobs=2)
        began = time.monotonic()
        contents.begin({"public.large": Suspect("", WRITTEN)})

        assert contents.of("public.large").rows == 20000
        assert time.monotonic() - began < 50
        other.rollback()
        assert contents.of("public.unknown").rows == 1


def test_nobody_hears_of_a_table_that_could_not_be_read(database, opened):
    heard = []
    with psycopg.connect(database) as other:
        other.execute('LOCK TABLE "Sm%all"')
        _, contents = opened(database, lock_timeout=0.2)
        contents.heard_by(heard.append)
        contents.begin({'public."Sm%all"': Suspect("", WRITTEN)})
        assert contents.of("public.third").rows == 1
        with pytest.raises(Inconclusive):
            contents.of('public."Sm%all"')

        assert not contents.has_read('public."Sm%all"')
        assert 'public."Sm%all"' not in heard


def test_what_the_role_may_not_read_is_named_with_the_grant(database, opened):
    execute(database, "GRANT SELECT ON third TO rollproof_stranger; GRANT USAGE ON SCHEMA public TO rollproof_stranger")
    target = database.replace("postgres:", "rollproof_stranger:", 1)
    if "@" in target:
        target = target.replace(target.split("rollproof_stranger:")[1].split("@")[0], "none", 1)
    _, contents = opened(target)

    assert contents.of("public.third").rows == 1
    with pytest.raises(Inconclusive, match=r"GRANT SELECT ON public\.large TO rollproof_stranger"):
        contents.of("public.large")


@pytest.mark.parametrize("rewriting", ["TRUNCATE large", "VACUUM FULL large", "ALTER TABLE large SET UNLOGGED"])
def test_a_table_that_was_rewritten_since_the_instant_is_never_said_to_be_empty(database, opened, rewriting):
    """To an older snapshot its rows look gone, or moved, although they were there."""
    _, contents = opened(database)
    execute(database, rewriting)

    with pytest.raises(Inconclusive, match=r"public.large was rewritten"):
        contents.of("public.large")


def test_rows_written_since_the_instant_are_not_of_it(database, opened):
    _, contents = opened(database)
    execute(database, "INSERT INTO large VALUES (0, ''); DELETE FROM large WHERE i < 100; UPDATE third SET x = 4")

    assert contents.of("public.large").rows == 20000


@pytest.mark.usefixtures("in_small_parts")
def test_parts_of_different_instants_are_not_added_up(database, opened, monkeypatch):
    """A row that moved between two parts would be counted twice, or never; the table is then read again in one go."""
    _, contents = opened(database, jobs=1)
    instants = iter(range(100))
    read = content.read

    def read_later(connection, one):
        parts = read(connection, one)
        if one.first != (0, 0) or one.end:
            twice = parts["public.large"].rows + 1
            return {"public.large": replace(parts["public.large"], rows=twice, instant=str(next(instants)))}
        return parts

    monkeypatch.setattr(content, "read", read_later)
    assert contents.of("public.large").rows == 20000


def test_what_was_never_populated_has_no_rows_to_read(database, opened):
    execute(database, "CREATE MATERIALIZED VIEW of_none AS SELECT 1 AS one WITH NO DATA")
    _, contents = opened(database)
    unpopulated = contents.tables

    execute(database, "REFRESH MATERIALIZED VIEW of_none")
    _, contents = opened(database)

    assert contents.tables - unpopulated == {"public.of_none"}


@pytest.mark.usefixtures("in_small_parts")
def test_a_small_table_with_large_values_is_read_in_parts(database, opened):
    """Before any VACUUM the catalogue does not know how large what it keeps out of line is."""
    execute(
        database,
        "CREATE TABLE files (name int, body text); ALTER TABLE files ALTER body SET STORAGE EXTERNAL;"
        " INSERT INTO files SELECT i, repeat(md5(i::text), 300) FROM generate_series(1, 700) AS i; ANALYZE files",
    )
    view, contents = opened(database)
    found = contents.found["public.files"]
    alone = view.ask(lambda connection: scan(connection, found))
    contents.begin()

    assert (found.pages < 10, found.toast) == (True, -1)
    assert contents.of("public.files") == alone
    assert len([one for one, _ in contents._planned if one.relations[0].name == "public.files"]) > 2  # noqa: SLF001
