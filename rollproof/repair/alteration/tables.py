"""Statements that change tables, columns, foreign tables, partitions, inheritance into what they were. Pure."""

from collections.abc import Iterator, Mapping

from rollproof.model.compare import Difference
from rollproof.repair.alteration.columns import alter_column
from rollproof.repair.alteration.options import changed_options
from rollproof.repair.clauses.tables import TableClauses, table_clauses
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Refused

_SETS_METHOD = 150000
_NEW_TABLE = "no ALTER changes {0}: it takes a new table, into which the rows are copied (INSERT … SELECT)"


def _table(difference: Difference, sides: Sides) -> Altered | Refused | None:
    if difference.before is None or difference.after is None:
        return None
    was, now = table_clauses(difference.before), table_clauses(difference.after)
    if was is None or now is None:
        return Refused("its description was not understood")
    if what := _has_no_alter(was, now, sides.after.version):
        return Refused(_NEW_TABLE.format(what))
    return Altered(tuple(_changes(difference.identity, was, now, sides)))


def _has_no_alter(was: TableClauses, now: TableClauses, version: int) -> str:
    if was.kind != now.kind:
        return f"a {now.kind} into a {was.kind}"
    if was.key != now.key:
        return "how a table is partitioned"
    if was.persistence != now.persistence and "temporary" in {was.persistence, now.persistence}:
        return "a temporary table into one that stays"
    return "a table's access method before PostgreSQL 15" if was.method != now.method and version < _SETS_METHOD else ""


def _changes(table: str, was: TableClauses, now: TableClauses, sides: Sides) -> Iterator[str]:
    alter = f"ALTER TABLE {table}"
    if was.persistence != now.persistence:
        yield f"{alter} SET {was.persistence.upper() or 'LOGGED'};"
    if was.of_type != now.of_type:
        yield f"{alter} OF {was.of_type};" if was.of_type else f"{alter} NOT OF;"
    if was.method != now.method:
        yield f"{alter} SET ACCESS METHOD {was.method or 'heap'};"
    yield from (f"{alter} {each};" for each in changed_options(was.options, now.options))
    yield from (f"{alter} {each};" for each in changed_options(was.toast, now.toast, "toast."))
    if was.space != now.space:
        yield f"{alter} SET TABLESPACE {was.space or 'pg_default'};"
    if was.replica != now.replica:
        yield from _replica_identity(table, was.replica, sides)


def _replica_identity(table: str, was: str, sides: Sides) -> Iterator[str]:
    alter = f"ALTER TABLE ONLY {table} REPLICA IDENTITY"
    if was != "USING INDEX":
        yield f"{alter} {was or 'DEFAULT'};"
        return
    for name, text in sides.before.parts(table, "indexes").items():
        unchanged = sides.after.facts("indexes").get(name) == text
        if text.endswith(" REPLICA IDENTITY") and unchanged:  # one that differs is given it back by itself
            yield f"{alter} USING INDEX {name.removeprefix(f'{table}.')};"


def _column(difference: Difference, sides: Sides) -> Altered | Refused | None:
    of = Object("columns", difference.identity)
    if difference.before is None and any(
        f"{parent}.{of.identity.removeprefix(f'{of.relation}.')}" in sides.after.facts("columns")
        for parent in sides.after.parents(of.relation)
    ):
        return Altered(())  # it goes with its parent's, or with its parent
    return alter_column(difference, sides)


ALTERS: Mapping[str, Alter] = {"tables": _table, "columns": _column}
"""By facet."""
