"""Where the rows of a table differ, by a baseline's sums and the sums as they are; each table is read once."""

from dataclasses import replace

from rollproof.model.errors import Inconclusive
from rollproof.rows.detail_search import sums_now, unlike
from rollproof.rows.paired_tables import Pair
from rollproof.rows.tables import ScannableTable
from rollproof.sources.source import Source
from rollproof.verdict.row_ranges import Whereabouts, whereabouts

MANY = 100_000  # rows; in a smaller table all rows are looked at as soon
RANGES = 50  # that are looked at alone; of more ranges the whole table is


class RowWhereabouts:
    """Where rows differ, for the tables of which the baseline `before` has sums; `after` is the database."""

    def __init__(self, before: Source, after: Source) -> None:
        self._before = before
        self._after = after
        self._found: dict[str, Whereabouts | None] = {}

    def of(self, table: str) -> Whereabouts | None:
        """Return in which parts of a table rows differ; None if the baseline has no sums of it.

        Raises `Inconclusive` if the table cannot be read.
        """
        if table not in self._found:
            self._found[table] = self._looked_up(table)
        return self._found[table]

    def _looked_up(self, table: str) -> Whereabouts | None:
        detail, now = self._before.detail_of(table), self._after.scannable(table)
        if detail is None or now is None:
            return None
        if why := unlike(now, detail):
            return Whereabouts(f"not known: {why}")
        return whereabouts(detail, sums_now(now, detail))

    def narrowed(self, table: str, pair: Pair, rows: int) -> Pair:
        """Return the pair without the ranges that are as they were: what it holds against the table is as in the baseline."""
        detail = self._before.detail_of(table)
        if rows < MANY or detail is None or not detail.division.by_range or unlike(pair.was, detail):
            return pair
        try:
            found = self.of(table)
        except Inconclusive:  # who reads all rows will hear why
            return pair
        if found is None or not 0 < len(found.ranges) <= RANGES:
            return pair
        only = " OR ".join(f"({each.condition})" for each in found.ranges)
        return replace(pair, was=_only(pair.was, only), now=_only(pair.now, only))


def _only(held: ScannableTable, condition: str) -> ScannableTable:
    return replace(held, only=condition)
