"""A plan without long locks: indexes are built beside those who write, constraints are checked after they hold for new rows. Pure.

What one transaction did is done in several: what takes long holds no lock that writers wait for, and what holds one is short.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

from rollproof.model.locks import MODES, lock_of
from rollproof.model.names import NAME, PATH
from rollproof.repair.clauses.tables import index_clauses
from rollproof.repair.objects import Object
from rollproof.repair.partitioning import partitioned
from rollproof.repair.plan import Plan
from rollproof.repair.planning.order import Ordered, Unit
from rollproof.repair.sides import Sides
from rollproof.repair.step import Step

_NOT_ONLINE = "not online: PostgreSQL does it only under this lock"
_IF_IT_FAILS = "if this fails, DROP INDEX CONCURRENTLY {0}; before the next try"
_IF_REINDEX_FAILS = "if this fails, drop the invalid index whose name is that of {0} and ends in _ccnew"
_VALID_KEYS = 180_000  # the first server on which a foreign key of a partitioned table may be NOT VALID
_BLOCKS_WRITERS = MODES[MODES.index("SHARE") :]
_INDEX = re.compile(rf"CREATE (?:UNIQUE )?INDEX (?P<name>{NAME}) ON (?P<table>{PATH}) (?P<rest>USING .*)", re.DOTALL)
_DROP = re.compile(rf"DROP INDEX (?P<index>{PATH});")
_REINDEX = re.compile(rf"REINDEX INDEX (?P<index>{PATH});")
_ADD = re.compile(
    rf"ALTER TABLE (?:ONLY )?(?P<table>{PATH})\s+ADD CONSTRAINT (?P<name>{NAME}) "
    r"(?P<text>(?P<kind>PRIMARY KEY|UNIQUE|FOREIGN KEY|CHECK)\b.*);",
    re.DOTALL,
)
_DEFERRED = re.compile(r"(?: DEFERRABLE)?(?: INITIALLY DEFERRED)?\Z")
_NOT_NULL = re.compile(rf"ALTER TABLE (?:ONLY )?(?P<table>{PATH}) ALTER COLUMN (?P<column>{NAME}) SET NOT NULL;")

How = Literal["with others", "by itself", "outside"]


class _Part(NamedTuple):
    """Statements that run in a transaction with others, in one by itself, or outside of any; and what is said of them."""

    statements: tuple[str, ...]
    how: How = "with others"
    note: str = ""


def online(plan: Plan, sides: Sides) -> Plan:
    """Return the plan that comes to the same, in steps that hold no lock for long; what cannot be done so is said there."""
    made = {each for step in plan.steps if step.verb == "create" for each in (step.of, *step.brings)}
    cutter = _Cutter(sides, made)
    units: list[Unit] = []
    first = 0
    for unit in plan.units:
        earlier = [{each - first for each in plan.ordered.earlier[first + place]} for place in range(len(unit))]
        units += cutter.cut(unit, earlier)
        first += len(unit)
    return replace(plan, ordered=Ordered(tuple(units)))


class _Cutter:
    """Cuts transactions; what is `made` by the plan itself nobody uses yet."""

    def __init__(self, sides: Sides, made: Iterable[Object]) -> None:
        self._sides = sides
        self._wholes = {*partitioned(sides.before), *partitioned(sides.after)}
        self._new = {each.identity for each in made if each.facet in ("tables", "views")}

    def cut(self, unit: Unit, earlier: Sequence[set[int]]) -> Iterator[Unit]:
        """Yield transactions: first what waits for nothing that takes long; then the rest, one after the other."""
        parts = [list(_said(step, self._parts(step))) for step in unit]
        late: set[int] = set()
        for place, each in enumerate(parts):
            if any(how != "with others" for _, how in each) or late & earlier[place]:
                late.add(place)
        for places in _joined(unit, earlier, late):
            yield tuple(step for place in places for step, _ in parts[place])
        together: list[Step] = []
        for step, how in (each for place in sorted(late) for each in parts[place]):
            if how == "with others":
                together.append(step)
                continue
            if together:
                yield tuple(together)
            together = []
            yield (step,)
        if together:
            yield tuple(together)

    def _parts(self, step: Step) -> list[_Part]:
        parts = [part for statement in step.statements for part in self._of_statement(step, statement)]
        joined: list[_Part] = []
        for part in parts:
            if joined and part.how == joined[-1].how == "with others" and part.note == joined[-1].note:
                joined[-1] = joined[-1]._replace(statements=(*joined[-1].statements, *part.statements))
            else:
                joined.append(part)
        return joined or [_Part(())]

    def _of_statement(self, step: Step, statement: str) -> Iterator[_Part]:
        found = False
        if step.of.relation not in self._new:
            for cut in (self._index, self._drop, self._reindex, self._constraint, self._not_null):
                for part in cut(step, statement):
                    found = True
                    yield part
                if found:
                    return
        yield _Part((statement,), note=self._long(step, statement))

    def _long(self, step: Step, statement: str) -> str:
        """Return what is said of a statement that holds a strong lock while it reads or writes a whole table."""
        lock = lock_of(statement)
        is_long = lock is not None and lock.mode in _BLOCKS_WRITERS and bool(lock.effort)
        has_no_rows = statement.startswith("ALTER TABLE ONLY") and step.of.relation in self._wholes
        return _NOT_ONLINE if is_long and not has_no_rows and step.of.relation not in self._new else ""

    def _index(self, _: Step, statement: str) -> Iterator[_Part]:
        found = _INDEX.fullmatch(statement)
        if found and found["table"] not in self._wholes:
            yield _concurrently(statement, found["table"], found["name"])

    def _drop(self, step: Step, statement: str) -> Iterator[_Part]:
        found = _DROP.fullmatch(statement)
        if found and step.of.relation not in self._wholes:
            yield _Part((f"DROP INDEX CONCURRENTLY {found['index']};",), "outside")

    def _reindex(self, _: Step, statement: str) -> Iterator[_Part]:
        if found := _REINDEX.fullmatch(statement):
            index = found["index"]
            yield _Part((f"REINDEX INDEX CONCURRENTLY {index};",), "outside", _IF_REINDEX_FAILS.format(index))

    def _constraint(self, step: Step, statement: str) -> Iterator[_Part]:
        found = _ADD.fullmatch(statement)
        if found is None or "NOT ENFORCED" in found["text"] or found["text"].endswith("NOT VALID"):
            return
        if found["kind"] in ("PRIMARY KEY", "UNIQUE"):
            yield from self._key(step, found)
        elif found["kind"] == "CHECK" or found["table"] not in self._wholes or self._sides.after.version >= _VALID_KEYS:
            table, name = found["table"], found["name"]
            yield _Part((f"{statement.removesuffix(';')} NOT VALID;",), "by itself")
            yield _Part((f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};",), "by itself")

    def _key(self, step: Step, found: re.Match[str]) -> Iterator[_Part]:
        """A key by an index that was built beside those who write; not one of a whole with partitions, nor WITHOUT OVERLAPS."""
        index = index_clauses(self._sides.before.facts("indexes").get(step.of.identity, ""))
        built = _INDEX.fullmatch(index.sql) if index else None
        is_plain = built is not None and built["rest"].startswith("USING btree ")
        if index is None or not is_plain or found["table"] in self._wholes:
            return
        table, name = found["table"], found["name"]
        deferred = _DEFERRED.search(found["text"])
        space = f" TABLESPACE {index.space}" if index.space else ""
        yield _concurrently(f"{index.sql}{space};", table, name)
        how = f"{found['kind']} USING INDEX {name}{deferred[0] if deferred else ''}"
        yield _Part((f"ALTER TABLE {table} ADD CONSTRAINT {name} {how};",))

    def _not_null(self, _: Step, statement: str) -> Iterator[_Part]:
        """A check that is validated without a lock spares SET NOT NULL the look at each row."""
        if found := _NOT_NULL.fullmatch(statement):
            table, column = found["table"], found["column"]
            name = self._free_name(table)
            yield _Part(
                (f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;",), "by itself"
            )
            yield _Part((f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};",), "by itself")
            yield _Part((statement, f"ALTER TABLE {table} DROP CONSTRAINT {name};"), "by itself")

    def _free_name(self, table: str) -> str:
        taken = [name for side in (self._sides.before, self._sides.after) for name in side.parts(table, "constraints")]
        names = (f"rollproof_{number}" for number in range(1, len(taken) + 2))
        return next(name for name in names if f"{table}.{name}" not in taken)


def _said(step: Step, parts: Sequence[_Part]) -> Iterator[tuple[Step, How]]:
    """Yield the parts of a step as steps: what it is there for is said of the first, what it mends of the last."""
    for number, part in enumerate(parts, 1):
        because = "; ".join(filter(None, (step.because if number == 1 else "", part.note)))
        mends = step.mends if number == len(parts) else ()
        alone = part.how == "outside"
        yield replace(step, statements=part.statements, because=because, mends=mends, alone=alone), part.how


def _joined(unit: Unit, earlier: Sequence[set[int]], left_out: set[int]) -> Iterator[list[int]]:
    """Yield the places that belong in one transaction: what needs each other, or is about one relation."""
    groups: list[tuple[set[int], set[str]]] = []
    for place, step in enumerate(unit):
        if place in left_out:
            continue
        near, named = {place, *earlier[place]}, {step.of.relation} - {""}
        mine = [group for group in groups if group[0] & near or group[1] & named]
        groups = [group for group in groups if group not in mine]
        groups.append(({place}.union(*(each for each, _ in mine)), named.union(*(each for _, each in mine))))
    yield from sorted(sorted(places) for places, _ in groups)


def _concurrently(statement: str, table: str, name: str) -> _Part:
    schema = re.match(NAME, table)
    text = re.sub(r"\A(CREATE (?:UNIQUE )?INDEX )", r"\1CONCURRENTLY ", statement)
    return _Part((text,), "outside", _IF_IT_FAILS.format(f"{schema[0] if schema else ''}.{name}"))
