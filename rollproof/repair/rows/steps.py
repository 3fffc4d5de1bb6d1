"""Tables whose rows are put back, as steps of a plan: those that foreign keys join are one step, parents before children. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from rollproof.model.compare import Difference
from rollproof.repair.objects import Object
from rollproof.repair.rows.disabled_triggers import silenced
from rollproof.repair.rows.spelling import Link, checked, deferred, followed, mapping, respelled
from rollproof.repair.rows.table import RowRepair, deleted, put_back
from rollproof.repair.sides import Side
from rollproof.repair.step import Step

# Of rows that only one side has the planner expects next to none, and would look through all others for each of them.
_BY_HASH = "SET LOCAL enable_nestloop = off;"


@dataclass(frozen=True)
class Told:
    """What is told of a table's rows: what is done, and which were added that should not be; and the difference that is undone."""

    done: str
    added: str
    difference: Difference


@dataclass(frozen=True)
class Rows:
    """All tables whose rows are put back, by name, with what is told of each, and the foreign keys between tables."""

    repairs: Mapping[str, RowRepair] = field(default_factory=dict)
    told: Mapping[str, Told] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    def steps(self, after: Side, gone: Collection[Object]) -> tuple[Step, ...]:
        """Return the steps; `gone` are objects of the subject that are dropped before, to be made again after."""
        numbers = (f"rollproof_keys_{number}" for number in count(1))
        groups = [_Group(self, tables, after, gone) for tables in self._groups()]
        return tuple(step for group in groups for step in group.steps(numbers))

    def _groups(self) -> list[list[str]]:
        """Return the tables in groups that foreign keys join, each sorted: parents before children as far as that can be."""
        head = {table: table for table in self._tables()}

        def of(table: str) -> str:
            while head[table] != table:
                table = head[table]
            return table

        for link in self.links:
            if {link.table, link.references} <= head.keys():
                head[of(link.table)] = of(link.references)
        groups: dict[str, list[str]] = {}
        for table in _parents_first(sorted(head), self.links):
            groups.setdefault(of(table), []).append(table)
        return list(groups.values())

    def _tables(self) -> Iterator[str]:
        """Yield the tables that are written to: also those that refer to keys which are spelled otherwise."""
        yield from self.repairs
        for link in self.links:
            if (parent := self.repairs.get(link.references)) and parent.respelled:
                yield link.table


def _parents_first(tables: Sequence[str], links: Iterable[Link]) -> list[str]:
    """Return the tables in this order, each after those that it refers to; where that is a circle, the first one first."""
    waits = {
        table: {link.references for link in links if link.table == table} & {*tables} - {table} for table in tables
    }
    done: list[str] = []
    while waits:
        ready = next((table for table, parents in waits.items() if not parents - {*done}), next(iter(waits)))
        done.append(ready)
        del waits[ready]
    return done


class _Group:
    """Tables that are written to in one step."""

    def __init__(self, rows: Rows, tables: Sequence[str], after: Side, gone: Collection[Object]) -> None:
        self._tables = tables
        self._told = {table: rows.told[table] for table in tables if table in rows.told}
        self._repairs = [rows.repairs[table] for table in tables if table in rows.repairs]
        self._links = [link for link in rows.links if {link.table, link.references} & {*tables}]
        silent = [silenced(table, after, gone) for table in tables]
        self._off = [statement for off, _ in silent for statement in off]
        self._on = [statement for _, on in silent for statement in on]

    def steps(self, numbers: Iterator[str]) -> Iterator[Step]:
        """Yield one step that puts the rows back, and one for each table's rows that were added, the children's first."""
        of = Object("tables", self._tables[0])
        work = tuple(self._work(numbers))
        mends = tuple(told.difference for told in self._told.values())
        because = "; ".join(
            f"{table}: {told.done}" if len(self._told) > 1 else told.done
            for table, told in self._told.items()
            if told.done
        )
        if work:
            statements = (_BY_HASH, *self._locked(), *self._loaded(), *self._off, *work, *self._on)
            yield Step("rows", of, statements, mends, because)
        after = {of}
        for repair in reversed(self._repairs):
            if repair.added and self._told[repair.table].added:
                yield self._named(repair, frozenset(after), () if work else repair.load)
                after.add(Object("rows", repair.table))

    def _named(self, repair: RowRepair, after: frozenset[Object], load: tuple[str, ...]) -> Step:
        off, on = ([each for each in side if f" {repair.table} " in each] for side in (self._off, self._on))
        statements = (_BY_HASH, *load, *repair.load_added, *off, deleted(repair), *on)
        told = self._told[repair.table]
        return Step(
            "rows", Object("rows", repair.table), statements, (told.difference,), after=after, optional=told.added
        )

    def _locked(self) -> Iterator[str]:
        """Yield the lock that keeps others from writing, not from reading, until the rows are back."""
        yield f"LOCK TABLE {', '.join(f'ONLY {table}' for table in self._tables)} IN SHARE ROW EXCLUSIVE MODE;"

    def _loaded(self) -> Iterator[str]:
        for repair in self._repairs:
            yield from repair.load

    def _work(self, numbers: Iterator[str]) -> Iterator[str]:
        late = self._late()
        work = [*self._respelled(numbers), *(statement for repair in self._repairs for statement in put_back(repair))]
        if work:
            yield from deferred(late) if late else ()
            yield from work
            yield from checked(late) if late else ()

    def _respelled(self, numbers: Iterator[str]) -> Iterator[str]:
        """Yield what puts spellings of keys back: the rows that refer first, so that a foreign key has nothing to pass on."""
        wrong = [(repair, next(numbers)) for repair in self._repairs if repair.respelled]
        yield from (mapping(repair, name) for repair, name in wrong)
        for repair, name in wrong:
            for link in self._links:
                if link.references == repair.table and (statement := followed(link, repair, name)):
                    yield statement
        yield from (respelled(repair, name) for repair, name in wrong)

    def _late(self) -> list[Link]:
        """Return the foreign keys that can only be checked when all is done."""
        held = [link for link in self._links if link.constraint]
        return held if any(map(self._is_late, held)) else []

    def _is_late(self, link: Link) -> bool:
        place = {table: number for number, table in enumerate(self._tables)}
        parent = next((repair for repair in self._repairs if repair.table == link.references), None)
        moved = {column.name for column in parent.changed} if parent else set()
        if parent and (parent.respelled or moved & {*link.referenced}):
            return True
        if link.table == link.references:
            return bool(parent and parent.missing and parent.changed)
        return place.get(link.table, len(place)) < place.get(link.references, -1)
