"""What facts say of the objects around tables, as values: of servers, publications, roles, text search … Pure."""

import re
from collections.abc import Mapping

from rollproof.model.names import PATH, WORD
from rollproof.repair.clauses.wording import literal

LITERAL = r"E?'(?:[^'\\]|''|\\.)*'"
"""A string as `quote_literal` writes it, for regular expressions."""
NAMED = rf"{WORD}(?:\.{WORD})?"
"""An object, with its schema unless that is PostgreSQL's own."""
HIDDEN = "(hidden)"
UNREAD = "what was recorded is not understood"
_ARGUMENTS = r'(?:"(?:[^"]|"")*"|[^"()])*'
_OPTIONS = r"(?: OPTIONS \((?P<options>.*)\))?"
PATTERNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern, re.DOTALL)
    for name, pattern in {
        "foreign-data wrapper": rf"HANDLER (?:none|(?P<handler>{NAMED})\(\)) "
        rf"VALIDATOR (?:none|(?P<validator>{NAMED})\(text\[\],oid\)){_OPTIONS}",
        "server": rf"(?:TYPE (?P<type>{LITERAL}) )?(?:VERSION (?P<version>{LITERAL}) )?"
        rf"FOREIGN DATA WRAPPER (?P<wrapper>{WORD}){_OPTIONS}",
        "user mapping": rf"mapped{_OPTIONS}",
        "foreign table": rf"SERVER (?P<server>{WORD}){_OPTIONS}",
        "publication": r"(?P<all>FOR ALL TABLES)?(?: ?publishes (?P<what>\w+(?:, \w+)*))?"
        r"(?P<stored> ?with stored generated columns)?(?P<root> ?via the partition root)?",
        "subscription": rf"(?P<disabled>DISABLED )?OWNER (?P<owner>{WORD}) to (?P<publications>{WORD}(?:, {WORD})*) "
        rf"slot (?P<slot>{WORD}) synchronous_commit (?P<synchronous_commit>\w+)(?P<two_phase> two-phase)?"
        rf"(?P<disable_on_error> disabled on error)?(?: origin (?P<origin>{WORD}))?(?P<password_required> no password required)?"
        r"(?P<run_as_owner> run as owner)?(?P<failover> failover)?(?P<binary> binary)?(?P<streaming> streaming(?: in parallel)?)?",
        "role": r"(?P<login>LOGIN|NOLOGIN)(?P<SUPERUSER> SUPERUSER)?(?P<CREATEROLE> CREATEROLE)?(?P<CREATEDB> CREATEDB)?"
        r"(?P<REPLICATION> REPLICATION)?(?P<BYPASSRLS> BYPASSRLS)?(?P<NOINHERIT> NOINHERIT)?"
        rf"(?: CONNECTION LIMIT (?P<limit>-?\d+))?(?: VALID UNTIL (?P<until>{LITERAL}))?",
        "extension": rf"VERSION (?P<version>\S+) SCHEMA (?P<schema>{WORD})(?P<fixed> not relocatable)?"
        r"(?P<rows> with rows of the user in .*)?",
        "text search configuration": rf"PARSER (?P<parser>{PATH})(?: (?P<more>.+))?",
        "text search dictionary": rf"TEMPLATE (?P<template>{PATH})(?: (?P<more>.+))?",
        "text search parser": rf"START (?P<START>{NAMED}) GETTOKEN (?P<GETTOKEN>{NAMED}) END (?P<END>{NAMED}) "
        rf"HEADLINE (?:-|(?P<HEADLINE>{NAMED})) LEXTYPES (?P<LEXTYPES>{NAMED})",
        "text search template": rf"INIT (?:-|(?P<INIT>{NAMED})) LEXIZE (?P<LEXIZE>{NAMED})",
        "collation": rf"PROVIDER (?P<provider>libc|icu|builtin)(?: LC_COLLATE (?P<collate>{LITERAL}))?"
        rf"(?: LC_CTYPE (?P<ctype>{LITERAL}))?"
        rf"(?: LOCALE (?P<locale>{LITERAL}))?(?: RULES (?P<rules>{LITERAL}))?(?P<other> NOT DETERMINISTIC)?",
        "language": rf"(?P<trusted>TRUSTED )?LANGUAGE HANDLER (?P<handler>{NAMED})\(\)"
        rf"(?: INLINE (?P<inline>{NAMED})\(internal\))?(?: VALIDATOR (?P<validator>{NAMED})\(oid\))?",
        "access method": rf"(?P<type>TABLE|INDEX) ACCESS METHOD HANDLER (?P<handler>{NAMED})",
        "transform": rf"(?:FROM SQL WITH FUNCTION {NAMED}\({_ARGUMENTS}\))?(?:, )?"
        rf"(?:TO SQL WITH FUNCTION {NAMED}\({_ARGUMENTS}\))?",
        "tablespace": r"tablespace(?: WITH \((?P<options>[\w=., +-]*)\))?(?: \(nothing in this database\))?",
    }.items()
}
_REMARK = re.compile(r" \((?:nothing in this database|through its groups alone)\)\Z")
_ATTRIBUTES = ("SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS")
_OPTION = re.compile(rf"(?P<name>{WORD})=(?P<value>.*)", re.DOTALL)
_MAPPING = re.compile(rf"(?P<token>[^\s:;,]+): (?P<dictionaries>{NAMED}(?:, {NAMED})*)(?:; |\Z)")
_INITIAL = re.compile(rf"(?P<name>{WORD}) = (?P<value>{LITERAL}|[\w.+-]+)(?:, |\Z)")


