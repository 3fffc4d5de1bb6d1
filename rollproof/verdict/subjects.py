"""What a finding is about: which object, of which table, and what its definitions mention. Pure."""

import re
from dataclasses import dataclass
from functools import cache, cached_property

from rollproof.model.descriptions import type_of
from rollproof.model.facets import facets, facets_where
from rollproof.model.finding import Finding
from rollproof.model.names import NAME, PATH, TYPE, WORD, names, sql_name, table_of

MISSING, NEW, CHANGED = "missing", "new", "changed"
LEFTOVERS = "leftovers"
ATTACHED = facets_where(lambda each: each.about == "object") | {LEFTOVERS}
"""Checks whose subjects are `object (kind)`: they tell of what is attached to an object, or once more of the object."""
_OBJECTS = facets_where(lambda each: each.kinds or each.part_of == "extension") | {"large_objects"}
_DOMAIN_CONSTRAINT = "domain constraint"
_DUMPED = {  # by the kind of pg_dump's entry, or its last word
    "ACL": "privileges",
    "AGGREGATE": "aggregates",
    "ATTACH": "partitions indexes",
    "BY": "sequences",  # SEQUENCE OWNED BY
    "CAST": "casts",
    "COMMENT": "comments",
    "CONSTRAINT": "constraints indexes",
    "DATABASE": "database settings",
    "DATABASE PROPERTIES": "settings database",
    "DEFAULT": "columns sequences",
    "DEFAULT ACL": "default_privileges",
    "EVENT TRIGGER": "event_triggers",
    "INDEX": "indexes constraints",
    "LABEL": "security_labels",
    "POLICY": "policies",
    "PUBLICATION TABLE": "publications",
    "PUBLICATION TABLES IN SCHEMA": "publications",
    "RULE": "rules",
    "SECURITY": "row_security",  # ROW SECURITY
    "TABLE": "tables columns constraints partitions inheritance column_order foreign_tables sequences row_security owners",
    "TRANSFORM": "transforms",
    "TRIGGER": "triggers",
    "VIEW": "views columns owners",
}
_OF_OBJECTS = {"ACL", "COMMENT", "SECURITY LABEL"}
_WITH_COLUMNS = {"TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW"}
_NAMELESS = {
    *("CAST", "DATABASE", "DATABASE PROPERTIES", "DEFAULT ACL", "TRANSFORM"),
    *("PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA"),
}
_KIND = re.compile(r"(.+) \(([^()]+)\)(?: TO .+| FOR .+)?", re.DOTALL)
_OF_COLUMN = re.compile(rf"({PATH}) COLUMN {NAME}\.(.+)", re.DOTALL)  # public.orders COLUMN orders.id
_OF_PART = re.compile(rf"({PATH}) (?:CONSTRAINT|POLICY|RULE|TRIGGER) {NAME} ({NAME})", re.DOTALL)
_OF_TABLE = re.compile(rf"({PATH}) (?:[A-Z ]+) .+", re.DOTALL)  # public.orders TABLE orders
_IN_SCHEMA = re.compile(rf"[A-Z ]+ (\S.*) IN SCHEMA ({NAME})", re.DOTALL)  # FUNCTION f(integer) IN SCHEMA public
_OF_OTHER = re.compile(r"[A-Z ]+ (\S.*)", re.DOTALL)  # EXTENSION pgcrypto
_BARE = {  # of no schema, and named without quotes
    *("ACCESS METHOD", "EVENT TRIGGER", "EXTENSION", "FOREIGN DATA WRAPPER", "PROCEDURAL LANGUAGE", "PUBLICATION"),
    *("SCHEMA", "SERVER", "SUBSCRIPTION"),
}
_WORD = re.compile(WORD)
_PATH = re.compile(rf"({WORD}\.{WORD})(?:\.{WORD})*")
_CAST = re.compile(rf"::{TYPE}")
_BODY = re.compile(r"(\$\w*\$).*?\1", re.DOTALL)
_ROLE = re.compile(r" (?:TO|MADE BY|FOR ROLE|IN) (.+?)(?= (?:TO|IN DATABASE|IN SCHEMA)\b|\Z)", re.DOTALL)
_OWNER = re.compile(r"(?:OWNED BY|IDENTITY OF) (.+)$", re.DOTALL)
_IDENTITY = re.compile(rf"ALTER TABLE (?:ONLY )?({PATH}) ALTER COLUMN ({NAME}) ADD GENERATED ")  # in a dump
_REFERENCED = re.compile(rf"references ({PATH})", re.IGNORECASE)


@dataclass(frozen=True)
class Mentions:
    """The words, and the paths (schema.name), of a definition."""

    words: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()

    @classmethod
    def of(cls, text: str | None, *, of_column: bool = False) -> "Mentions":
        """Return what a definition mentions: of the types in it only paths, for many columns are called as a type is.

        A function's body in dollar quotes is left out: PostgreSQL does not track what it mentions.
        """
        plain = _BODY.sub(" ", text or "")
        typed = plain[len(type_of(plain)) :] if of_column else plain
        return cls(frozenset(_WORD.findall(_CAST.sub(" ", typed))), frozenset(_PATH.findall(plain)))


