"""Whether a table's rows are still there and the same, whether the migration copied it or left it alone."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rollproof.backup import old_columns
from rollproof.backup.copies import TABLE, Copies, Copy, fact_about, partition_parents, with_ancestors
from rollproof.migration.row_fate import RowFates
from rollproof.migration.table_states import Types
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.sources.live import Live
from rollproof.sources.source import Source


def real_copies(copies: Copies, tables: Iterable[str]) -> list[Copy]:
    """Return the copies of these tables that are tables of their own, and no views."""
    found = filter(None, map(copies.copy_of, sorted(tables)))
    return [copy for copy in found if copy.kind == TABLE]


@dataclass(frozen=True)
class MigratedTables:
    """Tables that the migration changes: held against their copies, else read back as they were.

    `types` are the columns' types before and now; `may_write` tells of a table and a column whether its values may change.
    """

    before: Source
    after: Live
    copies: Copies
    fates: RowFates
    types: tuple[Types, Types]
    may_write: Callable[[str, str], bool]

    @cached_property
    def _parents(self) -> dict[str, str]:
        return partition_parents(self.after)

    def lost(self, table: str) -> Iterator[Finding]:
        """Yield what the table lost. Raises `Inconclusive` if it has no copy and cannot be read back."""
        found = (copy for name in with_ancestors(table, self._parents) for copy in real_copies(self.copies, [name]))
        copy = next(found, None)
        if copy:
            yield from self.fates.lost(copy)
            return
        was, now = self.types
        try:
            yield from old_columns.lost(
                self.before,
                self.after,
                table,
                was[table],
                now.get(table, {}),
                lambda name: self.may_write(table, name),
            )
        except Inconclusive as error:
            raise Inconclusive(
                f"{table} has no copy in {self.copies.schema} to be compared with, and {error}"
            ) from error


def other_rows(before: Source, after: Source, table: str) -> Iterator[Finding]:
    """Yield that a table that the migration left alone has more, fewer or other rows."""
    for facet in ("rows", "content"):
        was, now = (fact_about(side, facet, table) for side in (before, after))
        if was != now:
            holds = f"{now} rows, and had {was}" if facet == "rows" else "as many rows as before, but other ones"
            yield Finding("untouched_rows", table, was, now, f"{table} has {holds}")
            return
