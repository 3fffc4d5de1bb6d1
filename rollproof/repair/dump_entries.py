"""The statements of pg_dump's entry of an object, from the facet `pg_dump`. Pure.

Owners, grants, comments and row security are left out, for facts tell them of every object. An entry is not used where pg_dump
says by a setting what it does not say by a statement (access method, tablespace), where a secret is hidden, or where strings are
written otherwise than a script reads them.
"""

import re
from collections.abc import Mapping
from functools import cached_property

from rollproof.model.dump_facts import style_of
from rollproof.model.names import WORD, respelled, sql_name, tokens, unquoted
from rollproof.model.snapshot import Facts
from rollproof.model.statements import statements
from rollproof.repair.objects import Object

_OTHER_STRINGS = "standard_conforming_strings"
_PATH = rf"{WORD}\.{WORD}"
_HEADS = (
    tuple(  # how the statement that creates an object begins: `of` is its name, or `on` its table and `part` its own
        (re.compile(pattern, re.DOTALL), facet)
        for pattern, facet in (
            (rf"CREATE (?:UNLOGGED |FOREIGN )?TABLE (?P<of>{_PATH})\s", "tables"),
            (rf"CREATE (?:OR REPLACE |MATERIALIZED )?VIEW (?P<of>{_PATH})\s", "views"),
            (rf"CREATE (?:UNLOGGED )?SEQUENCE (?P<of>{_PATH})\s", "sequences"),
            (rf"CREATE (?:UNIQUE )?INDEX (?P<part>{WORD}) ON (?:ONLY )?(?P<on>{_PATH})\s", "indexes"),
            (rf"ALTER (?:FOREIGN )?TABLE (?:ONLY )?(?P<on>{_PATH})\s+ADD CONSTRAINT (?P<part>{WORD})\s", "constraints"),
            (rf"CREATE (?:CONSTRAINT )?TRIGGER (?P<part>{WORD}) (?:{WORD},? )+?ON (?P<on>{_PATH})\s", "triggers"),
            (rf"CREATE POLICY (?P<part>{WORD}) ON (?P<on>{_PATH})[\s;]", "policies"),
            (rf"CREATE RULE (?P<part>{WORD}) AS\s+ON \w+ TO (?P<on>{_PATH})\s", "rules"),
            (rf"CREATE STATISTICS (?P<statistics>{_PATH}) .*?\sFROM (?P<on>{_PATH});", "statistics"),
            (rf"CREATE (?:TYPE|DOMAIN) (?P<of>{_PATH})[\s;]", "types"),
            (rf"CREATE (?:FUNCTION|PROCEDURE) (?P<routine>{_PATH})\(", "functions"),
            (rf"CREATE AGGREGATE (?P<routine>{_PATH})\(", "aggregates"),
            (rf"CREATE OPERATOR (?P<routine>{WORD}\.[-+*/<>=~!@#%^&|`?]+) \(", "operators"),
            (rf"CREATE (?P<kind>OPERATOR CLASS) (?P<of>{_PATH})\s.*?(?P<method>USING {WORD})\s", "operator_classes"),
            (rf"CREATE (?P<kind>OPERATOR FAMILY) (?P<of>{_PATH}) (?P<method>USING {WORD});", "operator_classes"),
            (r"CREATE CAST (?P<words>\(.* AS .*?\)) WITH", "casts"),
            (rf"CREATE COLLATION (?P<of>{_PATH})\s", "collations"),
            (rf"CREATE (?:DEFAULT )?CONVERSION (?P<of>{_PATH})\s", "conversions"),
            (rf"CREATE (?P<kind>TEXT SEARCH [A-Z]+) (?P<of>{_PATH})\s", "text_search"),
            (rf"CREATE TRANSFORM (?P<words>FOR .*? LANGUAGE {WORD}) \(", "transforms"),
            (rf"CREATE ACCESS METHOD (?P<of>{WORD})\s", "access_methods"),
            (rf"CREATE (?P<kind>SERVER) (?P<of>{WORD})\s", "foreign_servers"),
            (rf"CREATE (?P<kind>FOREIGN DATA WRAPPER) (?P<of>{WORD})[\s;]", "foreign_servers"),
            (rf"CREATE EVENT TRIGGER (?P<of>{WORD})\s", "event_triggers"),
            (rf"CREATE PUBLICATION (?P<of>{WORD})[\s;]", "publications"),
            (rf"CREATE SCHEMA (?P<of>{WORD});", "schemas"),
        )
    )
)
_KINDS = {"FOREIGN DATA WRAPPER": "foreign-data wrapper"}  # where a facet does not call it so in small letters
_APART = {  # statements about a part of an object that have an entry of their own: how they begin
    "default": re.compile(
        rf"ALTER (?:FOREIGN )?TABLE (?:ONLY )?(?P<of>{_PATH}) ALTER COLUMN (?P<part>{WORD}) SET DEFAULT "
    ),
    "identity": re.compile(rf"ALTER (?:FOREIGN )?TABLE (?:ONLY )?(?P<of>{_PATH}) ALTER COLUMN {WORD} ADD GENERATED "),
    "not null": re.compile(
        rf"ALTER (?:FOREIGN )?TABLE (?:ONLY )?(?P<of>{_PATH})\s+ADD (?:CONSTRAINT {WORD} )?NOT NULL "
    ),
    "check": re.compile(rf"ALTER DOMAIN (?P<of>{_PATH})\s+ADD CONSTRAINT "),
}
_OF_FACTS = re.compile(
    rf"(?:COMMENT|GRANT|REVOKE|SECURITY) |ALTER TABLE (?:ONLY )?{_PATH} (?:ENABLE|FORCE) ROW LEVEL SECURITY;"
)
_BY_SETTING = re.compile(r"\n-- (?:ACCESS METHOD |Tablespace: )")
_WITH_SECRETS = {"foreign_servers", "tables"}


