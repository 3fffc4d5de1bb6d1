"""From a baseline's sums alone it is told where rows differ: every damaged row is in a named part, and no other part is named."""

import os
from dataclasses import replace

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql

from fixtures.every import every
from rollproof.model.detail import Detail, Division
from rollproof.rows import detail_choice
from rollproof.rows.detail import Divided, divided_rows, sums_of
from rollproof.rows.detail_search import sums_now, unlike
from rollproof.rows.scan import sized
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits, SnapshotReader, Target, connect
from rollproof.throwaway.servers.server import fresh_name
from rollproof.verdict.row_ranges import whereabouts

EXAMPLES = int(os.environ.get("ROLLPROOF_EXAMPLES", "8"))
LARGE = 40_000  # rows of a table that is read in blocks of pages

# What is the key, whether rows lie in its order, and the rest of the table: {i} counts the rows.
SMALL_TABLES = {
    "smallint": "{i}::int2 AS id, {i} AS v",
    "integer": "{i} * 3 - 700 AS id, {i} AS v",
    "bigint, far apart": "{i}::int8 ^ 6::int8 AS id, {i} AS v",
    "date": "date '1999-12-01' + {i} AS id, {i} AS v",
    "timestamp": "timestamp '2001-01-01' - {i} * interval '1.000001 second' AS id, {i} AS v",
    "timestamptz": "timestamptz '2001-01-01 UTC' + {i} * interval '1 day' AS id, {i} AS v",
    "uuid": "md5({i}::text)::uuid AS id, {i} AS v",
    "text": "'Key ' || {i} AS id, {i} AS v",
    "varchar": "md5({i}::text)::varchar(36) AS id, {i} AS v",
    "numeric": "{i}::numeric(12, 2) AS id, {i} AS v",
    "boolean and text": "{i} % 2 = 0 AS id, 'k' || {i} AS b, {i} AS v",
    "composite": "{i} / 10 AS id, {i} % 10 AS b, {i} AS v",
    "interval": "make_interval(secs => {i}) AS id, {i} AS v",
}


@pytest.fixture
def sums(database):
    """Call it for a baseline's details of the tables in `database`, and with them for the sums as they are."""
    views = []

    def look(details=None, **limits):
        views.append(view := SnapshotReader(Target.parse(database), Limits(**limits)))
        scanner = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        if details is None:
            scanner.keep_details()
            return scanner.details({table: scanner.of(table) for table in scanner.tables})
        return {table: sums_now(scanner.scannable(table), each) for table, each in details.items()}

    yield look
    for view in views:
        view.close()


def made(url, columns, rows, name="t", key="id"):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
        connection.execute(
            f"CREATE TABLE {name} AS SELECT {columns.format(i='i')} FROM generate_series(1, {rows}) AS i"
        )
        if key:
            connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({key})")
        # 16 and 17 leave empty pages at its end, where rows that are updated would be strewn.
        connection.execute(f"VACUUM {name}")


def play(url, script):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script)


def parts_of(url, detail: Detail, table, condition):
    """Return the numbers of the parts in which rows are that meet a condition, as PostgreSQL compares values with the bounds."""
    division = detail.division
    column = sql.SQL(division.columns[0])
    query = sql.SQL(
        "SELECT DISTINCT 1 + (SELECT count(*) FROM unnest({}::{}[]) AS b WHERE b <= {}) FROM {} WHERE {}"
    ).format(list(division.bounds), sql.SQL(division.types[0]), column, sql.SQL(table), sql.SQL(condition))
    with psycopg.connect(url) as connection:
        return {part for (part,) in connection.execute(query)}


@every("what", SMALL_TABLES)
def test_a_row_that_changed_is_in_the_one_part_that_is_named(database, sums, what):
    key = "id, b" if " b, " in SMALL_TABLES[what] else "id"
    made(database, SMALL_TABLES[what], 300, key=key)
    (detail,) = sums().values()
    assert detail.division.by_range == (detail.division.types[0] in detail_choice.ORDERED), detail.division
    assert not list(detail.differing(sums({"public.t": detail})["public.t"])), "nothing changed"

    wanted = parts_of(database, detail, "t", "v = 77") if detail.division.by_range else None
    play(database, "UPDATE t SET v = -v WHERE v = 77; CLUSTER t USING t_pkey")
    found = list(detail.differing(sums({"public.t": detail})["public.t"]))

    assert len(found) == 1
    assert found[0][1] == found[0][2] > 0
    assert wanted is None or {found[0][0]} == wanted


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.data())
def test_of_random_damage_every_row_is_in_a_named_range_and_no_other_range_is_named(server, data):
    name = fresh_name()
    server.create(name)
    try:
        _damaged(server.dsn(name), data)
    finally:
        server.drop(name)


