"""What rows would refuse: NOT NULL, keys, foreign keys and checks that a plan makes, held against the rows as they will be."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.names import NAME, PATH, listed
from rollproof.repair.objects import Object
from rollproof.repair.plan import Plan
from rollproof.repair.rows.columns import KEPT, LIVE, Described, same, spelled_alike
from rollproof.repair.rows.late_not_null import NOT_NULL
from rollproof.repair.rows.spelling import Link
from rollproof.repair.rows.table import RowRepair
from rollproof.repair.sides import Sides
from rollproof.repair.step import Step, Unmended
from rollproof.sources.source import Source
from rollproof.verdict.castable import uncastable
from rollproof.verdict.conditions import is_harmless
from rollproof.verdict.refusals import Found, InTheWay

_SHOWN = 5  # keys named in a sentence
_LIST = rf"{NAME}(?:, {NAME})*"
_KEY = re.compile(
    rf"(?P<kind>PRIMARY KEY|UNIQUE)(?P<nulls> NULLS NOT DISTINCT)? \((?P<columns>{_LIST})\)(?: INCLUDE \({_LIST}\))?[ A-Z]*"
)
_INDEX = re.compile(
    rf"CREATE (?P<kind>UNIQUE) INDEX {NAME} ON (?:ONLY )?{PATH} USING btree \((?P<columns>{_LIST})\)"
    rf"(?: INCLUDE \({_LIST}\))?(?P<nulls> NULLS NOT DISTINCT)?"
)
_CHECK = re.compile(r"CHECK \((?P<condition>.*)\)(?: NO INHERIT)?(?: \(inherited and own\))?", re.DOTALL)
_OWN = re.compile(r"OPERATOR\(pg_catalog\.\S+\)")


@dataclass(frozen=True, eq=False)
class Violations:
    """Asks the subject about the steps of a plan; `repairs` are the tables whose rows all come back, `links` all foreign keys."""

    after: Source
    sides: Sides
    repairs: Mapping[str, RowRepair] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)

    def heeded(self, plan: Plan) -> Plan:
        """Return the plan without what rows would refuse: as a comment, or NOT VALID; which rows they are is said."""
        found = Found.of(plan)
        units = tuple(tuple(self._unit(unit, found)) for unit in plan.units)
        return replace(plan, ordered=replace(plan.ordered, units=units), unmended=(*plan.unmended, *found.left))

    def _unit(self, unit: tuple[Step, ...], found: Found) -> Iterator[Step]:
        """Yield the steps of a transaction; without statements, if PostgreSQL would undo all of it for a value."""
        reason = uncastable(unit, self.sides, self.after)
        for step in unit:
            if reason or found.is_left(step):
                yield found.leave(replace(step, statements=()), "", reason)
            else:
                yield self._step(step, found)

    def _step(self, step: Step, found: Found) -> Step:
        if step.optional or step.verb not in ("create", "alter", "rows", "attributes"):
            return step
        if stays := found.stay & self._columns(step):
            return found.leave(step, f"only when {min(stays)} is as it was", f"{min(stays)} stays as it is")
        if step.verb != "rows" and (lacks := found.gone & {step.of, *self.sides.before.graph.all_needs(step.of)}):
            return found.leave(step, f"only when {min(lacks)} is there", f"it needs {min(lacks)}, which is left to you")
        changed, reason = self._heeded(step, found) or (step, "")
        found.left += [Unmended(each, reason) for each in (_about(step, changed) if reason else ())]
        if changed.optional:
            found.gone.add(step.of)
        return changed

    def _columns(self, step: Step) -> set[Object]:
        """Return the columns whose types a foreign key that is made has to find alike."""
        link = self.links.get(step.of.identity)
        if link is None or step.verb != "create" or step.of.facet != "constraints":
            return set()
        own = {Object("columns", f"{link.table}.{name}") for name in link.columns}
        return own | {Object("columns", f"{link.references}.{name}") for name in link.referenced}

    def _heeded(self, step: Step, found: Found) -> tuple[Step, str] | None:
        """Return a step as rows let it be, and why; None if they let it be as it is, or nobody can say."""
        try:
            if step.verb == "create" and step.of.facet in ("constraints", "indexes"):
                if Object("tables", step.of.relation) in found.made or not (
                    refused := self._of_key(step.of, found.empty)
                ):
                    return None
                return _made_later(step, refused, self.sides)
            if step.verb == "alter" and step.of.facet == "constraints" and _validates(step):
                if refused := self._of_key(step.of, found.empty):
                    return replace(step, optional=f"{refused}; when they are mended"), _left(refused)
                return None
            return self._without_not_null(step, found.made)
        except Inconclusive:
            return None

    def _without_not_null(self, step: Step, made: frozenset[Object]) -> tuple[Step, str] | None:
        statements, reasons = [], []
        for text in step.statements:
            found = NOT_NULL.fullmatch(text)
            column = found and (found["column"] or found["other"])
            if not (found and column) or found["how"] or Object("tables", found["table"]) in made:
                statements.append(text)
            elif refused := self._of_nulls(found["table"], (column,)):
                statements.append(f"-- when they are mended: {text}")
                reasons.append(f"{column} stays without NOT NULL, for {refused}")
            else:
                statements.append(text)
        if not reasons:
            return None
        return replace(step, statements=tuple(statements)), "; ".join(reasons)

    def _of_key(self, of: Object, empty: frozenset[str]) -> InTheWay | None:
        text = self.sides.before.description(of) or ""
        if known := (_KEY if of.facet == "constraints" else _INDEX).fullmatch(text):
            columns = listed(known["columns"])
            nulls = self._of_nulls(of.relation, columns) if known["kind"] == "PRIMARY KEY" else None
            named = columns if known["kind"] == "PRIMARY KEY" else ()  # values of others are nobody's to see
            return nulls or self._of_twins(of.relation, columns, named, nulls=bool(known["nulls"]))
        if (link := self.links.get(of.identity)) and text.startswith("FOREIGN KEY") and not text.endswith("NOT VALID"):
            return self._of_orphans(link, empty)
        if known := _CHECK.fullmatch(text):
            return self._of_condition(of.relation, known["condition"])
        return None

    def _of_nulls(self, table: str, columns: Iterable[str]) -> InTheWay | None:
        empty = [name for name in columns if not self._is_filled(table, name)]
        if not empty:
            return None
        condition = " OR ".join(f"t.{column} IS NULL" for column in empty)
        return self._count(table, f"FROM {self._rows(table)} AS t WHERE {condition}", [table])

    def _is_filled(self, table: str, name: str) -> bool:
        """Tell whether a column that is added gets a value in every row."""
        of = Object("columns", f"{table}.{name}")
        is_added = not self.sides.after.has(of) and self.sides.before.has(of)
        return is_added and not Described.parse(f"{self.sides.before.description(of)}").required

    def _of_twins(
        self, table: str, columns: tuple[str, ...], named: tuple[str, ...], *, nulls: bool
    ) -> InTheWay | None:
        if not all(Described.parse(self._column(table, name)).exact for name in columns):
            raise Inconclusive("it is compared by what is not PostgreSQL's own")
        listed_ = ", ".join(f"t.{column}" for column in columns)
        filled = "" if nulls else f" WHERE {' AND '.join(f't.{column} IS NOT NULL' for column in columns)}"
        rows = self._rows(table, twins=True)
        twins = f"SELECT t.*, pg_catalog.count(*) OVER (PARTITION BY {listed_}) AS rollproof_twins FROM {rows} AS t"
        return self._count(table, f"FROM ({twins}{filled}) AS t WHERE t.rollproof_twins > 1", [table], named)

    def _of_orphans(self, link: Link, empty: frozenset[str]) -> InTheWay | None:
        operators = link.equals or ("OPERATOR(pg_catalog.=)",) * len(link.columns)
        if not all(map(_OWN.fullmatch, operators)):
            raise Inconclusive("it is compared by what is not PostgreSQL's own")
        same_ = " AND ".join(
            f"p.{parent} {operator} t.{child}"
            for child, parent, operator in zip(link.columns, link.referenced, operators, strict=True)
        )
        filled = " AND ".join(f"t.{column} IS NOT NULL" for column in link.columns)
        if link.references in empty:  # no row finds what it refers to
            rest = f"FROM {self._rows(link.table)} AS t WHERE {filled}"
            return self._count(link.table, rest, [link.table], link.columns)
        parent = self.repairs.get(link.references)
        whole = self._rows(link.references, also=bool(parent and parent.respelled))
        parents = f"SELECT FROM {whole} AS p WHERE {same_}"
        rest = f"FROM {self._rows(link.table)} AS t WHERE {filled} AND NOT EXISTS ({parents})"
        return self._count(link.table, rest, [link.table, link.references], link.columns)

    def _of_condition(self, table: str, condition: str) -> InTheWay | None:
        if not is_harmless(condition):
            raise Inconclusive("it may run what somebody else wrote")
        return self._count(table, f"FROM {self._rows(table)} AS t WHERE NOT ({condition})", [table])

    def _count(self, table: str, rest: str, reads: Iterable[str], named: tuple[str, ...] = ()) -> InTheWay | None:
        columns = named or self._key(table)
        key = ", ".join(f"t.{column}" for column in columns) or "NULL"
        query = f"SELECT pg_catalog.count(*), (pg_catalog.array_agg(DISTINCT pg_catalog.concat_ws(', ', {key})))[1:{_SHOWN}] {rest}"
        if (view := self.after.view) is None:
            raise Inconclusive("there is no database to ask")
        sources = [source for name in reads for source in self._sources(name)]
        row = view.ask(lambda it: it.execute(query.encode()).fetchone(), reads=sources) or (0, ())
        keys = tuple(f"{', '.join(columns)} = {each}" for each in row[1] or () if columns)  # type: ignore[attr-defined]
        return InTheWay(table, int(str(row[0])), keys) if row[0] else None

    def _key(self, table: str) -> tuple[str, ...]:
        texts = self.sides.after.parts(table, "constraints").values()
        found = next(
            (known for text in texts if (known := _KEY.fullmatch(text)) and known["kind"] == "PRIMARY KEY"), None
        )
        return listed(found["columns"]) if found else ()

    def _column(self, table: str, name: str) -> str:
        of = Object("columns", f"{table}.{name}")
        return self.sides.after.description(of) or self.sides.before.description(of) or ""

    def _sources(self, table: str) -> tuple[str, ...]:
        own = self._own(table)
        repair = self.repairs.get(table)
        return (own, repair.source) if repair and not repair.load else (own,)

    def _own(self, table: str) -> str:
        is_whole = self.sides.after.facts("tables").get(table, "").startswith("partitioned table")
        return table if is_whole else f"ONLY {table}"

    def _rows(self, table: str, *, also: bool = False, twins: bool = False) -> str:
        """Return a table's rows as they will be: those that come back, and those that were added since; or `also` all others.

        Rows that are there more often than they were are told as often only where `twins` are looked for.
        """
        if not self.sides.after.has(Object("tables", table)):
            raise Inconclusive(f"{table} is not there")
        own, repair = self._own(table), self.repairs.get(table)
        if repair is None or repair.load or not repair.key or (repair.by_number and twins):
            return f"(SELECT {self._values(table)} FROM {own} AS t)"
        told = ", ".join(f"{KEPT.value(column)} AS {column.name}" for column in repair.columns)
        kept = f"SELECT {told} FROM {repair.source} AS b"
        if not (repair.added or also):
            return f"({kept})"
        alike = f" OR {spelled_alike(repair.key, LIVE)} = {spelled_alike(repair.key, KEPT)}" if repair.respelled else ""
        known = f"SELECT FROM {repair.source} AS b WHERE {same(repair.key, LIVE, KEPT)}{alike}"
        live = ", ".join(self._value(table, column.name) for column in repair.columns)
        return f"({kept} UNION ALL SELECT {live} FROM {own} AS t{'' if also else f' WHERE NOT EXISTS ({known})'})"

    def _value(self, table: str, name: str) -> str:
        return f"t.{name}" if self.sides.after.has(Object("columns", f"{table}.{name}")) else "NULL"

    def _values(self, table: str) -> str:
        was, now = (side.parts(table, "columns") for side in (self.sides.before, self.sides.after))
        names = {identity.removeprefix(f"{table}."): identity for identity in (*now, *was)}
        return ", ".join(f"t.{name}" if path in now else f"NULL AS {name}" for name, path in names.items()) or "NULL"


def _made_later(step: Step, refused: InTheWay, sides: Sides) -> tuple[Step, str]:
    """Return a step that makes a key or a check without holding the rows to it, where that can be; else as a comment."""
    text = sides.before.description(step.of) or ""
    table, last = step.of.relation, step.statements[-1]
    is_whole = sides.before.facts("tables").get(table, "").startswith("partitioned table")
    if text.startswith(("FOREIGN KEY", "CHECK")) and not is_whole and len(step.statements) == 1:
        validated = f"ALTER TABLE {table} VALIDATE CONSTRAINT {step.of.identity.removeprefix(f'{table}.')};"
        reason = f"{refused}: it is made NOT VALID; when they are mended: {validated}"
        return replace(step, statements=(f"{last.removesuffix(';')} NOT VALID;",), mends=(), because=reason), reason
    return replace(step, mends=(), optional=f"{refused}; when they are mended"), _left(refused)


def _left(refused: InTheWay) -> str:
    return f"{refused}: it is left to you, when they are mended"


def _validates(step: Step) -> bool:
    return any(" VALIDATE CONSTRAINT " in statement for statement in step.statements)


def _about(step: Step, changed: Step) -> Iterator[Difference]:
    """Yield the differences that a step does not undo as it is changed."""
    of = {step.of} if step.of.facet != "tables" else set()
    names = {
        Object("columns", f"{found['table']}.{found['column'] or found['other']}") for found in _commented(changed)
    }
    for each in step.mends:
        if Object(each.facet, each.identity) in of | names:
            yield each
    known = {Object(each.facet, each.identity) for each in step.mends}
    yield from (Difference(*each, "NOT NULL", "") for each in names - known)


def _commented(step: Step) -> Iterator[re.Match[str]]:
    for text in step.statements:
        if found := NOT_NULL.fullmatch(text.removeprefix("-- when they are mended: ")):
            yield found
