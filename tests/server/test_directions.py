"""What is judged in one direction only is judged by an order: tried over all pairs and triples of states, and by real upkeep."""

import itertools

import psycopg
import pytest
from psycopg import RawCursor

from rollproof.compare import Difference, ahead, analysed_as_well
from rollproof.questions import questions

COLUMNS = ("a", '"b, c"', "statistics s")
LACKING = [set(some) for size in range(1, 4) for some in itertools.combinations(COLUMNS, size)]
# State → what the planner knows, as a set; of a table that nobody analysed it is nothing, whether there are rows or not.
STATISTICS = {
    "analysed": {*COLUMNS, "more"},
    "empty": set(),
    "never analysed": set(),
    **{f"not analysed: {', '.join(sorted(some))}": {*COLUMNS, "more"} - some for some in LACKING},
}
POSITIONS = [f"{value}{kind}" for value in (-3, 0, 4, 11) for kind in ("", " descending", " cycles")]
ORDERS = {"sequence_positions": (ahead, POSITIONS), "planner_statistics": (analysed_as_well, list(STATISTICS))}


@pytest.mark.parametrize("facet", ORDERS)
def test_a_direction_is_an_order(facet):
    well, states = ORDERS[facet]

    def fine(was, now):
        return well(Difference(facet, "public.x", was, now))

    assert [state for state in states if not fine(state, state)] == []
    assert [
        (first, then, last)
        for first, then, last in itertools.product(states, repeat=3)
        if fine(first, then) and fine(then, last) and not fine(first, last)
    ] == []


def test_two_positions_are_as_good_as_each_other_only_where_they_are_equal_or_both_cycle():
    both = [
        (was, now)
        for was, now in itertools.permutations(POSITIONS, 2)
        if ahead(Difference("", "", was, now)) and ahead(Difference("", "", now, was))
    ]

    assert {word.split()[-1] for pair in both for word in pair} == {"cycles"}


def test_the_planner_may_know_more_and_never_less():
    for was, now in itertools.product(STATISTICS, repeat=2):
        assert analysed_as_well(Difference("", "", was, now)) == (STATISTICS[was] <= STATISTICS[now]), (was, now)


STATES = """
    CREATE TABLE fresh (a int PRIMARY KEY, b int);
    CREATE TABLE filled AS SELECT 1 AS a, 2 AS b;
    CREATE TABLE looked_at AS SELECT 1 AS a, 2 AS b; ANALYZE looked_at;
    CREATE TABLE partly AS SELECT 1 AS a; ANALYZE partly; ALTER TABLE partly ADD b int;
    CREATE TABLE emptied AS SELECT 1 AS a; ANALYZE emptied; DELETE FROM emptied;
    CREATE TABLE cut AS SELECT 1 AS a; ANALYZE cut; TRUNCATE cut;
    CREATE TABLE indexed AS SELECT 1 AS a; ANALYZE indexed; CREATE INDEX twice ON indexed ((a * 2));
    CREATE TABLE guessed AS SELECT 1 AS a, 2 AS b; CREATE STATISTICS s ON a, b FROM guessed; VACUUM guessed;
    CREATE TABLE parted (a int) PARTITION BY LIST (a);
    CREATE TABLE part PARTITION OF parted FOR VALUES IN (1); INSERT INTO parted VALUES (1);
    CREATE MATERIALIZED VIEW shown AS SELECT a FROM filled;
    CREATE TABLE bare ();
"""


def ground(url):
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in STATES.split(";")[:-1]:
            connection.execute(statement)


def states(connection):
    sql = questions(connection.info.server_version)["planner_statistics"]
    return dict(RawCursor(connection).execute(sql, (["public"],)).fetchall())


def test_upkeep_takes_nothing_from_the_planner(database_from):
    """Whatever the state of a table: VACUUM, ANALYZE and the like leave it as good as it was; what is lost is seen."""
    with psycopg.connect(database_from(ground), autocommit=True) as connection:
        first = was = states(connection)
        for command in ("VACUUM", "VACUUM FULL", "ANALYZE fresh", "VACUUM ANALYZE", "REINDEX TABLE indexed", "ANALYZE"):
            connection.execute(command)
            now = states(connection)
            worse = [name for name in was if not analysed_as_well(Difference("", name, was[name], now[name]))]
            assert worse == [], (command, was, now)
            was = now
        lost = "TRUNCATE looked_at; ALTER TABLE looked_at ALTER a TYPE text, ALTER b TYPE text"
        connection.execute(lost)

        assert {"analysed", "empty", "never analysed"} <= {*first.values(), *was.values()}
        assert first["public.partly"] == "not analysed: b"
        assert not analysed_as_well(Difference("", "", was["public.looked_at"], states(connection)["public.looked_at"]))
