"""Statements that create schemas, extensions, servers, publications, text search and roles, from facts. Pure."""

import re
from collections.abc import Callable, Mapping

from rollproof.model.names import names, sql_name
from rollproof.repair.clauses.surroundings import (
    HIDDEN,
    UNREAD,
    initial,
    mappings,
    options,
    published,
    role_words,
    said,
    without_remark,
)
from rollproof.repair.clauses.wording import as_role, is_name, literal
from rollproof.repair.makers import Create
from rollproof.repair.objects import Object, told
from rollproof.repair.sides import Side
from rollproof.repair.step import Made, Refused

_SECRETS = "secrets are not recorded; complete it: {0}"
_REFUSED = {
    "database": "a database is created so, and cannot be changed: make another one, and restore a dump there",
    "tablespaces": "where it was is not recorded: CREATE TABLESPACE {0} LOCATION '…'",
    "prepared_transactions": "it has been committed or rolled back",
    "replication": "how far it had come is not recorded: whoever reads from it has to make it again, and say from where",
    "settings": "where it was set is not recorded",
}
_Words = Callable[[str, re.Match[str]], Made | Refused]


def _made(*statements: str) -> Made | Refused:
    return Made(statements)


def _schema(of: Object, side: Side) -> Made | Refused:  # noqa: ARG001
    return _made(f"CREATE SCHEMA {of.identity};")


def _refused(reason: str) -> Create:
    return lambda of, side: Refused(reason.format(of.identity))  # noqa: ARG005


def _of_kind(kind: str, words: _Words) -> Create:
    """Return a maker of objects whose descriptions are all of one kind."""

    def make(of: Object, side: Side) -> Made | Refused:
        found = said(kind, side.description(of))
        return words(of.identity.removesuffix(f" ({kind})"), found) if found else Refused(UNREAD)

    return make


def _of_kinds(makers: Mapping[str, _Words]) -> Create:
    """Return a maker for a facet whose identities end in the kind."""

    def make(of: Object, side: Side) -> Made | Refused:
        found = told(of.identity)
        return _of_kind(found[1], makers[found[1]])(of, side) if found and found[1] in makers else Refused(UNREAD)

    return make


def _extension(of: Object, side: Side) -> Made | Refused:
    found = said("extension", side.description(of))
    if found is None:
        return Refused(UNREAD)
    makes_it = f"{of.identity}: {found['schema']} (schema)" in side.facts("extension_members")
    where = "" if makes_it else f" SCHEMA {found['schema']}"  # a schema that it makes must not be named
    statement = f"CREATE EXTENSION {of.identity}{where} VERSION {literal(found['version'])};"
    owner = side.facts("owners").get(f"{of.identity} (extension)", "")
    if is_name(owner) and " SUPERUSER" in side.facts("roles").get(owner, ""):
        return _made(as_role(owner, statement))  # no statement gives it another owner later
    return Made((statement,), note=f"it belonged to {owner}, and belongs to whoever makes it" if owner else "")


def _with_options(head: str, text: str | None) -> Made | Refused:
    known = options(text)
    if known is None:
        return Refused(UNREAD)
    listed = ", ".join(f"{name} {literal(value) if value != HIDDEN else '…'}" for name, value in known.items())
    statement = f"{head}{f' OPTIONS ({listed})' if listed else ''};"
    return Refused(_SECRETS.format(statement)) if HIDDEN in known.values() else _made(statement)


def _wrapper(name: str, found: re.Match[str]) -> Made | Refused:
    words = (f" {word.upper()} {found[word]}" for word in ("handler", "validator") if found[word])
    return _with_options(f"CREATE FOREIGN DATA WRAPPER {name}{''.join(words)}", found["options"])


def _server(name: str, found: re.Match[str]) -> Made | Refused:
    words = "".join(f" {word.upper()} {found[word]}" for word in ("type", "version") if found[word])
    return _with_options(f"CREATE SERVER {name}{words} FOREIGN DATA WRAPPER {found['wrapper']}", found["options"])


def _mapping(name: str, found: re.Match[str]) -> Made | Refused:
    role, _, server = names(name)
    return _with_options(f"CREATE USER MAPPING FOR {role} SERVER {server}", found["options"])


def _publication(name: str, found: re.Match[str]) -> Made | Refused:
    how = ", ".join(f"{word} = {value}" for word, value in published(found).items())
    return _made(f"CREATE PUBLICATION {name}{' FOR ALL TABLES' if found['all'] else ''} WITH ({how});")


