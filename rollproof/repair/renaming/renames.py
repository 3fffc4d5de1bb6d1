"""What is missing and was left behind, and is the same but for its name: it is given its name back, so that its rows stay. Pure.

Nothing is guessed: there must be exactly one candidate, alike in all its parts. What may be the same and is not certain is said.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from rollproof.model.compare import Difference
from rollproof.model.drops import kind_of
from rollproof.model.names import is_word, names, schema_of
from rollproof.repair.clauses.tables import sequence_clauses
from rollproof.repair.objects import RELATIONS, Object
from rollproof.repair.renaming.respelled import Renaming, moved, renamed_facts
from rollproof.repair.renaming.shapes import part_shape, shape_of
from rollproof.repair.sides import Side, Sides
from rollproof.repair.step import Step, Unmended

_WHOLE = (*RELATIONS, "types", "functions")
_PARTS = ("columns", "constraints", "indexes")
_MAYBE_TABLE = "{0}, which was left behind, has its columns, and may be it: if so, rename that to {1}, and repair again"
_OF_IT = "whether its table is {0} under another name, is not certain"
_MAYBE_COLUMN = "it may be {0} under another name: if so, its values are here: UPDATE {1} SET {2} = {3};"


@dataclass(frozen=True)
class Renames:
    """The renames that are certain, as steps; both sides and the differences as they are after these; and what is not certain."""

    sides: Sides
    differences: tuple[Difference, ...]
    steps: tuple[Step, ...] = ()
    doubtful: tuple[Unmended, ...] = ()


def renames(sides: Sides, differences: Iterable[Difference]) -> Renames:
    """Return what is only renamed, and what differs beside that."""
    given = tuple(differences)
    search = _Search(sides)
    if search.has_candidates():
        search.run()
    if not search.found:
        return _with_doubts(Renames(sides, given), search.maybe)
    after = replace(sides.after, all_facts=search.facts)
    done = replace(sides, after=after)
    told = [_after(each, search.found) for each in given]
    left = dict.fromkeys(told)
    differ = tuple(each for each in (_difference(*place, done) for place in left) if each.before != each.after)
    return _with_doubts(Renames(done, differ, tuple(search.steps(given, told))), search.maybe)


def _after(difference: Difference, found: Iterable[Renaming]) -> tuple[str, str]:
    identity = difference.identity
    if difference.before is None:
        for each in found:
            identity = moved(difference.facet, identity, each)
    return difference.facet, identity


def _difference(facet: str, identity: str, sides: Sides) -> Difference:
    return Difference(facet, identity, sides.before.facts(facet).get(identity), sides.after.facts(facet).get(identity))


def _with_doubts(known: Renames, columns: Mapping[Object, Object]) -> Renames:
    """Leave what may be something else under a new name as it is: an empty table beside its rows would be worse than none."""
    tables = dict(_same_columns(known.sides))
    doubtful: list[Unmended] = []
    rest: list[Difference] = []
    for each in known.differences:
        side = known.sides.before if each.after is None else known.sides.after
        of = side.object_of(each.facet, each.identity)
        table = Object("tables", of.relation)
        if each.after is None and table in tables:
            left = tables[table].identity
            doubtful.append(
                Unmended(each, _MAYBE_TABLE.format(left, table.identity) if of == table else _OF_IT.format(left))
            )
        elif each.before is None and table in tables.values():
            missing = next(missing.identity for missing, left in tables.items() if left == table)
            doubtful.append(Unmended(each, _OF_IT.format(missing)))
        elif each.before is None and of in columns:
            last, left = names(columns[of].identity)[-1], names(of.identity)[-1]
            doubtful.append(Unmended(each, _MAYBE_COLUMN.format(columns[of].identity, of.relation, last, left)))
        else:
            rest.append(each)
    return replace(known, differences=tuple(rest), doubtful=tuple(doubtful))


def _same_columns(sides: Sides) -> Iterator[tuple[Object, Object]]:
    """Yield a missing table, and one that was left behind in a schema of old, with columns of the same names."""
    missing, left = _unpaired("tables", sides)
    shapes: dict[Hashable, list[Object]] = defaultdict(list)
    for each in left:
        if schema_of(each.identity) in sides.before.facts("schemas"):
            shapes[frozenset(sides.after.columns(each.identity))].append(each)
    for each in missing:
        columns = frozenset(sides.before.columns(each.identity))
        if columns and (maybe := shapes.get(columns)):
            yield each, maybe[0]


def _unpaired(facet: str, sides: Sides) -> tuple[list[Object], list[Object]]:
    was, now = sides.before.facts(facet), sides.after.facts(facet)
    if facet not in sides.before.all_facts or facet not in sides.after.all_facts:
        return [], []
    return [Object(facet, name) for name in was if name not in now], [
        Object(facet, name) for name in now if name not in was
    ]


@dataclass
class _Search:
    """Looks for pairs until there are no more: what is found makes others alike."""

    sides: Sides
    found: list[Renaming] = field(default_factory=list)
    maybe: dict[Object, Object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = self.sides.after.all_facts

    def has_candidates(self) -> bool:
        """Tell whether anything is missing while something of its kind was left behind."""
        return any(all(_unpaired(facet, self.sides)) for facet in (*_WHOLE, *_PARTS))

    def run(self) -> None:
        """Find all of them: of what stands by itself first."""
        while new := [each for facet in _WHOLE for each in self._pairs(facet, shape_of)]:
            self._take(new)
        if new := list(self._columns()):
            self._take(new)
        for facet in ("constraints", "indexes"):
            if new := [each for each in self._pairs(facet, part_shape) if self._is_own(each)]:
                self._take(new)

    @property
    def _now(self) -> Sides:
        return replace(self.sides, after=replace(self.sides.after, all_facts=self.facts))

    def _take(self, new: list[Renaming]) -> None:
        self.found += new
        self.facts = renamed_facts(self.facts, new)

    def _pairs(self, facet: str, shape: Callable[[Object, Side], Hashable]) -> Iterator[Renaming]:
        now = self._now
        missing, left = _unpaired(facet, now)
        was, here = (_by_shape(each, side, shape) for each, side in ((missing, now.before), (left, now.after)))
        for key, (first, *others) in was.items():
            candidates = here.get(key, ()) if key is not None and not others else ()
            if len(candidates) == 1 and self._can_be_had(candidates[0], first):
                yield Renaming(candidates[0], first)

    def _can_be_had(self, left: Object, missing: Object) -> bool:
        """Tell whether a name can be given: its schema is there; and whether a sequence is more than one of many alike."""
        if missing.facet in _PARTS:
            return True
        if missing.facet == "sequences":
            known = sequence_clauses(self.facts["sequences"][left.identity])
            if not (known and known.tie) and not self._now.after.graph.dependents(left):
                return False
        return names(missing.identity)[0] in self.facts.get("schemas", {})

    def _is_own(self, each: Renaming) -> bool:
        """Tell whether it is no part of something else that is renamed: the index of a constraint, what a parent gave."""
        after = self._now.after
        told = after.description(each.of) or ""
        if told.endswith(" (inherited)") or " PARTITION OF " in told or each.of.relation in after.facts("partitions"):
            return False
        return each.of.facet == "constraints" or not after.has(Object("constraints", each.of.identity))

    def _columns(self) -> Iterator[Renaming]:
        now = self._now
        for table in now.before.facts("tables"):
            was, here = now.before.columns(table), now.after.columns(table)
            missing, left = ([name for name in one if name not in other] for one, other in ((was, here), (here, was)))
            for name in missing:
                of = Object("columns", f"{table}.{name}")
                alike = [other for other in left if _alike(table, name, other, now)]
                if len(alike) == 1 and sum(_alike(table, each, alike[0], now) for each in missing) == 1:
                    renaming = Renaming(Object("columns", f"{table}.{alike[0]}"), of)
                    if _is_certain(renaming, table, now) and table not in now.after.facts("partitions"):
                        yield renaming
                    else:
                        self.maybe[renaming.of] = of

    def steps(self, given: Iterable[Difference], told: Iterable[tuple[str, str]]) -> Iterator[Step]:
        """Yield a step for each table, or other object, with all that is renamed of it; `told` is where each difference belongs."""
        by_place: dict[tuple[str, str], list[Difference]] = defaultdict(list)
        for each, place in zip(given, told, strict=True):
            by_place[place].append(each)
        grouped: dict[Object, list[Renaming]] = defaultdict(list)
        for one in self.found:
            grouped[self._holder(one)].append(one)
        for holder, group in grouped.items():
            statements = [text for each in group for text in self._statements(each)]
            places = [(facet, name) for facet, name in by_place if _belongs(name, group)]
            mends = tuple(one for place in places for one in by_place[place])
            because = "; ".join(f"{each.to.identity} is {each.of.identity} but for its name" for each in group)
            yield Step("rename", holder, tuple(statements), mends, because)

    def _holder(self, each: Renaming) -> Object:
        if each.of.facet == "sequences" and (table := self._table_of(each)):
            return Object("tables", table)
        return Object("tables", each.to.relation) if each.of.facet in _PARTS else each.to

    def _table_of(self, each: Renaming) -> str:
        known = sequence_clauses(self.sides.before.facts("sequences").get(each.to.identity, ""))
        return ".".join(names(known.column)[:2]) if known and known.column else ""

    def _statements(self, each: Renaming) -> Iterator[str]:
        table, was, now = each.to.relation, names(each.to.identity), names(each.of.identity)
        if each.of.facet == "columns":
            yield f"ALTER TABLE {table} RENAME COLUMN {now[-1]} TO {was[-1]};"
        elif each.of.facet == "constraints":
            yield f"ALTER TABLE {table} RENAME CONSTRAINT {now[-1]} TO {was[-1]};"
        elif each.of.facet == "indexes":
            yield f"ALTER INDEX {schema_of(table)}.{now[-1]} RENAME TO {was[-1]};"
        else:
            yield from self._of_whole(each, was, now)

    def _of_whole(self, each: Renaming, was: list[str], now: list[str]) -> Iterator[str]:
        kind = _kind(each.of, self.sides.after)
        arguments = each.of.identity.removeprefix(".".join(now[:2])) if each.of.facet == "functions" else ""
        follows = each.of.facet == "sequences" and any(
            one.to == Object("tables", self._table_of(each)) and schema_of(one.of.identity) != was[0]
            for one in self.found
        )
        if was[0] != now[0] and not follows:
            yield f"ALTER {kind} {now[0]}.{now[1]}{arguments} SET SCHEMA {was[0]};"
        if was[1] != now[1]:
            yield f"ALTER {kind} {was[0]}.{now[1]}{arguments} RENAME TO {was[1]};"


def _belongs(identity: str, group: Iterable[Renaming]) -> bool:
    names_of = [each.to.identity for each in group]
    return any(identity == name or identity.startswith((f"{name}.", f"{name} ")) for name in names_of)


def _kind(of: Object, side: Side) -> str:
    if of.facet == "functions":
        return "ROUTINE"
    known = kind_of(*of, side.description(of) or "")
    return known.kind.upper() if known else "TABLE"


def _by_shape(
    objects: Iterable[Object], side: Side, shape: Callable[[Object, Side], Hashable]
) -> Mapping[Hashable, list[Object]]:
    found: dict[Hashable, list[Object]] = defaultdict(list)
    for each in objects:
        found[shape(each, side)].append(each)
    return found


def _alike(table: str, missing: str, left: str, sides: Sides) -> bool:
    was = sides.before.facts("columns").get(f"{table}.{missing}")
    return was is not None and was == sides.after.facts("columns").get(f"{table}.{left}")


def _is_certain(renaming: Renaming, table: str, sides: Sides) -> bool:
    """Tell whether it cannot be another column: it stands between the same ones, or the same index or constraint is on it."""
    last, was = (names(each.identity)[-1] for each in renaming)
    order = [was if name == last else name for name in sides.after.columns(table)]
    before = [name for name in sides.before.columns(table) if name in order]
    behind = before[before.index(was) + 1 :]
    if behind and [name for name in order if name in before] == before:
        return True
    told = renamed_facts(sides.after.all_facts, [renaming])
    return any(
        is_word(was, text) and told[facet].get(name) == text
        for facet in ("constraints", "indexes")
        for name, text in sides.before.parts(table, facet).items()
    )


def may_be_missing(of: Object, differences: Iterable[Difference], sides: Sides) -> str:
    """Return why a table that was left behind, or its schema, is not to be dropped: it may be one that is missing; "" if not."""
    tables = [each for each in differences if each.facet == "tables"]
    lost = sorted(each.identity for each in tables if each.after is None)
    left = [each.identity for each in tables if each.before is None and sides.has_rows(each.identity)]
    mine = [name for name in left if of == ("tables", name) or of == ("schemas", schema_of(name))]
    if not (lost and mine):
        return ""
    return f"{mine[0]} holds rows, and may be {lost[0]}, which is missing, under another name: it is left to you"
