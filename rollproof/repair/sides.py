"""Both sides of a repair: what was and what is, as facts, dependencies, and pg_dump's entries. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rollproof.model.names import PATH, listed, names
from rollproof.model.snapshot import Facts
from rollproof.repair.dependencies import Graph
from rollproof.repair.dump_entries import DumpEntries
from rollproof.repair.objects import RELATIONS, Object, is_attached, objects_of

_WHOLE = re.compile(rf"PARTITION OF ({PATH})")
_PARENT = re.compile(rf"({PATH})(?:, |\)\Z)")


@dataclass(frozen=True, eq=False)
class Side:
    """What one side knows: `all_facts` by facet; `version` is `server_version_num`. A facet that could not be read is not in it."""

    all_facts: Mapping[str, Facts]
    version: int

    def facts(self, facet: str) -> Facts:
        """Return the facts of a facet; none where it could not be read."""
        return self.all_facts.get(facet, {})

    def description(self, of: Object) -> str | None:
        """Return an object's description; None if this side has no such object."""
        return self.facts(of.facet).get(of.identity)

    def has(self, of: Object) -> bool:
        """Tell whether this side has an object."""
        return of.identity in self.facts(of.facet)

    def object_of(self, facet: str, identity: str) -> Object:
        """Return the object that a fact tells of: that which this side has, else the first that it may be."""
        maybe = [self._statistics.get(each, each) for each in objects_of(facet, identity)]
        return next((each for each in maybe if self.has(each)), maybe[0])

    def attached(self, facet: str, of: Object) -> Mapping[str, str]:
        """Return the facts of a facet about what is attached to an object: identity → description."""
        return {identity: self.all_facts[facet][identity] for identity in self._attached(facet).get(of, ())}

    def _attached(self, facet: str) -> Mapping[Object, Sequence[str]]:
        if facet not in self._by_object:
            found: dict[Object, list[str]] = defaultdict(list)
            for identity in self.facts(facet):
                if is_attached(facet, identity):
                    found[self.object_of(facet, identity)].append(identity)
            self._by_object[facet] = found
        return self._by_object[facet]

    @cached_property
    def _by_object(self) -> dict[str, Mapping[Object, Sequence[str]]]:
        return {}

    @cached_property
    def members(self) -> Mapping[Object, Object]:
        """The members of extensions, of which other facets tell nothing, and their extensions."""
        known = (name.partition(": ") for name, text in self.facts("extension_members").items() if text[:6] == "member")
        return {each: Object("extensions", of) for of, _, name in known for each in objects_of("owners", name)}

    @cached_property
    def followers(self) -> tuple[tuple[str, str], ...]:
        """The extensions with which objects go that are no members of theirs, and these objects, each with its kind."""
        known = self.facts("extension_members").items()
        told = (name.partition(": ") for name, text in known if text == "DEPENDS ON EXTENSION")
        return tuple((extension, name) for extension, _, name in told)

    @cached_property
    def _statistics(self) -> Mapping[Object, Object]:
        """Statistics objects by their own path, as owners and comments name them: their facet names them with the table."""
        return {Object("statistics", own_path(name)): Object("statistics", name) for name in self.facts("statistics")}

    def parts(self, relation: str, facet: str) -> Mapping[str, str]:
        """Return the facts of a facet about the parts of a table or view: identity → description."""
        if facet not in self._by_relation:
            found = self._by_relation[facet] = defaultdict(dict)
            for name, text in self.facts(facet).items():
                found[Object(facet, name).relation][name] = text
        return self._by_relation[facet].get(relation, {})

    @cached_property
    def _by_relation(self) -> dict[str, dict[str, dict[str, str]]]:
        return {}

    @cached_property
    def heirs(self) -> Mapping[str, tuple[str, ...]]:
        """Which tables inherit from a table directly, its partitions among them."""
        found: dict[str, list[str]] = defaultdict(list)
        for facet in ("inheritance", "partitions"):
            for name in self.facts(facet):
                for parent in self.parents(name):
                    found[parent].append(name)
        return {parent: tuple(children) for parent, children in found.items()}

    def descendants(self, table: str) -> tuple[str, ...]:
        """Return the tables that inherit from a table, through others as well: parents before children."""
        found: dict[str, None] = {}
        ahead = list(self.heirs.get(table, ()))
        while ahead:
            found[each := ahead.pop(0)] = None
            ahead += self.heirs.get(each, ())
        return tuple(found)

    def parents(self, table: str) -> tuple[str, ...]:
        """Return the tables that a table inherits from directly, or the one whose partition it is."""
        if told := self.facts("partitions").get(table):
            return tuple(_WHOLE.findall(told)[:1])
        return tuple(_PARENT.findall(self.facts("inheritance").get(table, "").removeprefix("INHERITS (")))

    def columns(self, table: str) -> tuple[str, ...]:
        """Return the names of a table's columns, in their order."""
        told = self.facts("column_order").get(table, "")
        return () if told == "(no columns)" else listed(told)

    @cached_property
    def graph(self) -> Graph:
        """Its dependencies."""
        return Graph(self.all_facts)

    @cached_property
    def entries(self) -> DumpEntries:
        """What pg_dump wrote of it."""
        return DumpEntries(self.facts("pg_dump"))


def _unknown(table: str) -> bool:  # noqa: ARG001 (the default of what is asked by table)
    return True


@dataclass(frozen=True, eq=False)
class Sides:
    """Both sides; `has_rows` tells of a table of the subject whether it holds rows (True where nobody knows)."""

    before: Side
    after: Side
    has_rows: Callable[[str], bool] = _unknown

    def is_hidden(self, of: Object) -> bool:
        """Tell whether an object, or its table, is a member of an extension on one side alone, where no other facet tells of it."""
        was, now = self.before.members, self.after.members
        whole = [Object(facet, of.relation) for facet in RELATIONS if of.relation]
        changed = (each for each in (of, *whole) if (each in was) != (each in now))
        holders = {was.get(each) or now[each] for each in changed}
        return any(self.before.has(each) and self.after.has(each) for each in holders)


def own_path(statistics: str) -> str:
    """Return the schema and the name of a statistics object, whose identity begins with its table."""
    parts = names(statistics)
    return ".".join((parts[2] if len(parts) > 3 else parts[0], parts[-1]))  # noqa: PLR2004 (schema, table, name)
