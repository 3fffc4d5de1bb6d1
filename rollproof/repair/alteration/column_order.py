"""Statements that put a table's columns into the order in which they were, and make generated columns again. Pure.

PostgreSQL adds a column at the end, always. So those that must stand behind another are made again there: a column of the same type
that is GENERATED from the old one, which then loses its expression and keeps the values. That fires no trigger and no rule.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from rollproof.repair.clauses.tables import ColumnClauses, column_clauses, sequence_clauses, table_clauses
from rollproof.repair.creation.columns import definition, is_given, set_not_null, settings
from rollproof.repair.objects import Object
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Altered, Refused

_SETS_EXPRESSION = 170000
_LONGEST = 50  # letters of a name, so that there is room for more
_NOTE = (
    "PostgreSQL adds columns at the end alone: {0} of {1} made again there, in the order that was, with the values copied within "
    "the table, which is rewritten"
)


def reordered(table: str, sides: Sides) -> Altered | Refused:
    """Return the statements that put a table's columns in order; none where those that are added make the order right."""
    return _Order(table, sides).answer()


def reordered_by(column: str, table: str, sides: Sides) -> Altered | Refused:
    """Return what makes a column again, with all that stand behind it: at the first such column of a table, or with its order."""
    order = _Order(table, sides)
    answer = order.answer()
    is_told = sides.before.facts("column_order").get(table) != sides.after.facts("column_order").get(table)
    if isinstance(answer, Altered) and (is_told or order.again[0] != column):
        return Altered(())
    return answer


def generated_in_place(table: str, name: str, sides: Sides) -> tuple[str, ...]:
    """Return the statements that change how a column's values are made, where there is an ALTER for it."""
    was, now = _clauses(table, name, sides.before), _clauses(table, name, sides.after)
    if was is None or now is None:
        return ()
    alter = f"ALTER TABLE {table} ALTER COLUMN {name}"
    if was.generated and was.kept == now.kept and sides.after.version >= _SETS_EXPRESSION:
        return (f"{alter} SET EXPRESSION AS ({was.generated});",)
    return (f"{alter} DROP EXPRESSION;",) if not was.generated and now.kept == "STORED" else ()


def _clauses(table: str, name: str, side: Side) -> ColumnClauses | None:
    return column_clauses(side.description(Object("columns", f"{table}.{name}")) or "")


