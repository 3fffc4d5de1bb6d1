"""Checks that a repair statement is what was meant, and nothing else. Pure.

The facts of a baseline are text from a file, and somebody may run the statements made of them, in psql, as a superuser. So each
must be one statement, of a kind that repairs such a fact, about the object of the fact; to PostgreSQL and to psql alike:
whatever these might parse differently, and PostgreSQL never prints, is refused.
"""

import re

from rollproof.model.facets import facets_where
from rollproof.model.names import TYPE, WORD, canonical, is_word, table_of, tokens

NOT_ONE = "no statement is made of it: what was recorded is not one definition as PostgreSQL prints it"

_P = rf"{WORD}\.{WORD}"
_OBJECT = rf"(?:{WORD}\.)?{WORD}(?:\.{WORD})?(?:\((?:{WORD}|[\w ,.\[\]])*\))?"
_NOTE = r"(?: --[^\r\n]*)?"
_KINDS = {
    "constraints": rf"ALTER TABLE {_P} (?:DROP CONSTRAINT {WORD}|ADD CONSTRAINT {WORD} (?:PRIMARY KEY|UNIQUE|CHECK|FOREIGN KEY"
    r"|EXCLUDE|NOT NULL)\b.*);",
    "indexes": rf"(?:DROP INDEX {_P}|CREATE (?:UNIQUE )?INDEX {WORD} ON {_P} .*|ALTER INDEX {_P} (?:SET TABLESPACE {WORD}"
    rf"|ALTER COLUMN \d+ SET STATISTICS \d+)|ALTER TABLE {_P} (?:CLUSTER ON|REPLICA IDENTITY USING INDEX) {WORD});{_NOTE}",
    "triggers": rf"(?:DROP TRIGGER {WORD} ON {_P}|CREATE (?:CONSTRAINT )?TRIGGER {WORD} .*"
    rf"|ALTER TABLE {_P} (?:DISABLE|ENABLE REPLICA|ENABLE ALWAYS) TRIGGER {WORD});",
    "policies": rf"(?:DROP POLICY {WORD} ON {_P}|CREATE POLICY {WORD} ON {_P} AS (?:PERMISSIVE|RESTRICTIVE)\b.*);",
    "columns": rf"ALTER TABLE {_P} ALTER COLUMN {WORD} (?:DROP DEFAULT|SET DEFAULT .*|(?:SET|DROP) NOT NULL"
    rf"|TYPE {TYPE}(?: COLLATE (?:{WORD}\.)?{WORD})? USING {WORD}::{TYPE});{_NOTE}",
    "views": rf"CREATE (?:MATERIALIZED )?VIEW {_P} (?:USING|WITH|TABLESPACE|AS)\b.*;",
    "owners": rf"ALTER [A-Z ]+ {_OBJECT} OWNER TO {WORD};",
    "privileges": rf"(?:REVOKE ALL|GRANT [A-Z]+) ON [A-Z]+ {_OBJECT} (?:TO|FROM) {WORD}(?: WITH GRANT OPTION)?;",
    "row_security": rf"ALTER TABLE {_P} [A-Z ]+ ROW LEVEL SECURITY;",
    "sequence_positions": r"SELECT pg_catalog\.setval\('(?:[^']|'')*', -?\d+, false\);",
    "planner_statistics": rf"ANALYZE {_P};",
    "foreign_key_triggers": r"DO \$rollproof\$.*\$rollproof\$;",
    "functions": rf"CREATE OR REPLACE (?:FUNCTION|PROCEDURE) {_P}\(.*;",
    "statistics": rf"CREATE STATISTICS {_P} .*;",
    "comments": r"COMMENT ON [A-Z ]+ .* IS (?:NULL|'(?:[^']|'')*');",
}
CHECKED = frozenset(_KINDS)
"""The facets of which statements are made."""
# Whose statements name the table or the index: of the others one says it in a string, and statistics have their own schema.
_OF_A_TABLE = facets_where(lambda row: row.part_of == "table" and row.repair) - {"foreign_key_triggers", "statistics"}


