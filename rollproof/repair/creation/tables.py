"""Statements that create tables, columns, foreign tables, partitions, inheritance, from facts. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rollproof.repair.clauses.tables import (
    ColumnClauses,
    TableClauses,
    column_clauses,
    foreign_clauses,
    inherited_of,
    options_of,
    table_clauses,
)
from rollproof.repair.clauses.tables import listed_options as listed
from rollproof.repair.creation.columns import (
    definition,
    foreign_options,
    identity_options,
    is_given,
    sequence_of,
    set_not_null,
    settings,
    typed_definition,
)
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused

NOT_UNDERSTOOD = Refused("its description was not understood")


def _table(of: Object, side: Side) -> Made | Refused:
    known = table_clauses(side.description(of) or "")
    columns = {name: column_clauses(text or "") for name, text in _described(of.identity, side).items()}
    understood = {name: each for name, each in columns.items() if each}
    if known is None or len(understood) < len(columns):
        return NOT_UNDERSTOOD
    try:
        return _TableMaker(of.identity, side, known, understood).made()
    except KeyError:
        return NOT_UNDERSTOOD


def _described(table: str, side: Side) -> Mapping[str, str | None]:
    return {name: side.description(Object("columns", f"{table}.{name}")) for name in side.columns(table)}


class _TableMaker:
    """Writes one table: its columns in their order, with the parents that it inherits from where its order allows it."""

    def __init__(self, table: str, side: Side, known: TableClauses, columns: Mapping[str, ColumnClauses]) -> None:
        self.table = table
        self.side = side
        self.known = known
        if table in side.facts("partitions"):  # its identities are those of the table that it is attached to
            columns = {name: replace(each, identity="") for name, each in columns.items()}
        self.columns = columns
        self.parents = () if table in side.facts("partitions") else side.parents(table)
        self.inherits = bool(self.parents) and self._inherited_order() == list(columns)

    def made(self) -> Made:
        """Return the statements, and what comes with them."""
        kind = {"foreign table": "FOREIGN TABLE"}.get(self.known.kind, "TABLE")
        how = f"{self.known.persistence.upper()} " if self.known.persistence else ""
        statement = f"CREATE {how}{kind} {self.table} {self._body()}{''.join(self._tail())};"
        return Made((statement, *self._after()), frozenset(self._brings()))

    def _inherited_order(self) -> list[str]:
        """Return the order that columns would have if the table were created with INHERITS."""
        first = dict.fromkeys(name for parent in self.parents for name in self.side.columns(parent))
        return [*first, *(name for name in self.columns if name not in first)]

    def _body(self) -> str:
        if self.known.of_type:
            told = [typed_definition(name, each, self._identity(name)) for name, each in self.columns.items()]
            added = ", ".join(filter(None, told))
            return f"OF {self.known.of_type}{f' ({added})' if added else ''}"
        own = [
            definition(name, each, self._identity(name))
            for name, each in self.columns.items()
            if not (self.inherits and each.inherited == "inherited")
        ]
        checks = () if self.inherits else [f"CONSTRAINT {name} {text}" for name, text in self._given_checks(valid=True)]
        return "(" + ",".join(f"\n    {each}" for each in (*own, *checks)) + ("\n)" if own or checks else ")")

    def _identity(self, name: str) -> str:
        return identity_options(f"{self.table}.{name}", self.side)

    def _given_checks(self, *, valid: bool) -> Iterator[tuple[str, str]]:
        """Yield the checks that a table must have before it can get the parent that gave them."""
        for parent in self.parents or self.side.parents(self.table):
            for name, text in self.side.parts(parent, "constraints").items():
                last = name.removeprefix(f"{parent}.")
                check = inherited_of(text)[0]
                is_own = check.startswith("CHECK ") and f"{self.table}.{last}" in self.side.facts("constraints")
                if is_own and valid != check.endswith(" NOT VALID"):
                    yield last, check

    def _tail(self) -> Iterator[str]:
        if self.inherits:
            yield f" INHERITS ({', '.join(self.parents)})"
        if self.known.key:
            yield f" PARTITION BY {self.known.key}"
        if self.known.method:
            yield f" USING {self.known.method}"
        toast = {f"toast.{name}": value for name, value in options_of(self.known.toast).items()}
        if options := listed(options_of(self.known.options) | toast):
            yield f" WITH ({options})"
        if self.known.space:
            yield f" TABLESPACE {self.known.space}"
        if self.known.kind == "foreign table":
            server, options = foreign_clauses(self.side.facts("foreign_tables")[self.table]) or ("", "")
            yield f" SERVER {server}" if server else ""
            yield f" OPTIONS ({foreign_options(options)})" if options else ""

    def _after(self) -> Iterator[str]:
        for name, each in self.columns.items():
            yield from settings(self.table, name, each)
            if self.inherits and each.inherited == "inherited":
                yield from self._departs(name, each)
        if not self.inherits:
            for name, text in self._given_checks(valid=False):
                yield f"ALTER TABLE {self.table} ADD CONSTRAINT {name} {text};"
            yield from (f"ALTER TABLE {self.table} INHERIT {parent};" for parent in self.parents)
        if self.known.replica in {"FULL", "NOTHING"}:
            yield f"ALTER TABLE ONLY {self.table} REPLICA IDENTITY {self.known.replica};"

    def _departs(self, name: str, column: ColumnClauses) -> Iterator[str]:
        """Yield the statements for what an inherited column has, and its parents' have not."""
        told = (self.side.description(Object("columns", f"{parent}.{name}")) for parent in self.parents)
        given = [each for each in (column_clauses(text) for text in told if text) if each]
        alter = f"ALTER TABLE ONLY {self.table} ALTER COLUMN {name}"
        if not column.generated and any(each.default != column.default for each in given):
            yield f"{alter} SET DEFAULT {column.default};" if column.default else f"{alter} DROP DEFAULT;"
        if column.not_null and not any(each.not_null and not each.no_inherit for each in given):
            yield set_not_null(self.table, name, column)

    def _brings(self) -> Iterator[Object]:
        for name in self.columns:
            yield Object("columns", f"{self.table}.{name}")
            if sequence := sequence_of(f"{self.table}.{name}", self.side):
                yield Object("sequences", sequence)
        for name, _ in (*self._given_checks(valid=True), *self._given_checks(valid=False)):
            yield Object("constraints", f"{self.table}.{name}")


