"""Whether what was made of facts is statements of the intended kind, and nothing else. Pure.

The facts of a baseline are text from a file, and somebody runs the statements made of them, in psql, as a superuser. So each
must be one statement, of a kind that such an object is made, changed or dropped by, and name the object; to PostgreSQL and to psql
alike: whatever these might parse differently, and PostgreSQL never prints, is refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from rollproof.model.names import WORD, canonical, is_word, names, table_of, tokens
from rollproof.model.redaction import shows_password
from rollproof.repair.clauses.wording import type_path
from rollproof.repair.objects import Object
from rollproof.repair.one_statement import calls_only_postgresql, is_block, is_one, mask
from rollproof.repair.step import Altered, Made, Refused, Verb

NOT_ONE = "what was recorded is not one definition as PostgreSQL prints it"
_TABLE = r"(?:UNLOGGED |FOREIGN )?TABLE"
_VIEW = r"(?:MATERIALIZED )?VIEW"
_KINDS: Mapping[str, str] = {  # as what SQL knows the objects of a facet, and what else is named to change one
    "access_methods": "ACCESS METHOD",
    "aggregates": "AGGREGATE|FUNCTION|ROUTINE",
    "casts": r"CAST(?= \()",
    "collations": "COLLATION",
    "columns": rf"{_TABLE}|{_VIEW}|COLUMN|SEQUENCE|TYPE",
    "constraints": rf"{_TABLE}|CONSTRAINT|INDEX",
    "conversions": "(?:DEFAULT )?CONVERSION",
    "database": "DATABASE",
    "default_privileges": "DEFAULT PRIVILEGES",
    "event_triggers": "EVENT TRIGGER",
    "extensions": "EXTENSION",
    "foreign_servers": "(?:FOREIGN )?SERVER|FOREIGN DATA WRAPPER|USER MAPPING",
    "functions": "FUNCTION|PROCEDURE|ROUTINE",
    "indexes": r"(?:UNIQUE )?INDEX|(?:FOREIGN )?TABLE|MATERIALIZED VIEW",
    "languages": r"(?:TRUSTED )?(?:PROCEDURAL )?LANGUAGE",
    "large_objects": "LARGE OBJECT",
    "operator_classes": "OPERATOR (?:CLASS|FAMILY)",
    "operators": "OPERATOR",
    "parameters": "PARAMETER",
    "policies": "POLICY",
    "publications": "PUBLICATION",
    "roles": "ROLE|USER",
    "rules": rf"RULE|{_TABLE}|{_VIEW}",
    "schemas": "SCHEMA",
    "sequences": "(?:UNLOGGED )?SEQUENCE|TABLE",
    "statistics": "STATISTICS",
    "subscriptions": "SUBSCRIPTION",
    "tables": rf"{_TABLE}|SEQUENCE|TYPE|INDEX",
    "tablespaces": "TABLESPACE",
    "text_search": "TEXT SEARCH (?:CONFIGURATION|DICTIONARY|PARSER|TEMPLATE)",
    "transforms": "TRANSFORM(?= (?:FOR|for) )",
    "triggers": rf"(?:CONSTRAINT )?TRIGGER|{_TABLE}|{_VIEW}",
    "types": "TYPE|DOMAIN|CONSTRAINT|COLUMN|FUNCTION|ROUTINE",
    "views": rf"(?:RECURSIVE )?{_VIEW}|{_TABLE}|TYPE|COLUMN",
}
_DEFINED = rf"(?:CREATE(?: OR REPLACE)?|ALTER|DROP|COMMENT ON|SECURITY LABEL(?: FOR {WORD})? ON) (?:{{}})\b.*"
_GRANTED = (
    rf"(?:GRANT|REVOKE(?: GRANT OPTION FOR)?) [A-Z]+(?: \({WORD}\))?(?:, [A-Z]+(?: \({WORD}\))?| PRIVILEGES)* ON (?:{{}})\b"
    rf".* (?:TO|FROM) {WORD}(?:, {WORD})*(?: WITH GRANT OPTION)?"
)
_MEMBER = rf"(?:GRANT|REVOKE(?: (?:ADMIN|INHERIT|SET) OPTION FOR)?) {WORD} (?:TO|FROM) {WORD}\b.*"
_ANALYSED = rf"ANALYZE {WORD}\.{WORD}"
_MOVED = r"SELECT pg_catalog\.setval\('.*"
_MORE: Mapping[str, str] = {  # what else is done to the objects of a facet
    "collation_versions": rf"REINDEX INDEX {WORD}\.{WORD}|ALTER (?:DATABASE x|COLLATION {WORD}\.{WORD}) REFRESH [A-Z ]+",
    "columns": rf"{_ANALYSED}|{_MOVED}",
    "indexes": _ANALYSED,
    "large_objects": r"SELECT pg_catalog\.(?:lo_create|lo_unlink)\(.*",
    "prepared_transactions": r"ROLLBACK PREPARED '(?:[^']|'')*'",
    "replication": r"SELECT (?:pg_catalog\.)?pg_\w*replication_(?:slot|origin)\w*\(.*",
    "roles": rf"(?:GRANT|REVOKE(?: (?:ADMIN|INHERIT|SET) OPTION FOR)?) {WORD} (?:TO|FROM) {WORD}\b.*",
    "sequences": _MOVED,
    "statistics": _ANALYSED,
    "tables": _ANALYSED,
    "views": rf"{_ANALYSED}|REFRESH MATERIALIZED VIEW .*",
}
_ASIDE = re.compile(r' (?:ADD|ALTER) COLUMN "(?:[^"\0]|"")+_rollproof" ')
_COUNTS = r"(?: (?:INCREMENT BY|MINVALUE|MAXVALUE|START WITH|CACHE) -?\d+| CYCLE)*"
_OF_SEQUENCES = re.compile(  # a column's sequence is put aside, made anew, given back its place
    rf"ALTER SEQUENCE {WORD}\.{WORD} (?:RENAME TO {WORD}|OWNED BY (?:NONE|{WORD}\.{WORD}\.{WORD}));"
    rf'|(?:CREATE|DROP) SEQUENCE {WORD}\."[^"]+_rollproof"(?: AS \w+{_COUNTS})?;'
    rf"|SELECT pg_catalog\.setval\('(?:[^']|'')*', last_value, is_called\) FROM {WORD}\.{WORD};"
)
_LOADS = re.compile(r"\\copy pg_temp\.rollproof_\w+ FROM '(?:[^'\n]|'')*' WITH \(ENCODING '[\w-]+'\)")
_RENAMES = re.compile(
    rf"ALTER [A-Z ]+ {WORD}\.{WORD}(?:\(.*\))? (?:RENAME(?: (?:COLUMN|CONSTRAINT) {WORD})? TO {WORD}|SET SCHEMA {WORD});",
    re.DOTALL,
)
_BY_GROUP = (
    "collation_versions",
    "default_privileges",
    "database",
    "large_objects",
    "casts",
    "transforms",
    "prepared_transactions",
)
"""Facets whose identities are no names that a statement holds as they are."""


def unprintable(of: Object, answer: Made | Altered | Refused) -> str:
    """Return why the statements that were made for an object are not to be printed, if not; "" if they are."""
    if isinstance(answer, Refused):
        return answer.reason
    if isinstance(answer, Made):
        return unsound(of, (*answer.statements, *answer.later))
    return unsound(answer.of or of, (*answer.prepare, *answer.statements, *answer.last))


def unsound(of: Object, statements: Iterable[str], verb: Verb = "alter") -> str:
    """Return why what a step does to an object is not to be printed, if not; "" if it is."""
    for statement in statements:
        if statement.startswith("-- ") and "\n" not in statement:
            continue
        if shows_password(statement):
            return "its definition holds a password, which is not shown: take it from where it is kept"
        if not (_OF_VERBS[verb](statement) if verb in _OF_VERBS else is_sound(of, statement)):
            return NOT_ONE
    return ""


def _renames(statement: str) -> bool:
    """Tell whether it gives something another name, and does nothing else."""
    return is_one(statement) and _RENAMES.fullmatch(statement) is not None


def _copies(statement: str) -> bool:
    """Tell whether it is a statement about rows, or the one command of psql's that loads them into a temporary table."""
    return is_one(statement) or _LOADS.fullmatch(statement) is not None