def sound(facet: str, identity: str, answer: tuple[str, ...]) -> tuple[str, ...]:
    """Return the statements made of a fact; if one of them is not sound, a comment instead of all."""
    if all(is_sound(facet, identity, statement) for statement in answer):
        return answer
    return (f"-- {facet} {identity}: {NOT_ONE}",)


def is_sound(facet: str, identity: str, statement: str) -> bool:
    """Tell whether text made of a fact of this facet and identity is one statement of the right kind."""
    if statement.startswith("--"):
        return True  # a comment, which whoever prints it keeps on one line
    kind = _KINDS.get(facet)
    if kind is None or not re.fullmatch(kind, statement, re.DOTALL) or not _speaks_of(facet, identity, statement):
        return False
    return _is_one(statement) and not (statement.startswith("ALTER TABLE") and _goes_on(statement))


def _speaks_of(facet: str, identity: str, statement: str) -> bool:
    said = canonical(statement)
    if facet in _OF_A_TABLE:
        table = table_of(identity) or ""
        name = identity.removeprefix(f"{table}.")
        schema = re.match(WORD, table)
        index = f"{schema.group()}.{name}" if schema else table
        return is_word(canonical(table), said) or is_word(canonical(index), said)
    if facet in {"functions", "views", "statistics"}:
        path = table_of(identity.partition("(")[0]) or ""
        return is_word(canonical(path), said)
    return True


def _is_one(statement: str) -> bool:
    """Tell whether the only semicolon outside brackets and function bodies ends the text, and nothing is a psql command."""
    found = [*tokens(statement)]
    while found and found[-1][0] == "other" and found[-1][1].startswith("--"):
        found.pop()  # our own note
    while found and found[-1][1].isspace():
        found.pop()
    if not found or found.pop() != ("sign", ";"):
        return False
    return not any(_is_strange(found, place) for place in range(len(found))) and not _ends_early(found)


def _is_strange(found: list[tuple[str, str]], place: int) -> bool:
    kind, text = found[place]
    if kind == "other":
        return text.startswith(("--", "/*")) or _continues(found, place)
    if kind == "quoted":
        return "\0" in text
    if not text.isascii() or (len(text) == 1 and text in "\"'\\\0\r"):
        return True  # a quote without its end, a command of psql's, what only a quoted name may hold
    following = found[place + 1][1] if place + 1 < len(found) else ""
    return text == "$" and not following.isdigit()  # no tag of ours: the body of a routine that begins and does not end


def _continues(found: list[tuple[str, str]], place: int) -> bool:
    """Tell whether a string constant is continued on the next line, where its second part is parsed as the first is."""
    after = place + 1
    while after < len(found) and found[after][1].isspace():
        after += 1
    return after < len(found) and found[after][0] == "other" and found[after][1][:1] in {"'", "e", "E"}


def _ends_early(found: list[tuple[str, str]]) -> bool:
    """Tell whether a semicolon outside brackets and function bodies ends the statement before the text's end."""
    words = [text.upper() for kind, text in found if kind == "word"]
    routine = words[:1] == ["CREATE"] and bool({"FUNCTION", "PROCEDURE"} & {*words[1:4]})
    depth = body = 0
    for kind, text in found:
        word = text.upper() if kind == "word" else ""
        depth += {"(": 1, ")": -1}.get(text, 0) if kind == "sign" else 0
        if routine and depth == 0 and (word == "BEGIN" or (word == "CASE" and body)):
            body += 1
        elif word == "END" and body and depth == 0:
            body -= 1
        if depth < 0 or ((kind, text) == ("sign", ";") and depth == 0 and body == 0):
            return True
    return depth != 0 or body != 0


def _goes_on(statement: str) -> bool:
    """Tell whether an ALTER TABLE has a second action, after a comma."""
    depth = 0
    for kind, text in tokens(statement):
        if kind == "sign":
            depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(text, 0)
            if depth == 0 and text == ",":
                return True
    return False
