"""What can be prepared in the place of a statement that cannot be prepared itself, or need not be. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

from rollproof.model.names import WORD

Kind = Literal["query", "copy in", "call", "table", "truncate", "nothing"]

_NAME = rf"(?:{WORD}\s*\.\s*)?{WORD}"
_LEADING = re.compile(r"(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)+", re.DOTALL)
_EXPLAIN = re.compile(
    r"EXPLAIN\s+(?:\([^)]*\)\s*|(?:ANALYZE|ANALYSE|VERBOSE)\s+)*(?P<text>.+)", re.IGNORECASE | re.DOTALL
)
_CURSOR = re.compile(
    rf"DECLARE\s+{WORD}\s+(?:BINARY\s+|ASENSITIVE\s+|INSENSITIVE\s+|NO\s+SCROLL\s+|SCROLL\s+)*CURSOR\s+"
    r"(?:WITH(?:OUT)?\s+HOLD\s+)?FOR\s+(?P<text>.+)",
    re.IGNORECASE | re.DOTALL,
)
_TABLE_AS = re.compile(
    rf"CREATE\s+(?:[A-Z]+\s+){{0,2}}?(?:TABLE|MATERIALIZED\s+VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?{_NAME}\s*(?:\([^()]*\)\s*)?"
    r"(?:USING\s+\w+\s+)?(?:WITH\s*\([^)]*\)\s*)?(?:ON\s+COMMIT\s+(?:DROP|DELETE\s+ROWS|PRESERVE\s+ROWS)\s+)?"
    r"AS\s+(?P<text>.+?)(?:\s+WITH\s+(?:NO\s+)?DATA)?$",
    re.IGNORECASE | re.DOTALL,
)
_VIEW = re.compile(
    rf"CREATE\s+(?:[A-Z]+\s+){{0,4}}?VIEW\s+{_NAME}\s*(?:\([^()]*\)\s*)?AS\s+(?P<text>.+)", re.IGNORECASE | re.DOTALL
)
_COPY = re.compile(
    rf"COPY\s+(?:(?P<table>{_NAME})\s*(?:\((?P<columns>[^)]*)\))?|(?P<query>\(.+\)))\s+(?P<way>FROM|TO)\s+(?:\S|'[^']*')",
    re.IGNORECASE | re.DOTALL,
)
_CALL = re.compile(rf"CALL\s+(?P<name>{_NAME})\s*\(", re.IGNORECASE)
_TABLE = re.compile(
    rf"(?:TRUNCATE|LOCK|REFRESH\s+MATERIALIZED\s+VIEW)\s+(?:TABLE\s+|CONCURRENTLY\s+)?(?:ONLY\s+)?(?P<table>{_NAME})",
    re.IGNORECASE,
)
_NOTHING = (
    ("BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE PREPARE", "it only opens or ends a transaction"),
    ("FETCH MOVE CLOSE", "it needs the cursor of its session; the statement that declares it is asked about"),
    ("EXECUTE DEALLOCATE", "it needs a statement that its session has prepared, and what that is is not known"),
    ("SET SHOW RESET DISCARD LISTEN UNLISTEN NOTIFY CHECKPOINT LOAD", "it only concerns the session"),
    ("VACUUM ANALYZE ANALYSE REINDEX CLUSTER", "it is upkeep, and cannot be prepared"),
    ("CREATE ALTER DROP GRANT REVOKE COMMENT SECURITY REASSIGN IMPORT", "it changes the schema itself, and is not run"),
    ("DO", "what a DO block does could only be told by running it"),
)
NOTHING = {word: sentence for words, sentence in _NOTHING for word in words.split()}
"""The first word of a statement that asks nothing of a schema before it is run, and why."""


@dataclass(frozen=True)
class Form:
    """What is prepared: its `kind`, its `text`; of a COPY or a CALL the `name` and the `columns` that it names.

    For `nothing` the text is the sentence that says why.
    """

    kind: Kind
    text: str
    name: str = ""
    columns: tuple[str, ...] = ()


def form(text: str) -> Form:
    """Return what a schema can be asked in the place of a statement."""
    if "\0" in text:
        return Form("nothing", "it holds a NUL byte, as no SQL does")
    plain = _LEADING.sub("", text, count=1) if _LEADING.match(text) else text
    for pattern in (_EXPLAIN, _CURSOR, _TABLE_AS, _VIEW):
        if found := pattern.match(plain):
            return form(found["text"])
    if found := _COPY.match(plain):
        return _copy(found)
    if found := _CALL.match(plain):
        return Form("call", plain, found["name"])
    if found := _TABLE.match(plain):
        kind: Kind = "truncate" if plain[:8].upper() == "TRUNCATE" else "table"
        return Form(kind, f"SELECT FROM {found['table']}", found["table"])
    word = re.match(r"[A-Za-z]*", plain)
    sentence = NOTHING.get(word.group().upper() if word else "")
    return Form("nothing", sentence) if sentence else Form("query", text)


def _copy(found: re.Match[str]) -> Form:
    if found["query"]:
        return Form("query", found["query"].strip()[1:-1])
    columns = tuple(each.strip() for each in (found["columns"] or "").split(",") if each.strip())
    if found["way"].upper() == "TO":
        return Form("query", f"SELECT {', '.join(columns) or '*'} FROM {found['table']}")
    return Form("copy in", "", found["table"], columns)


def insert(table: str, columns: tuple[str, ...]) -> str:
    """Return the INSERT that needs what a COPY of these columns needs."""
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
