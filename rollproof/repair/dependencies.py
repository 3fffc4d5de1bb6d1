"""Which object needs which: as pg_depend says (facet `dependencies`), else as definitions mention each other. Pure.

The facet's facts: `facet identity` of an object → JSON `{"needs": [objects], "within": [objects]}`; `within` are those with which
it comes and goes, and without which it cannot be dropped: the index of a partition with that of the whole, say. What names say
is not in the facet: a part is of its relation, a relation in its schema, and the index of a constraint has its name.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from rollproof.model.definitions import UncleanError, qualified
from rollproof.model.facets import facets_where
from rollproof.model.names import WORD, schema_of, sql_name
from rollproof.model.snapshot import Facts
from rollproof.repair.objects import RELATIONS, Object

FACET = "dependencies"
_OBJECTS = facets_where(lambda row: row.kinds)
_UNIQUE = ("PRIMARY KEY", "UNIQUE")
_BY_AN_INDEX = (*_UNIQUE, "EXCLUDE")
_INHERITED = ("(inherited)", "(inherited and own)")
_PATH = rf"{WORD}\.{WORD}"
_IDENTITY = re.compile(rf".* IDENTITY OF (?P<column>{_PATH}\.{WORD})", re.DOTALL)
_OBJECT_IN_TEXT = re.compile(r"'((?:[^']|'')+)'::reg(?:class|proc|type)\b")  # nextval('public.numbers'::regclass)
_OF_TABLES = ("partitions", "inheritance", "foreign_tables")
_SERVER = re.compile(rf"SERVER (?P<name>{WORD})(?: OPTIONS .*)?", re.DOTALL)
_PARENTS = re.compile(rf"(?:INHERITS \(|PARTITION OF )({_PATH}(?:, {_PATH})*)")


class Needs(msgspec.Struct, frozen=True):
    """One description of the facet, as `sql/dependencies.sql` writes it."""

    needs: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if strange := [text for text in (*self.needs, *self.within) if Object.parse(text).facet not in _OBJECTS]:
            raise ValueError(f"{strange[0][:80]!r} is no object of a database")


def needs_of(text: str) -> Needs:
    """Return the dependencies that a description tells. Raises `msgspec.DecodeError` if no query of ours wrote it."""
    return msgspec.json.decode(text, type=Needs)


class Graph:
    """The dependencies of one side's objects; of the `facts` by facet."""

    def __init__(self, facts: Mapping[str, Facts]) -> None:
        self._facts = facts

    def needs(self, of: Object) -> frozenset[Object]:
        """Return what must be there before an object can be: directly."""
        return self._needs.get(of, frozenset())

    def dependents(self, of: Object) -> frozenset[Object]:
        """Return what needs an object: directly."""
        return self._dependents.get(of, frozenset())

    def within(self, of: Object) -> frozenset[Object]:
        """Return the objects with which an object comes and goes."""
        return self._within.get(of, frozenset())

    def all_needs(self, of: Object) -> frozenset[Object]:
        """Return what must be there before an object can be, through others as well."""
        return _reached(of, self.needs)

    def all_dependents(self, of: Object) -> frozenset[Object]:
        """Return what needs an object, through others as well."""
        return _reached(of, self.dependents)

    @cached_property
    def _recorded(self) -> Mapping[Object, Needs]:
        return {Object.parse(name): needs_of(text) for name, text in self._facts.get(FACET, {}).items()}

    @cached_property
    def _within(self) -> Mapping[Object, frozenset[Object]]:
        found = {each: set(map(Object.parse, fact.within)) for each, fact in self._recorded.items() if fact.within}
        for name in self._facts.get("indexes", {}):
            if self._facts.get("constraints", {}).get(name, "").startswith(_BY_AN_INDEX):
                found.setdefault(Object("indexes", name), set()).add(Object("constraints", name))
        if FACET not in self._facts:
            for name, text in self._facts.get("sequences", {}).items():
                if known := _IDENTITY.fullmatch(text):
                    found[Object("sequences", name)] = {Object("columns", known["column"])}
        has_heirs = any(self._facts.get(facet) for facet in ("partitions", "inheritance"))
        for name, text in self._facts.get("columns", {}).items() if has_heirs else ():
            if above := set(self._inherited(Object("columns", name), text)):
                found.setdefault(Object("columns", name), set()).update(above)
        return {each: frozenset(wholes) for each, wholes in found.items()}

    def _inherited(self, column: Object, text: str) -> Iterator[Object]:
        """Yield the columns of a table's parents, or of what it is a partition of, that a column was made with."""
        table = column.relation
        of = self._facts.get("partitions", {}).get(table, "")
        if text.endswith(_INHERITED):
            of = self._facts.get("inheritance", {}).get(table, of)
        for parent in re.findall(_PATH, found[1] if (found := _PARENTS.match(of)) else ""):
            above = f"{parent}{column.identity.removeprefix(table)}"
            if above in self._facts["columns"]:
                yield Object("columns", above)

    @cached_property
    def _needs(self) -> Mapping[Object, frozenset[Object]]:
        found: dict[Object, set[Object]] = defaultdict(set)
        for each, needed in self._edges():
            if each != needed:
                found[each].add(needed)
        return {each: frozenset(needed) for each, needed in found.items()}

    @cached_property
    def _dependents(self) -> Mapping[Object, frozenset[Object]]:
        found: dict[Object, set[Object]] = defaultdict(set)
        for each, needed in self._needs.items():
            for one in needed:
                found[one].add(each)
        return {each: frozenset(dependents) for each, dependents in found.items()}

    def _edges(self) -> Iterator[tuple[Object, Object]]:
        for each, fact in self._recorded.items():
            yield from ((each, Object.parse(name)) for name in fact.needs)
        for each, wholes in self._within.items():
            yield from ((each, whole) for whole in wholes)
        for each in self._objects():
            yield from ((each, holder) for holder in self._holders(each))
        if FACET not in self._facts:
            for each in self._objects():
                yield from ((each, one) for one in self._mentioned(each))

    def _objects(self) -> Iterator[Object]:
        yield from (Object(facet, name) for facet in _OBJECTS for name in self._facts.get(facet, {}))

    def _holders(self, each: Object) -> Iterator[Object]:
        """Yield the relation that an object is a part of, and the schema that a relation is in."""
        if relation := each.relation:
            if relation != each.identity:
                yield from (Object(facet, relation) for facet in RELATIONS if relation in self._facts.get(facet, {}))
            elif (schema := schema_of(relation)) in self._facts.get("schemas", {}):
                yield Object("schemas", schema)

    def _mentioned(self, each: Object) -> Iterator[Object]:
        """Yield what a definition names with its schema, a table's server, and the keys that a foreign key needs."""
        text = self._facts[each.facet][each.identity]
        if each.facet == "sequences" and " OWNED BY " in text:
            return  # the column that it belongs to needs it
        more = [self._facts.get(facet, {}).get(each.identity, "") for facet in _OF_TABLES if each.facet == "tables"]
        for known in filter(None, map(_SERVER.fullmatch, more)):
            yield Object("foreign_servers", f"{known['name']} (server)")
        try:
            told = {name for one in (text, *more, *_OBJECT_IN_TEXT.findall(text)) for name in qualified(one)}
            paths = {f"{sql_name(schema)}.{sql_name(name)}" for schema, name in told}
        except UncleanError:
            return
        for path in paths:
            yield from self._by_path.get(path, ())
            if text.startswith("FOREIGN KEY"):
                yield from self._keys_of(path)

    @cached_property
    def _by_path(self) -> Mapping[str, Iterable[Object]]:
        found: dict[str, list[Object]] = defaultdict(list)
        for facet in (*RELATIONS, "types", "functions", "aggregates"):
            for name in self._facts.get(facet, {}):
                found[name.partition("(")[0]].append(Object(facet, name))
        return found

    def _keys_of(self, table: str) -> Iterator[Object]:
        for name, text in self._facts.get("constraints", {}).items():
            if text.startswith(_UNIQUE) and name.startswith(f"{table}."):
                yield Object("constraints", name)


def _reached(of: Object, step: Callable[[Object], frozenset[Object]]) -> frozenset[Object]:
    found: set[Object] = set()
    ahead = [of]
    while ahead:
        new = set(step(ahead.pop())) - found - {of}
        found |= new
        ahead += new
    return frozenset(found)
