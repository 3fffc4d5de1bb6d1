"""Which tables the migration must have copied: those that it changes or that somebody named; what it leaves alone needs no copy."""

from collections.abc import Mapping
from dataclasses import dataclass

from rollproof.backup.copies import Copies, partition_parents, with_ancestors
from rollproof.migration.table_states import Types, wanted
from rollproof.model.printable import one_line
from rollproof.settings.options import Settings
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING

SHOWN = 5  # names in a sentence


@dataclass(frozen=True)
class RequiredCopies:
    """The tables whose copies are checked (`asked`), and those that need no copy (`spared`)."""

    asked: tuple[str, ...]
    spared: tuple[str, ...] = ()

    def note(self, schema: str) -> str | None:
        """Return a sentence about the tables that need no copy; None if there are none."""
        if not self.spared:
            return None
        some = ", ".join(map(one_line, self.spared[:SHOWN])) + ", …" * (len(self.spared) > SHOWN)
        return (
            f"{len(self.spared):,} table{'s' * (len(self.spared) > 1)} without a copy in {schema}, and none is demanded, for no "
            f"old column of them differs and nobody named them ({some}); [backup] tables in rollproof.toml says which must have one"
        )


def required_copies(before: Source, types: tuple[Types, Types], copies: Copies, settings: Settings) -> RequiredCopies:
    """Return which tables need a copy. Raises `Misuse` if the configuration names columns that were not there.

    Those of `[backup] tables`; else all that are there, and those of the tables whose old columns differ or that `[migration]`
    names. A partition needs none where its partitioned table has one; that itself, foreign tables and materialized views
    need none. Where a backup was promised and there is no copy at all, every table is asked about.
    """
    if settings.backup and settings.backup.tables:
        return RequiredCopies(tuple(sorted(settings.backup.tables)))
    above, kinds = (
        partition_parents(before),
        {} if before.unavailable("tables") else before.known("tables", EVERYTHING).facts,
    )
    plain = [table for table in before.scanned if table in kinds and "partitioned table" not in kinds[table]]
    held = {table for table in {*before.scanned, *before.tables} if copies.copy_of(table)}
    changed = _changed(*types, settings)
    due = {
        table
        for table in plain
        if changed & {*with_ancestors(table, above)} and not held & {*with_ancestors(table, above)}
    }
    spared = {table for table in plain if not (due | held) & {*with_ancestors(table, above)}}
    if not due | held:
        return RequiredCopies(tuple(plain or before.scanned))
    return RequiredCopies(tuple(sorted(due | held)), tuple(sorted(spared)))


def _changed(was: Types, now: Types, settings: Settings) -> set[str]:
    differ = {table for table, columns in was.items() if _lost(columns, now.get(table, {}))}
    named = {table for table, _ in wanted(was, now, (), settings.migration)}
    written = {
        table
        for table, columns in was.items()
        if any(f"{table}.{name}" in settings.migration.columns for name in columns)
    }
    return {*differ, *named, *written, *settings.migration.tables}


def _lost(was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    return any(now.get(column) != type_ for column, type_ in was.items())