@dataclass(frozen=True, eq=False)
class _Order:
    """A table's columns in their order, on both sides."""

    table: str
    sides: Sides

    @cached_property
    def was(self) -> tuple[str, ...]:
        return self.sides.before.columns(self.table)

    @cached_property
    def again(self) -> tuple[str, ...]:
        """The columns whose way of making values no ALTER changes."""
        return tuple(
            name
            for name in self.was
            if (old := _clauses(self.table, name, self.sides.before))
            and (new := _clauses(self.table, name, self.sides.after))
            and (old.generated, old.kept) != (new.generated, new.kept)
            and not generated_in_place(self.table, name, self.sides)
        )

    @cached_property
    def tail(self) -> tuple[str, ...]:
        """The columns that must be made again, or added, in this order."""
        there = set(self.sides.after.columns(self.table))
        given = [name for name in self.was if name not in there and self._is_given(name)]
        now = iter([*(name for name in self.sides.after.columns(self.table) if name in self.was), *given])
        kept = 0
        while kept < len(self.was) and self.was[kept] not in self.again and self.was[kept] in now:
            kept += 1
        return self.was[kept:]

    def _is_given(self, name: str) -> bool:
        return is_given(self._object(name), self.sides.before)

    def _object(self, name: str) -> Object:
        return Object("columns", f"{self.table}.{name}")

    @cached_property
    def moved(self) -> tuple[str, ...]:
        """Those of the tail that are there."""
        return tuple(name for name in self.tail if self.sides.after.has(self._object(name)))

    def answer(self) -> Altered | Refused:
        """Return what puts them in order."""
        if not self.moved:
            return Altered(())
        if reason := self._hindrance():
            return Refused(f"{reason}: its columns are in another order, which takes a new table to put back")
        own = frozenset(self._object(name) for name in self.tail if name in self.moved or not self._is_given(name))
        return Altered(
            tuple(self._statements()),
            self._in_the_way(),
            last=(f"ANALYZE {self.table};",),
            note=_NOTE.format(", ".join(self.moved), self.table),
            of=Object("tables", self.table),
            brings=own,
            after=frozenset(
                Object("columns", f"{parent}.{name}")
                for parent in self.sides.before.parents(self.table)
                for name in self.was
            ),
        )

    def _hindrance(self) -> str:
        """Return why its columns cannot be made again; "" if they can."""
        known = table_clauses(self.sides.after.facts("tables").get(self.table, ""))
        if known is None or known.kind == "foreign table" or known.of_type:
            return "it is no plain table"
        if self.table in self.sides.after.facts("partitions"):
            return "it is a partition"
        if any(heir in self.sides.after.facts("inheritance") for heir in self.sides.after.descendants(self.table)):
            return "other tables inherit from it"
        for name in self.moved:
            old, new = (_clauses(self.table, name, side) for side in (self.sides.before, self.sides.after))
            if old is None or new is None:
                return f"{name} was not understood"
            if new.identity or new.inherited or (new.kept == "VIRTUAL" and not old.generated):
                return f"{name} cannot be made again with its values"
        return self._circle()

    def _circle(self) -> str:
        for place, name in enumerate(self.was):
            for other in self.sides.after.graph.dependents(self._object(name)):
                last = other.identity.removeprefix(f"{self.table}.")
                if (
                    name in self.moved
                    and last in self.was
                    and other == self._object(last)
                    and self.was.index(last) < place
                ):
                    return f"{last} is generated from {name}, which stands behind it"
        return ""

    def _in_the_way(self) -> frozenset[Object]:
        after = self.sides.after
        tables = (self.table, *after.descendants(self.table))
        moved = {Object("columns", f"{table}.{name}") for table in tables for name in self.moved}
        return frozenset(
            one for each in moved for one in after.graph.dependents(each) if one.facet not in {"columns", "sequences"}
        )

    def _statements(self) -> Iterator[str]:
        owned = list(self._owned())
        yield from (f"ALTER SEQUENCE {sequence} OWNED BY NONE;" for sequence, _ in owned)
        for name in self.moved:
            if self._is_made_anew(name):
                yield f"ALTER TABLE {self.table} DROP COLUMN {name};"
        for copied, group in groupby(self.tail, key=lambda name: name in self.moved and not self._is_made_anew(name)):
            names = list(group)
            yield from self._copied(names) if copied else self._added(names)
        yield from (f"ALTER SEQUENCE {sequence} OWNED BY {column};" for sequence, column in owned)

    def _is_made_anew(self, name: str) -> bool:
        """Tell whether a column's values are generated, so that it is made of its definition."""
        was = _clauses(self.table, name, self.sides.before)
        return was is not None and bool(was.generated)

    def _owned(self) -> Iterator[tuple[str, str]]:
        for sequence, text in self.sides.after.facts("sequences").items():
            known = sequence_clauses(text)
            if known and known.tie == "OWNED BY" and known.column in {f"{self.table}.{name}" for name in self.moved}:
                yield sequence, known.column

    def _added(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            known = _clauses(self.table, name, self.sides.before)
            if known and (name in self.moved or not self._is_given(name)):
                yield f"ALTER TABLE {self.table} ADD COLUMN {definition(name, known, not_null=bool(known.generated))};"
                if known.not_null and not known.generated and not known.not_valid:
                    yield set_not_null(self.table, name, known)
                yield from settings(self.table, name, known)

    def _copied(self, names: Sequence[str]) -> Iterator[str]:
        known = {name: now for name in names if (now := _clauses(self.table, name, self.sides.after))}
        alter = f"ALTER TABLE {self.table}"
        made = ", ".join(
            f"ADD COLUMN {_aside(name)} {now.type} GENERATED ALWAYS AS ({name}) STORED" for name, now in known.items()
        )
        yield f"{alter} {made};"
        yield f"{alter} {', '.join(f'ALTER COLUMN {_aside(name)} DROP EXPRESSION' for name in known)};"
        yield from (f"{alter} DROP COLUMN {name};" for name in known)
        for name, now in known.items():
            yield f"{alter} RENAME COLUMN {_aside(name)} TO {name};"
            yield from self._given_back(name, now)

    def _given_back(self, name: str, now: ColumnClauses) -> Iterator[str]:
        alter = f"ALTER TABLE ONLY {self.table} ALTER COLUMN {name}"
        if now.default:
            yield f"{alter} SET DEFAULT {now.default};"
        if now.compression:
            yield f"{alter} SET COMPRESSION {now.compression};"
        if now.not_null and not now.not_valid:
            yield set_not_null(self.table, name, now)
        yield from settings(self.table, name, now)


def _aside(name: str) -> str:
    return f'"{name.strip(chr(34))[:_LONGEST]}_rollproof"'
