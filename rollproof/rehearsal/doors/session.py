"""What one session of an application said, in order, as the statements that a schema can be asked about. Pure.

PREPARE and EXECUTE are taken apart; what was set, and which temporary tables were made, is kept for what comes after.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from rollproof.model.names import WORD, tokens, unquoted
from rollproof.rehearsal.doors.statement import Statement

_WORDS = r"\s+(?:SESSION\s+|LOCAL\s+)?"
_PATH = re.compile(rf"SET{_WORDS}search_path\s*(?:=|TO\b)\s*(?P<value>.+)", re.IGNORECASE | re.DOTALL)
_PATH_CALL = re.compile(
    r"SELECT\s+(?:pg_catalog\.)?set_config\s*\(\s*'search_path'\s*,\s*'(?P<value>[^']*)'\s*,\s*\w+\s*\)", re.IGNORECASE
)
_ROLE = re.compile(rf"SET{_WORDS}(?:ROLE|AUTHORIZATION)\s+(?:TO\s+)?(?P<role>{WORD}|'[^']+')$", re.IGNORECASE)
_SESSION_ROLE = re.compile(rf"SET\s+SESSION\s+AUTHORIZATION\s+(?P<role>{WORD}|'[^']+')$", re.IGNORECASE)
_RESET = re.compile(
    r"(?:RESET\s+(?P<what>ROLE|SESSION\s+AUTHORIZATION|search_path|ALL)|DISCARD\s+(?P<all>ALL))$", re.IGNORECASE
)
_PREPARE = re.compile(
    rf"PREPARE\s+(?P<name>{WORD})\s*(?:\((?P<types>.*?)\)\s*)?AS\s+(?P<text>.+)", re.IGNORECASE | re.DOTALL
)
_EXECUTE = re.compile(rf"EXECUTE\s+(?P<name>{WORD})\s*(?:\(.*\))?$", re.IGNORECASE | re.DOTALL)
_TEMPORARY = re.compile(
    rf"CREATE\s+(?:(?:GLOBAL|LOCAL)\s+)?TEMP(?:ORARY)?\s+(?:UNLOGGED\s+)?(?:TABLE|SEQUENCE|(?:RECURSIVE\s+)?VIEW)\s+"
    rf"(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>(?:{WORD}\s*\.\s*)?{WORD})",
    re.IGNORECASE,
)
_MAKES_TABLE = re.compile(r"CREATE\s+(?:[A-Z]+\s+){1,3}?TABLE\b", re.IGNORECASE)
_WITH_DATA = re.compile(r"\s+WITH\s+(?:NO\s+)?DATA\s*$", re.IGNORECASE)


@dataclass
class Session:
    """The session's state: its `role` and search path, its prepared statements by name, its temporary tables by name."""

    role: str = ""
    path: str = ""
    prepared: dict[str, Statement] = field(default_factory=dict)
    temporary: dict[str, str] = field(default_factory=dict)

    def told(self, said: Statement) -> Iterator[Statement]:
        """Yield what the session said as statements to ask about: none for what only changes the session."""
        if self._set(said.text):
            return
        if found := _TEMPORARY.match(said.text):
            self.temporary[_last_name(found["name"])] = _empty(said.text)
        if found := _PREPARE.match(said.text):
            types = tuple(each.strip() for each in _apart(found["types"] or ""))
            self.prepared[unquoted(found["name"]).lower()] = said = self._placed(
                replace(said, text=found["text"], types=types)
            )
            yield said
        elif (found := _EXECUTE.match(said.text)) and (ready := self.prepared.get(unquoted(found["name"]).lower())):
            yield replace(ready, calls=said.calls)
        else:
            yield self._placed(said)

    def _placed(self, said: Statement) -> Statement:
        needed = tuple(
            made for name, made in self.temporary.items() if _speaks(said.text, name) and made != _empty(said.text)
        )
        return replace(said, role=said.role or self.role, search_path=self.path, temporary=needed)

    def _set(self, text: str) -> bool:
        """Take a statement that sets the role or the search path; tell whether it was one."""
        if found := _PATH.match(text) or _PATH_CALL.match(text):
            self.path = "" if found["value"].strip().upper() == "DEFAULT" else found["value"].strip()
        elif found := _SESSION_ROLE.match(text) or _ROLE.match(text):
            role = found["role"].strip("'")
            self.role = "" if role.upper() in ("NONE", "DEFAULT") else unquoted(role)
        elif found := _RESET.match(text):
            what = (found["what"] or found["all"]).upper()
            self.role = "" if what != "SEARCH_PATH" else self.role
            self.path = "" if what in ("SEARCH_PATH", "ALL") else self.path
        return found is not None


def _empty(text: str) -> str:
    """Return the statement that makes a temporary table without running the query that would fill it."""
    plain = "".join(" " if each.startswith(("--", "/*")) else each for _, each in tokens(text))
    if not _MAKES_TABLE.match(plain) or not _has_query(plain):
        return text
    return _WITH_DATA.sub("", plain) + "\nWITH NO DATA"


def _has_query(text: str) -> bool:
    """Tell whether a table is made of a query: an AS stands outside all brackets."""
    depth = 0
    for _, each in tokens(text):
        depth += {"(": 1, ")": -1}.get(each, 0)
        if depth == 0 and each.upper() == "AS":
            return True
    return False


def _last_name(path: str) -> str:
    return unquoted(re.findall(WORD, path)[-1])


def _speaks(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", text, re.IGNORECASE) is not None


def _apart(types: str) -> list[str]:
    """Return types from their list: a comma in brackets, as in numeric(10, 2), parts none."""
    return [each for each in re.findall(r"(?:[^,(]|\([^)]*\))+", types) if each.strip()]