@dataclass(frozen=True, eq=False)
class Subject:
    """A finding and the object that it is about: `path` is the object's name, `kind` its kind where the finding says it.

    `facet` is what was compared, also where another check than that of its name found it.
    """

    finding: Finding
    facet: str
    path: str
    kind: str = ""

    @cached_property
    def way(self) -> str:
        """Whether the object, or what is attached to it, is missing, new or changed."""
        if self.finding.actual is None:
            return MISSING
        return NEW if self.finding.expected is None else CHANGED

    @cached_property
    def table(self) -> str:
        """The table, view or sequence that the path begins with; "" if it begins with none."""
        return table_of(self.path) or ""

    @cached_property
    def last(self) -> str:
        """The last name of the path, without arguments."""
        return (names(self.name) or [self.path])[-1]

    @cached_property
    def name(self) -> str:
        """The path without arguments."""
        return self.path.partition("(")[0]

    @property
    def is_object(self) -> bool:
        """Whether the finding tells of an object itself, not of what is attached to one."""
        return self.facet in _OBJECTS

    @property
    def other_names(self) -> frozenset[str]:
        """How definitions and other checks name the object."""
        plain = found[1] if (found := _KIND.fullmatch(self.path)) else self.path
        if self.facet == "extension_members":
            plain = plain.partition(": ")[2]
        called = {plain, plain.partition("(")[0]}
        if self.facet in {"indexes", "statistics"}:  # which lie in a schema; statistics, in one of their own
            path = names(self.path)
            called.add(f"{path[2] if len(path) > 3 else path[0]}.{self.last}")  # noqa: PLR2004 (schema.table.schema.statistics)
        return frozenset(called - {self.path})

    @property
    def told_by(self) -> tuple[str, ...]:
        """The checks that tell of the object that this is attached to, or is another witness of; () for any."""
        if self.facet != "pg_dump":
            return _facets_of(self.kind)
        return tuple((_DUMPED.get(self.kind) or _DUMPED.get(self.kind.rpartition(" ")[2], "")).split())

    @property
    def has_columns(self) -> bool:
        """Whether it is pg_dump's entry of a table or a view, in which all its columns are."""
        return self.facet == "pg_dump" and self.kind in _WITH_COLUMNS

    @property
    def is_nameless(self) -> bool:
        """Whether it is an entry of pg_dump whose name no check of ours gives."""
        return self.facet == "pg_dump" and self.kind in _NAMELESS

    @property
    def texts(self) -> tuple[str, ...]:
        """Its descriptions, before and after, as far as there are any."""
        return tuple(text for text in (self.finding.expected, self.finding.actual) if text is not None)

    @cached_property
    def before(self) -> Mentions:
        """What its description mentioned."""
        return self._mentions(self.finding.expected)

    @cached_property
    def after(self) -> Mentions:
        """What its description mentions now."""
        return self._mentions(self.finding.actual)

    def _mentions(self, text: str | None) -> Mentions:
        arguments = self.path.partition("(")[2]
        return Mentions.of(text and f"{text} {arguments}", of_column=self.facet == "columns")

    @property
    def columns_owning(self) -> frozenset[str]:
        """The columns that a sequence belongs to."""
        found = {each[1] for text in self.texts if (each := _OWNER.search(text))}
        return frozenset(found | {f"{each[1]}.{each[2]}" for text in self.texts if (each := _IDENTITY.match(text))})

    @property
    def referenced(self) -> frozenset[str]:
        """The tables that a foreign key refers to."""
        return frozenset(path for text in self.texts for path in _REFERENCED.findall(text))

    @property
    def roles(self) -> frozenset[str]:
        """The roles that a grant, a setting, a membership or an owner names."""
        if self.facet == "owners":
            return frozenset(self.texts)
        member = names(self.path)[:1] if self.facet == "roles" else []
        return frozenset([*member, *_ROLE.findall(self.finding.subject)])


def subject_of(finding: Finding) -> Subject:
    """Return a finding with the object that it is about."""
    facet, path = finding.check, finding.subject
    if facet == "nothing_lost":  # `facet identity`
        facet, _, path = path.partition(" ")
    found = _KIND.fullmatch(path) if facet in ATTACHED or facet == "pg_dump" else None
    if found:
        named = _named_by_pg_dump(found[1], found[2]) if facet == "pg_dump" else found[1]
        return Subject(finding, facet, named, found[2])
    return Subject(finding, facet, path.partition(" IN PUBLICATION ")[0])


def _named_by_pg_dump(name: str, kind: str) -> str:
    """Return the object's name as our own checks write it."""
    if kind == "OPERATOR":
        return name.replace(" (", "(").replace(", ", ",")
    if kind in {"SEQUENCE", "TABLE ATTACH"}:  # schema.table.sequence of an identity column, schema.table.partition
        path = names(name)
        return f"{path[0]}.{path[-1]}"
    if kind in _OF_OBJECTS:
        return _object_in(name)
    return sql_name(name) if kind in _BARE and not name.startswith('"') else name


def _object_in(name: str) -> str:
    """Return the object that a grant, a comment or a label in a dump is about."""
    if part := _OF_COLUMN.fullmatch(name) or _OF_PART.fullmatch(name):
        return f"{part[1]}.{part[2]}"
    if found := _OF_TABLE.fullmatch(name):
        return found[1]
    if within := _IN_SCHEMA.fullmatch(name):
        return f"{within[2]}.{within[1]}"
    return other[1] if (other := _OF_OTHER.fullmatch(name)) else name


@cache
def _facets_of(kind: str) -> tuple[str, ...]:
    """Return the facets that tell of a kind of object, as owners, grants and comments name kinds: a `table column`, say."""
    own = "type" if kind == _DOMAIN_CONSTRAINT else kind
    for told in (own, own.rpartition(" ")[2]):
        found = tuple(
            name for name, each in facets().items() if any(told in (one.kind, one.listed_as) for one in each.kinds)
        )
        if found:
            return found
    return ()