def _damaged(url, data):
    rows = data.draw(st.integers(40, 600))
    kind = data.draw(st.sampled_from(["i", "i * 1000003 % 999983", "-i * i", "i % 7 + 7 * i"]))
    made(url, f"({kind})::int8 AS id, i AS v", rows)
    detail = _look(url)["public.t"]
    lost, changed = (data.draw(st.sets(st.integers(1, rows), max_size=5)) for _ in range(2))
    new = data.draw(st.sets(st.integers(-(10**12), 10**12), max_size=3))
    wanted = parts_of(url, detail, "t", f"v = ANY ('{{{','.join(map(str, lost | changed))}}}')")
    play(url, f"DELETE FROM t WHERE v = ANY ('{{{','.join(map(str, lost))}}}')")
    play(url, f"UPDATE t SET v = -v WHERE v = ANY ('{{{','.join(map(str, changed))}}}')")
    if data.draw(st.booleans()):
        play(url, "ALTER TABLE t ALTER id TYPE numeric; ALTER TABLE t ALTER id TYPE int8")
    for key in new:
        play(url, f"INSERT INTO t VALUES ({key}, -1) ON CONFLICT DO NOTHING")
    wanted |= parts_of(url, detail, "t", "v = -1 AND id = ANY ('{" + ",".join(map(str, new)) + "}')")

    found = whereabouts(detail, _look(url, detail))

    with psycopg.connect(url) as connection:  # what is shown is SQL: it is run
        named = " OR ".join(f"({each.condition})" for each in found.ranges) or "false"
        outside = connection.execute(f"SELECT count(*) FROM t WHERE v < 0 AND NOT ({named})").fetchone()
        within = connection.execute(f"SELECT count(*) FROM t WHERE {named}").fetchone()
    assert outside == (0,)
    assert within == (sum(each.rows[1] for each in found.ranges),)
    assert {part for part, _, _ in detail.differing(_look(url, detail))} == wanted


def _look(url, detail=None):
    view = SnapshotReader(Target.parse(url), Limits())
    try:
        scanner = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
        if detail:
            return sums_now(scanner.scannable("public.t"), detail)
        scanner.keep_details()
        return scanner.details({table: scanner.of(table) for table in scanner.tables})
    finally:
        view.close()


@pytest.mark.parametrize("gentle", [False, True], ids=["at full speed", "gently"])
def test_a_large_table_whose_rows_lie_in_order_is_not_grouped_and_still_told_to_the_range(database, sums, gentle):
    made(database, "{i}::int8 AS id, {i} AS v", LARGE)
    play(
        database, "UPDATE t SET v = v WHERE id % 997 = 0"
    )  # a few lie at the end by now: their blocks are across two ranges
    details = sums(gentle=gentle)
    detail = details["public.t"]
    assert not list(detail.differing(sums(details)["public.t"]))

    wanted = parts_of(database, detail, "t", "id IN (1, 20000, 39999)")
    play(
        database,
        "UPDATE t SET v = 0 WHERE id IN (1, 20000, 39999); ALTER TABLE t ALTER v TYPE int8; ALTER TABLE t ALTER v TYPE int4",
    )
    found = whereabouts(detail, sums(details, gentle=gentle)["public.t"])

    assert {part for part, _, _ in detail.differing(sums(details)["public.t"])} == wanted
    assert len(found.ranges) == 3


def test_rows_that_lie_in_the_order_of_a_time_are_told_by_it_though_their_keys_are_random(database, sums):
    made(
        database,
        "md5({i}::text)::uuid AS id, timestamptz '2024-01-01 UTC' + {i} * interval '1 s' AS made, {i} AS v",
        LARGE,
    )
    play(database, "ALTER TABLE t ALTER made SET NOT NULL")
    details = sums()
    assert details["public.t"].division.columns == ("made",)

    play(database, "DELETE FROM t WHERE v = 12345")
    (found,) = whereabouts(details["public.t"], sums(details)["public.t"]).ranges

    assert found.rows[0] - found.rows[1] == 1
    at = "'2024-01-01 03:25:45 UTC'::timestamptz"
    with psycopg.connect(database) as connection:
        assert connection.execute(f"SELECT {found.condition.replace('made', at)}").fetchone() == (True,)


