"""A table that the migration changed, without a copy: its old columns in their old types are held against the reference."""

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from rollproof.backup.old_columns import lost
from rollproof.migration.table_states import types_of
from rollproof.model.errors import Inconclusive
from rollproof.settings.sections import Migration
from rollproof.sources.live import Live
from rollproof.sources.recorded import Recorded
from rollproof.throwaway.servers.server import fresh_name

TABLE = """
CREATE TABLE @ (id integer, code varchar(9), n numeric(10, 2), at timestamp, on_off boolean, state state, d float8, u text,
                "o ""d" char(3), twice integer GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO @ SELECT n, 'c' || n, n / 3.0, '2026-01-01', n = 1, 'new', 0.1 * n, md5(n::text)::uuid::text, 'x'
FROM generate_series(1, 3) AS n;
INSERT INTO @ (id) VALUES (4);
"""
MORE = "ALTER TABLE @ ADD more text;"
# What is done to a table, and what is said of its rows: nothing, a finding, or why nobody can tell.
CHANGES = {
    "more_columns": (f"{MORE} UPDATE @ SET more = code; CREATE INDEX ON @ (code)", None),
    "other_order": ("""ALTER TABLE @ ADD new varchar(9); UPDATE @ SET new = code; ALTER TABLE @ DROP code;
                    ALTER TABLE @ RENAME new TO code""", None),
    "other_types": ("""ALTER TABLE @ ALTER twice DROP EXPRESSION, ALTER id TYPE bigint, ALTER code TYPE text,
                    ALTER n TYPE numeric(14, 4), ALTER at TYPE timestamptz, ALTER on_off TYPE text, ALTER state TYPE text,
                    ALTER d TYPE numeric,
                    ALTER u TYPE uuid USING u::uuid""", None),
    "exactly": ("ALTER TABLE @ ALTER n TYPE numeric(14, 4); UPDATE @ SET n = n + 0.0001", Inconclusive),
    "one_value": (f"{MORE} UPDATE @ SET code = 'd1' WHERE id = 1", "other values"),
    "to_null": (f"{MORE} UPDATE @ SET d = NULL WHERE id = 1", "other values"),
    "exchanged": (f"{MORE} UPDATE @ SET u = (SELECT u FROM @ AS x WHERE x.id = 3 - @.id) WHERE id < 3", "other values"),
    "spelling": (f"{MORE} UPDATE @ SET u = upper(u) WHERE id = 2", "other values"),
    "row_gone": (f"{MORE} DELETE FROM @ WHERE id = 1", "3 rows"),
    "row_gone_another_come": (f"{MORE} DELETE FROM @ WHERE id = 1; INSERT INTO @ (id) VALUES (9)", "other values"),
    "row_more": (f"{MORE} INSERT INTO @ (id) VALUES (9)", Inconclusive),
    "value_and_type": ("ALTER TABLE @ ALTER d TYPE numeric; UPDATE @ SET d = 7 WHERE id = 1", Inconclusive),
    "no_way_back": ("ALTER TABLE @ ALTER code TYPE text; UPDATE @ SET code = 'longer than it was' WHERE id = 1", Inconclusive),
    "no_number": ("ALTER TABLE @ ALTER n TYPE text; UPDATE @ SET n = 'x' WHERE id = 1", Inconclusive),
    "users_functions": ("CREATE DOMAIN checked AS text CHECK (random() < 2); ALTER TABLE @ ALTER code TYPE checked", Inconclusive),
}  # fmt: skip


def ground(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TYPE state AS ENUM ('new', 'old')")
        for table in CHANGES:
            connection.execute(TABLE.replace("@", table))


@pytest.fixture(scope="module")
def sides(server):
    """The baseline, the database as it was, and as it is."""
    names, views = [fresh_name(), fresh_name()], []

    def live(name):
        views.append(reader(server.dsn(name)))
        return Live(views[-1], SCOPE, "a database")

    server.create(names[0])
    ground(server.dsn(names[0]))
    server.create(names[1], names[0])
    baseline = Recorded(live(names[1]).complete(), "the baseline")
    with psycopg.connect(server.dsn(names[1]), autocommit=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for table, (change, _) in CHANGES.items():
            connection.execute(change.replace("@", table))
    yield baseline, live(names[0]), live(names[1])
    for view in views:
        view.close()
    for name in names:
        server.drop(name)


def said(before, after, table, migration=Migration()):  # noqa: B008 (frozen)
    name = f"public.{table}"
    columns = types_of(before)[name], types_of(after)[name]
    return [
        found.actual for found in lost(before, after, name, *columns, lambda column: migration.may_write(name, column))
    ]


def or_inconclusive(*arguments):
    try:
        return said(*arguments)
    except Inconclusive as error:
        return str(error)


def test_the_old_columns_are_read_back_in_their_old_types(sides):
    baseline, reference, after = sides

    for before in (baseline, reference):
        answers = {table: or_inconclusive(before, after, table) for table in CHANGES}
        for table, (_, expected) in CHANGES.items():
            answer = answers[table]
            if expected is Inconclusive:
                assert isinstance(answer, str), table
                assert "only rows could tell" in answer
            else:
                assert isinstance(answer, list), answer
                assert [text.partition(",")[0] for text in answer] == ([expected] if expected else []), table


def test_columns_that_may_be_written_are_left_out_where_the_reference_has_rows(sides):
    baseline, reference, after = sides
    backfill = Migration(columns=("public.one_value.code", "public.row_gone.code"))

    assert said(reference, after, "one_value", backfill) == []
    assert said(reference, after, "row_gone", backfill) == said(baseline, after, "row_gone", backfill) == ["3 rows"]
    assert said(reference, after, "to_null", backfill) != []
    with pytest.raises(Inconclusive, match=r"the reference keeps one fingerprint of all its columns, and code changed"):
        said(baseline, after, "one_value", backfill)
