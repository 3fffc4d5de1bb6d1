"""An object of a database, named as the facet of its kind names it; and which object a fact tells of. Pure."""

import re
from functools import cache
from typing import NamedTuple

from rollproof.model.facets import facets, traits
from rollproof.model.names import WORD, names, table_of

RELATIONS = ("tables", "views", "sequences")
_PIECE = r'(?>"(?:[^"]|"")*"|[^"])'  # a quoted name, or one letter of anything else: no pattern cuts into a name
_TOLD = re.compile(rf"(?P<name>{_PIECE}+?) \((?P<kind>[a-z -]+)\)(?: (?:TO|FOR) (?P<to>{WORD}))?", re.DOTALL)
_ON_ANOTHER = re.compile(rf"(?P<part>{WORD}) on (?P<of>{_PIECE}+)", re.DOTALL)
_OF_CONSTRAINTS = {"foreign_key_triggers", "foreign_keys"}
_MEMBERS = {  # what is attached to another object, with that in its identity
    "publications": re.compile(rf"{_PIECE}+ IN PUBLICATION (?P<of>{WORD})", re.DOTALL),
    "subscriptions": re.compile(rf"{_PIECE}+ IN SUBSCRIPTION (?P<of>{WORD})", re.DOTALL),
    "roles": re.compile(rf"(?P<of>{WORD}) IN {WORD}"),
    "extension_members": re.compile(rf"(?P<of>{WORD}): .+", re.DOTALL),
    "default_privileges": re.compile(rf"(?P<of>[A-Z ]+ MADE BY {WORD}(?: IN SCHEMA {WORD})?) TO {WORD}"),
    "settings": re.compile(rf"\S+ FOR (?:ROLE )?(?P<of>DATABASE|{WORD})(?: IN DATABASE)?"),
}
_TELL_TYPES = ("function", "procedure", "aggregate", "operator", "cast", "transform")
_BY_KIND = {"database": "database", "large object": "large_objects", "parameter": "parameters"}
_OWNERS_OF_MEMBERS = {"extension_members": "extensions"}
_FOLLOW = {  # what may come with an object of another kind, and is called like it: row types, arrays, constructors of ranges
    "type": ("tables", "views"),
    "function": ("types",),
}


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
    if row.about == "object" and (found := told(identity)):
        return _told_of(*found[:2])
    return (_holder(facet, identity),)


def told(identity: str) -> tuple[str, str, str] | None:
    """Return an object's name, its kind, and the role or provider, of a fact about any object: `public.users (table) TO app`."""
    found = _TOLD.fullmatch(identity)
    return (found["name"], found["kind"], found["to"] or "") if found else None


def on_another(name: str) -> tuple[str, str]:
    """Return the name of an object and of what it is on: `above on public.positive`; "" and all of it if there is no such."""
    found = _ON_ANOTHER.fullmatch(name)
    return (found["part"], found["of"]) if found else ("", name)


def _told_of(name: str, kind: str) -> tuple[Object, ...]:
    """Return the objects that owners, grants, comments and labels may mean by a name and a kind."""
    if kind in _BY_KIND:
        return (Object(_BY_KIND[kind], name),)
    if kind == "domain constraint":
        return (Object("types", on_another(name)[1]),)
    plain = _as_listed(name, kind)
    maybe = [Object(facet, f"{plain} ({kind})" if _says_kind(facet, kind) else plain) for facet in facets_of(kind)]
    maybe += [Object(facet, plain.partition("(")[0].removesuffix("[]")) for facet in _FOLLOW.get(kind, ())]
    if kind == "composite type column":
        maybe.append(Object("types", ".".join(names(plain)[:-1])))
    return tuple(maybe) or (Object(kind, name),)


def _says_kind(facet: str, kind: str) -> bool:
    return any(each.in_identity and each.kind == kind for each in traits(facet).kinds)


def _as_listed(name: str, kind: str) -> str:
    """Return an object's name as its own facet has it: comments and labels name PostgreSQL's own types with their schema."""
    if kind not in _TELL_TYPES:
        return name
    parts = re.split(r'("(?:[^"]|"")*")', name)
    plain = "".join(part if part[:1] == '"' else part.replace("pg_catalog.", "") for part in parts)
    return transform(plain)


def transform(name: str) -> str:
    """Return a transform's name in the letters of its own facet; any other name as it is."""
    return re.sub(r"^for (.+) language ", r"FOR \1 LANGUAGE ", name, flags=re.DOTALL)


def _holder(facet: str, identity: str) -> Object:
    """Return what a fact's object belongs to, as a publication's table does to the publication; itself if that is nothing."""
    if facet == "large_objects":
        return Object(facet, "all")
    member = _MEMBERS[facet].fullmatch(identity) if facet in _MEMBERS else None
    if member is None:
        return Object(facet, identity)
    if facet == "settings":
        return Object("database", "this") if member["of"] == "DATABASE" else Object("roles", member["of"])
    return Object(_OWNERS_OF_MEMBERS.get(facet, facet), member["of"])


def is_attached(facet: str, identity: str) -> bool:
    """Tell whether a fact tells of what is attached to an object, and not of the object."""
    return traits(facet).about != "" or objects_of(facet, identity)[0] != Object(facet, identity)


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
