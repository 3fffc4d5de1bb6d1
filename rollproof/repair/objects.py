"""An object of a database, named as the facet of its kind names it; and which object a fact tells of. Pure."""

import re
from functools import cache
from typing import NamedTuple

from rollproof.model.facets import facets, traits
from rollproof.model.names import table_of

RELATIONS = ("tables", "views", "sequences")
_KIND = re.compile(r"(.+?) \(([a-z -]+)\)(?: TO .+| FOR .+)?", re.DOTALL)
_OF_CONSTRAINTS = {"foreign_key_triggers", "foreign_keys"}
_MEMBER = re.compile(r".* IN PUBLICATION (.+)", re.DOTALL)


class Object(NamedTuple):
    """An object by its facet and its identity there: `Object("columns", "public.users.email")`."""

    facet: str
    identity: str

    def __str__(self) -> str:
        return f"{self.facet} {self.identity}"

    @classmethod
    def parse(cls, text: str) -> "Object":
        """Return the object that `str` wrote."""
        facet, _, identity = text.partition(" ")
        return cls(facet, identity)

    @property
    def relation(self) -> str:
        """The table, view or sequence that it is, or is a part of; "" if there is none."""
        is_of_one = self.facet in RELATIONS or traits(self.facet).part_of == "table"
        return (table_of(self.identity) or "") if is_of_one else ""


def objects_of(facet: str, identity: str) -> tuple[Object, ...]:
    """Return what a fact may tell of: the object itself, or those that it may be attached to, of which a database has one."""
    row = traits(facet)
    if facet in _OF_CONSTRAINTS:
        return (Object("constraints", identity),)
    if row.about == "table":
        return (Object("tables", identity), Object("views", identity))
    if row.about == "sequence":
        return (Object("sequences", identity),)
    if row.about == "object" and (found := _KIND.fullmatch(identity)):
        return tuple(Object(name, found[1]) for name in facets_of(found[2])) or (Object(facet, identity),)
    if facet == "publications" and (member := _MEMBER.fullmatch(identity)):
        return (Object("publications", member[1]),)
    return (Object(facet, identity),)


def is_attached(facet: str, identity: str) -> bool:
    """Tell whether a fact tells of what is attached to an object, and not of the object."""
    return objects_of(facet, identity)[0] != Object(facet, identity)


@cache
def facets_of(kind: str) -> tuple[str, ...]:
    """Return the facets whose objects owners, grants and comments call so: a `table column` is one of `columns`."""
    for told in (kind, kind.rpartition(" ")[2]):
        found = tuple(
            name for name, each in facets().items() if any(told in (one.kind, one.listed_as) for one in each.kinds)
        )
        if found:
            return found
    return ()