@every(
    "columns, damage, grouped",
    [
        ("{i}::int8 AS id, {i} AS v", "", False),
        ("{i}::int8 AS id, {i} AS v", "UPDATE t SET v = v WHERE id % 50 = 0", False),
        ("{i}::int8 * 7919 % 1000003 AS id, {i} AS v", "", True),
        ("md5({i}::text)::uuid AS id, {i} AS v", "", True),
    ],
)
def test_rows_are_grouped_only_where_they_lie_in_no_order(database, columns, damage, grouped):
    made(database, columns, LARGE)
    play(database, damage or "SELECT")
    with connect(Target.parse(database)) as connection:
        (relation,) = relations(connection, ["public"]).values()
        pages = sized(connection, {"t": relation})[relation.oid]
        known = detail_choice.columns(connection, {"t": relation})["t"]
        divided = detail_choice.choose(connection, replace(relation, pages=pages), known)
    assert (divided.block == 0) == grouped, divided


def test_rows_that_came_after_the_last_key_are_only_new(database, sums):
    made(database, "{i} AS id, {i} AS v", 400)
    details = sums()
    play(database, "INSERT INTO t SELECT i, i FROM generate_series(401, 450) AS i")
    found = whereabouts(details["public.t"], sums(details)["public.t"])
    assert found.only_new
    assert [each.condition for each in found.ranges] == ["id >= 401"]

    play(database, "INSERT INTO t VALUES (0, 0)")
    assert not whereabouts(details["public.t"], sums(details)["public.t"]).only_new


def test_a_column_that_is_gone_or_of_another_type_is_said(database, sums):
    made(database, "md5({i}::text)::varchar(36) AS id, {i} AS v", 300)
    (detail,) = sums().values()
    play(database, "ALTER TABLE t ALTER id TYPE uuid USING id::uuid")
    with psycopg.connect(database):
        view = SnapshotReader(Target.parse(database), Limits())
        found = view.ask(lambda connection: relations(connection, ["public"]))
        scanner = Scanner(view, found)
        assert "another type" in unlike(scanner.scannable("public.t"), detail)
        view.close()


def test_a_table_without_a_key_or_with_few_rows_has_no_parts(database, sums):
    made(database, "{i} AS a, {i} AS v", 300, "bare", key=None)
    made(database, "{i} AS id, {i} AS v", 31, "few")
    play(
        database,
        "CREATE TABLE nullable (id int UNIQUE, v int); INSERT INTO nullable SELECT i, i FROM generate_series(1, 99) AS i",
    )
    assert sums() == {}


def test_rows_without_a_value_are_left_out_of_no_sum(database):
    made(database, "date '2020-01-01' + {i} AS made, {i} AS v", LARGE, key=None)
    play(database, "UPDATE t SET made = NULL WHERE v BETWEEN 9000 AND 25000")
    play(database, "VACUUM FULL t")
    divided = Divided(Division(("made",), ("date",), ("2030-01-01", "2100-01-01"), 4), block=16)
    with connect(Target.parse(database)) as connection:
        (relation,) = relations(connection, ["public"]).values()
        query = divided_rows(relation, divided, connection.info.server_version, (0, 0), None)
        rows = connection.execute(query.encode(), divided.parameters).fetchall()
    assert sum(number for number, _ in sums_of(rows).values()) == LARGE


def test_a_column_whose_not_null_was_never_validated_parts_no_rows(database, sums):
    made(
        database,
        "CASE WHEN {i} NOT BETWEEN 9000 AND 25000 THEN date '2020-01-01' + {i} END AS made, {i} AS v",
        LARGE,
        key=None,
    )
    with psycopg.connect(database, autocommit=True) as connection:
        if connection.info.server_version < 180000:
            pytest.skip("PostgreSQL 18 brought it")
        connection.execute("ALTER TABLE t ADD CONSTRAINT filled NOT NULL made NOT VALID")
    assert sums() == {}
    play(database, "DELETE FROM t WHERE made IS NULL; ALTER TABLE t VALIDATE CONSTRAINT filled")
    assert sums()["public.t"].division.columns == ("made",)