class DumpEntries:
    """What pg_dump wrote, by object; of one side's `facts` of the facet `pg_dump`, empty where no pg_dump was at hand."""

    def __init__(self, facts: Facts) -> None:
        self._facts = {} if _OTHER_STRINGS in style_of(facts) else facts

    def of(self, each: Object) -> tuple[str, ...]:
        """Return the statements that create an object, one by one; () where there are none, or they are not all it needs."""
        text = self._texts.get(each, "")
        if _BY_SETTING.search(text) or (each.facet in _WITH_SECRETS and "'(hidden)'" in text):
            return ()
        own = tuple(statement for statement in statements(text) if not _is_of_facts(statement))
        return own if not any(_about("", statement) for statement in own[1:]) else ()  # two entries of one name

    def of_columns(self, table: str) -> tuple[str, ...]:
        """Return the statements that make columns of a table identities, or NOT NULL without a look at the rows."""
        return self._apart.get(("identity", table), ()) + self._apart.get(("not null", table), ())

    def default(self, column: str) -> tuple[str, ...]:
        """Return the statement that gives a column the default that the statement of its table or view does not give."""
        return self._apart.get(("default", column), ())

    def checks(self, domain: str) -> tuple[str, ...]:
        """Return the statements that give a domain the checks that its own statement does not give."""
        return self._apart.get(("check", domain), ())

    @cached_property
    def _texts(self) -> Mapping[Object, str]:
        found: dict[Object, str] = {}
        for key, text in self._facts.items():
            about = None if key.endswith(" (SHELL TYPE)") else _about(key, text)
            # A view of a circle has two entries: its columns, then its query.
            if about and (about not in found or text.startswith("CREATE OR REPLACE VIEW")):
                found[about] = text
        return found

    @cached_property
    def _apart(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for text in self._facts.values():
            for what, begins in _APART.items():
                if known := begins.match(text):
                    of = ".".join(_path(each) for each in known.groups())
                    found[what, of] = (*found.get((what, of), ()), *statements(text))
        return found


def _is_of_facts(statement: str) -> bool:
    """Tell whether a statement is about what facts tell of every object."""
    words = [text for kind, text in tokens(statement) if kind != "sign" or text == ";"]
    return (words[0] == "ALTER" and words[-4:-2] == ["OWNER", "TO"]) or _OF_FACTS.match(statement) is not None


def _about(key: str, text: str) -> Object | None:
    """Return the object that an entry creates; None where it creates none, or does not say which."""
    for head, facet in _HEADS:
        if known := head.match(text):
            identity = _identity(key, {name: value or "" for name, value in known.groupdict().items()})
            return Object(facet, identity) if identity else None
    return None


def _identity(key: str, known: Mapping[str, str]) -> str:
    """Return an object's identity as its facet writes it; "" for a routine if the key of the entry does not tell its types."""
    if "routine" in known:
        return _routine(key, known["routine"])
    if "words" in known:
        return respelled(known["words"])
    if "statistics" in known:
        on, schema, name = _path(known["on"]), *re.findall(WORD, _path(known["statistics"]))
        return f"{on}.{name}" if on.startswith(f"{schema}.") else f"{on}.{schema}.{name}"
    if "part" in known:
        return f"{_path(known['on'])}.{_path(known['part'])}"
    kind = known.get("kind", "")
    words = (_path(known["of"]), known.get("method", ""), f"({_KINDS.get(kind, kind.lower())})" if kind else "")
    return " ".join(filter(None, words))


def _routine(key: str, path: str) -> str:
    """Return `schema.name(types)`; the entry has the types in its key alone, after the name without its quotes."""
    schema, name = re.findall(rf"{WORD}(?=\.)|(?<=\.).+", path, re.DOTALL)
    prefix = f"{_path(schema)}.{unquoted(name)}"
    told = re.fullmatch(r" ?\((.*)\) \([A-Z]+\)", key.removeprefix(prefix), re.DOTALL)
    if told is None:
        return ""
    texts = [text for _, text in tokens("" if told[1] == "*" else told[1])]
    types = "".join(text for before, text in zip(["", *texts], texts, strict=False) if (before, text) != (",", " "))
    own = _path(name) if re.fullmatch(WORD, name) else name
    return respelled(f"{_path(schema)}.{own}({types})")


def _path(path: str) -> str:
    """Return a path with its names spelled by our rule."""
    return ".".join(sql_name(unquoted(name)) for name in re.findall(WORD, path))