def _subscription(name: str, found: re.Match[str]) -> Made | Refused:
    how = f"connect = false, slot_name = {found['slot'].upper() if found['slot'] == 'none' else found['slot']}"
    statement = f"CREATE SUBSCRIPTION {name} CONNECTION … PUBLICATION {found['publications']} WITH ({how})"
    return Refused(_SECRETS.format(f"{statement}; it is disabled then, and its slot must be there"))


def _role(of: Object, side: Side) -> Made | Refused:
    found = said("role", without_remark(side.description(of) or ""))
    if found is None:
        return Refused(UNREAD)
    note = (
        f"its password is not recorded: give it one with \\password {of.identity}" if found["login"] == "LOGIN" else ""
    )
    return Made((f"CREATE ROLE {of.identity} WITH {' '.join(role_words(found).values())};",), note=note)


def _configuration(name: str, found: re.Match[str]) -> Made | Refused:
    known = mappings(found["more"])
    if known is None:
        return Refused(UNREAD)
    head = f"TEXT SEARCH CONFIGURATION {name}"
    added = (f"ALTER {head} ADD MAPPING FOR {sql_name(token)} WITH {words};" for token, words in known.items())
    return _made(f"CREATE {head} (PARSER = {found['parser']});", *added)


def _dictionary(name: str, found: re.Match[str]) -> Made | Refused:
    known = initial(found["more"])
    if known is None:
        return Refused(UNREAD)
    more = "".join(f", {option} = {value}" for option, value in known.items())
    return _made(f"CREATE TEXT SEARCH DICTIONARY {name} (TEMPLATE = {found['template']}{more});")


def _of_functions(kind: str) -> _Words:
    def make(name: str, found: re.Match[str]) -> Made | Refused:
        functions = ", ".join(f"{word} = {function}" for word, function in found.groupdict().items() if function)
        return _made(f"CREATE {kind.upper()} {name} ({functions});")

    return make


def _collation(name: str, found: re.Match[str]) -> Made | Refused:
    words = {"PROVIDER": found["provider"], "LC_COLLATE": found["collate"], "LC_CTYPE": found["ctype"]}
    words |= {"LOCALE": found["locale"], "RULES": found["rules"], "DETERMINISTIC": "false" if found["other"] else None}
    if words["PROVIDER"] == "icu" and words["LC_COLLATE"] and not words["LOCALE"]:  # 14
        words |= {"LOCALE": words["LC_COLLATE"], "LC_COLLATE": None, "LC_CTYPE": None}
    told_ones = ", ".join(f"{word} = {value}" for word, value in words.items() if value)
    return _made(f"CREATE COLLATION {name} ({told_ones});")


def _language(name: str, found: re.Match[str]) -> Made | Refused:
    words = (f" {word.upper()} {found[word]}" for word in ("handler", "inline", "validator") if found[word])
    return _made(f"CREATE OR REPLACE {'TRUSTED ' if found['trusted'] else ''}LANGUAGE {name}{''.join(words)};")


def _access_method(name: str, found: re.Match[str]) -> Made | Refused:
    return _made(f"CREATE ACCESS METHOD {name} TYPE {found['type']} HANDLER {found['handler']};")


def _transform(name: str, found: re.Match[str]) -> Made | Refused:
    return _made(f"CREATE OR REPLACE TRANSFORM {name} ({found.group()});")


def _nothing(of: Object, side: Side) -> Made | Refused:  # noqa: ARG001
    """Make no statement: what uses a collation tells its version."""
    return _made()


CREATES: Mapping[str, Create] = {
    "schemas": _schema,
    "extensions": _extension,
    "foreign_servers": _of_kinds({"foreign-data wrapper": _wrapper, "server": _server, "user mapping": _mapping}),
    "publications": _of_kind("publication", _publication),
    "subscriptions": _of_kind("subscription", _subscription),
    "roles": _role,
    "text_search": _of_kinds(
        {
            "text search configuration": _configuration,
            "text search dictionary": _dictionary,
            "text search parser": _of_functions("text search parser"),
            "text search template": _of_functions("text search template"),
        }
    ),
    "collations": _of_kind("collation", _collation),
    "languages": _of_kind("language", _language),
    "access_methods": _of_kind("access method", _access_method),
    "transforms": _of_kind("transform", _transform),
    "collation_versions": _nothing,
    **{facet: _refused(reason) for facet, reason in _REFUSED.items()},
}
"""By facet."""