def _column(of: Object, side: Side) -> Made | Refused:
    column = column_clauses(side.description(of) or "")
    table, name = of.relation, of.identity.removeprefix(f"{of.relation}.")
    order = side.columns(table)
    if column is None or name not in order:
        return NOT_UNDERSTOOD
    if is_given(of, side):
        return Made(())  # its parent's column brings it
    added = definition(name, column, identity_options(of.identity, side), not_null=_fills(column))
    later = () if _fills(column) or not column.not_null else (set_not_null(table, name, column),)
    statements = (f"ALTER TABLE {table} ADD COLUMN {added};", *settings(table, name, column))
    return Made(
        statements,
        frozenset(_brought(of, name, side)),
        later,
        frozenset(Object("columns", f"{table}.{each}") for each in order[: order.index(name)]),
    )


def _fills(column: ColumnClauses) -> bool:
    """Tell whether a column that is added gives the rows that are there a value."""
    return bool(column.default or column.identity or column.generated or column.not_valid)


def _brought(of: Object, name: str, side: Side) -> Iterator[Object]:
    if sequence := sequence_of(of.identity, side):
        yield Object("sequences", sequence)
    for heir in side.descendants(of.relation):
        if side.has(child := Object("columns", f"{heir}.{name}")) and is_given(child, side):
            yield child


CREATES: Mapping[str, Create] = {"tables": _table, "columns": _column}
"""By facet."""
