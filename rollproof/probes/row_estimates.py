"""The planner's estimate of the rows of a table (pg_class.reltuples), against the rows that were counted."""

from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.model.finding import Finding
from rollproof.model.no_loss import NOBODY_LOOKED, analysed_as_well
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING

FACTOR = 2  # a plan rarely changes for less
LEAST = 100  # rows; in a table that small no plan is slow


def far_off(before: Source, after: Live, counted: Mapping[str, str]) -> Iterator[Finding]:
    """Yield each table whose estimate is wrong by more than a factor of two, and by a hundred rows at least.

    `counted` are the rows by table, as the facet `rows` tells them. A table that nobody had analysed before is passed over,
    and one that lost more than its number, which the facet tells.
    """
    was, now = (side.known("planner_statistics", EVERYTHING).facts for side in (before, after))
    for table in sorted(counted):
        if was.get(table, "never analysed") in NOBODY_LOOKED or table not in now:
            continue
        if not analysed_as_well(Difference("planner_statistics", table, was[table], now[table])):
            continue
        rows, guess = int(counted[table]), after.estimate(table)
        if guess is not None and _far(rows, max(guess, 0)):
            told = "nothing" if guess < 0 else f"{guess:,} rows"
            sentence = f"the planner knows of {told} in {table}, where {rows:,} rows were counted"
            yield Finding("planner_statistics", table, f"{rows:,} rows", told, sentence, heals=True)


def _far(rows: int, guess: int) -> bool:
    return abs(rows - guess) >= LEAST and max(rows, guess) > FACTOR * min(rows, guess)