def said(kind: str, description: str | None) -> re.Match[str] | None:
    """Return what a description says of an object of a kind; None if it is not understood."""
    return PATTERNS[kind].fullmatch(description) if description is not None else None


def published(found: re.Match[str]) -> dict[str, str]:
    """Return the options of a publication, as SQL writes them."""
    known = {
        "publish": f"'{found['what'] or ''}'",
        "publish_via_partition_root": str(found["root"] is not None).lower(),
    }
    return known | ({"publish_generated_columns": "stored"} if found["stored"] else {})


def role_words(found: re.Match[str]) -> dict[str, str]:
    """Return each attribute of a role in the words of CREATE ROLE."""
    words = {word: word if found[word] else f"NO{word}" for word in _ATTRIBUTES}
    words |= {"login": found["login"], "inherit": "NOINHERIT" if found["NOINHERIT"] else "INHERIT"}
    words |= {"limit": f"CONNECTION LIMIT {found['limit'] or -1}"}
    return words | ({"until": f"VALID UNTIL {found['until']}"} if found["until"] else {})


def subscribed(found: re.Match[str]) -> dict[str, str]:
    """Return the options of a subscription that can be changed, as SQL writes them."""
    streams = {None: "off", " streaming": "on", " streaming in parallel": "parallel"}
    known = {"synchronous_commit": literal(found["synchronous_commit"]), "origin": found["origin"] or "any"}
    known |= {word: str(found[word] is not None).lower() for word in ("binary", "disable_on_error", "run_as_owner")}
    return known | {
        "password_required": str(found["password_required"] is None).lower(),
        "streaming": streams[found["streaming"]],
    }


def without_remark(description: str) -> str:
    """Return what is told of a role, without the remark by which it may not be compared."""
    return _REMARK.sub("", description)


def changed_options(was: Mapping[str, str], now: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return what ALTER … OPTIONS lists to bring options back; and what it would list of secrets."""
    does = {name: "SET" if name in now else "ADD" for name, value in was.items() if now.get(name) != value}
    known = [f"DROP {name}" for name in now if name not in was]
    known += [f"{word} {name} {literal(was[name])}" for name, word in does.items() if was[name] != HIDDEN]
    return known, [f"{word} {name} …" for name, word in does.items() if was[name] == HIDDEN]


def options(text: str | None) -> dict[str, str] | None:
    """Return options, `a=1, b=2`; None if they are not understood: a comma may be a value's own."""
    parts: list[str] = []
    for part in (text or "").split(", ") if text else []:
        if _OPTION.fullmatch(part) or not parts:
            parts.append(part)
        else:
            parts[-1] += f", {part}"
    found = [_OPTION.fullmatch(part) for part in parts]
    names = [each["name"] for each in found if each]
    if None in found or len({*names}) < len(parts) or parts != sorted(parts):
        return None  # they are told in the order of the alphabet, each once
    return {each["name"]: each["value"] for each in found if each}


def mappings(text: str | None) -> dict[str, str] | None:
    """Return the dictionaries of each kind of token of a text search configuration; None if they are not understood."""
    return _pairs(_MAPPING, text, "token", "dictionaries")


def initial(text: str | None) -> dict[str, str] | None:
    """Return the options of a text search dictionary, each value as SQL writes it; None if they are not understood."""
    return _pairs(_INITIAL, text, "name", "value")


def _pairs(pattern: re.Pattern[str], text: str | None, key: str, value: str) -> dict[str, str] | None:
    found, at, known = {}, 0, text or ""
    while at < len(known):
        item = pattern.match(known, at)
        if item is None:
            return None
        found[item[key]] = item[value]
        at = item.end()
    return found