_OF_VERBS: Mapping[Verb, Callable[[str], bool]] = {"rename": _renames, "rows": _copies}


@cache
def is_sound(of: Object, statement: str) -> bool:
    """Tell whether text made of facts about an object is one statement of the right kind that names it."""
    if statement.startswith("DO "):
        return is_block(statement, lambda inner: is_sound(of, inner))
    if not is_one(statement):
        return False
    if of.facet in {"columns", "tables"} and _OF_SEQUENCES.fullmatch(statement):
        return True
    body = statement[:-1].rstrip()
    return _is_of_its_kind(of.facet, body) and _speaks_of(of, body) and not _goes_on(body)


def _is_of_its_kind(facet: str, body: str) -> bool:
    kinds = _KINDS.get(facet)
    known = [_DEFINED.format(kinds), _GRANTED.format(kinds)] if kinds else []
    if any(re.fullmatch(each, body, re.DOTALL) for each in known):
        return True
    more = _MORE.get(facet)
    return more is not None and re.fullmatch(more, body, re.DOTALL) is not None and calls_only_postgresql(body)


def _speaks_of(of: Object, body: str) -> bool:
    """Tell whether a statement names its object, or the table that it is a part of, outside strings."""
    if of.facet in _BY_GROUP:
        return True
    said = canonical(body if body.startswith("SELECT ") else mask(body))
    return any(is_word(canonical(name), said) for name in _called(of))


def _called(of: Object) -> Iterable[str]:
    """Yield what an object may be called in a statement."""
    path = of.identity.partition("(")[0].rstrip()
    table = table_of(of.identity)
    if table is None:
        called = [type_path(of.identity)] if of.facet == "types" else []
        said = [] if "." in path else names(of.identity)
        return [*called, of.identity, path, *said[:1], *said[-1:]]
    schema = re.match(WORD, table)
    last = of.identity.removeprefix(f"{table}.")
    return [table, path, f"{schema.group()}.{last}" if schema else table, ".".join(names(of.identity)[-2:])]


def _goes_on(body: str) -> bool:
    """Tell whether an ALTER TABLE has a second action, after a comma, but for one more column that is put aside."""
    if not re.match(r"ALTER (?:FOREIGN )?TABLE ", body):
        return False
    depth = at = 0
    for kind, text in tokens(body):
        at += len(text)
        if kind == "sign":
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text, 0)
            if depth == 0 and text == "," and not _ASIDE.match(body, at):
                return True
    return False
