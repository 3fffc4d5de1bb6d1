"""What migration tools write into their own books while they migrate and roll back."""

import datetime
from collections.abc import Iterator

from rollproof.migration.log_table import source
from rollproof.model.bookkeeping import BookkeepingTable, known, meant
from rollproof.model.names import names, schema_of, table_of, unquoted
from rollproof.settings.waiver import Waiver
from rollproof.sources.recorded import Recorded
from rollproof.sources.source import CONTENT, Source
from rollproof.sources.table_groups import EVERYTHING, TableGroup


def bookkeeping(source: Source) -> dict[str, BookkeepingTable]:
    """Return the tools' tables in a source, by their quoted, qualified names. Raises `Inconclusive` if columns cannot be read."""
    named, tables = {each.name for each in known()}, set(source.tables)
    columns: dict[str, set[str]] = {}
    for identity in source.known("columns", EVERYTHING).facts:
        table = table_of(identity) or ""
        if table in tables and unquoted(names(table)[1]) in named:
            columns.setdefault(table, set()).add(unquoted(names(identity)[2]))
    found = ((table, meant(table, frozenset(its))) for table, its in sorted(columns.items()))
    return {table: each for table, each in found if each}


def kept_books(before: Source, after: Recorded, *, anew: bool = True) -> Iterator[Waiver]:
    """Yield waivers of what a tool's books become when it migrates, and when it rolls back.

    While a migration is applied they say so. A table that was not there before is new, with the schema made for it. In one that
    was, rows may have been written `anew`, when it rolled back and migrated again: their number is what it was, unless the tool
    keeps a history. Rows in a new one, and other rows in an `exact` one, say that something is still applied: they are not waived.
    Raises `Inconclusive` if tables, columns or schemas cannot be read.
    """
    now = bookkeeping(after)
    new = {table: tool for table, tool in now.items() if table not in before.tables}
    named = {schema_of(table): each for table, each in new.items() if each.schema}
    for schema, each in named.items() if not before.unavailable("schemas") else ():
        if schema not in before.known("schemas", EVERYTHING).facts:
            yield _accepted("leftovers", f"{schema} (schema)", each)
    for table, each in now.items():
        if table in new:
            if each.history or each.furnished or not (each.grows or _has_rows(after, table)):
                yield _accepted("leftovers", f"{table} (table)", each)
            continue
        yield _accepted("untouched_rows", table, each)
        may = {"content": each.history or (anew and not each.exact), "rows": each.history}
        if each.grows:
            may = dict.fromkeys(CONTENT, _rows(after, table) > _rows(before, table))
        yield from (_accepted(check, table, each) for check in CONTENT if may[check])


def _rows(side: Source, table: str) -> int:
    rows = side.known("rows", TableGroup(table, frozenset([table]))).facts.get(table, "0")
    return int(rows) if rows.isdecimal() else 0


def _has_rows(after: Recorded, table: str) -> bool:
    if after.view is None:
        return after.known("rows", EVERYTHING).facts.get(table, "0") != "0"
    one = f"SELECT EXISTS (SELECT FROM {source(table)})"
    return after.view.ask(
        lambda connection: connection.execute(one.encode()).fetchone() == (True,), reads=[source(table)]
    )


def _accepted(check: str, identity: str, table: BookkeepingTable) -> Waiver:
    return Waiver(check, identity, f"{table.tool} keeps its own books there", datetime.date.max)
