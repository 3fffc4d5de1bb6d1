"""The statements that a server's log tells of, each with some of its parameters. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rollproof.model.amounts import counted
from rollproof.model.names import tokens
from rollproof.rehearsal.doors.log_lines import Entry
from rollproof.rehearsal.doors.session import Session
from rollproof.rehearsal.doors.splitting import Script
from rollproof.rehearsal.doors.statement import Statement

_SAID = re.compile(
    r"(?:duration: [\d.]+ ms  )?(?:statement: (?P<simple>.*)|execute(?: fetch from)? [^\n:]+: (?P<prepared>.*))",
    re.DOTALL,
)
_PREPARED = re.compile(r"prepare: (?P<text>PREPARE\b.*)", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r"\$\d+ = (?:(?P<null>NULL)|'(?P<text>(?:[^']|'')*)'(?P<cut>\.\.\.)?)")
_OURS = "rollproof"
_OF_A_SHAPE = 5  # so many statements that differ in constants alone are kept


@dataclass
class LogStatements:
    """Reads the statements of a `database`, or of all if that is not known, from entries of a log called `name`."""

    name: str
    database: str
    _sessions: dict[tuple[str, str], Session] = field(default_factory=dict)
    _shapes: dict[str, set[str]] = field(default_factory=dict)
    _elsewhere: int = 0
    _alike: int = 0

    def statements(self, entries: Iterable[Entry]) -> Iterator[Statement]:
        """Yield the statements in their order; of those that differ in constants alone the first five."""
        for entry in entries:
            said = _SAID.match(entry.message) if entry.severity == "LOG" and entry.application != _OURS else None
            if said and self.database and entry.database not in ("", self.database):
                self._elsewhere += 1
            elif said:
                yield from filter(self._is_new, self._told(said, entry))

    def notes(self) -> Iterator[str]:
        """Yield what was passed over."""
        if self._elsewhere:
            yield f"{self.name}: {counted(self._elsewhere, 'statement')} of other databases passed over"
        if self._alike:
            yield (
                f"{self.name}: {counted(self._alike, 'statement')} passed over that differ in nothing but constants from "
                f"{_OF_A_SHAPE} others"
            )

    @property
    def elsewhere(self) -> str:
        """Where there are statements that were passed over; "" if there are none."""
        return f" of the database {self.database}, but of others" if self._elsewhere else ""

    def _told(self, said: re.Match[str], entry: Entry) -> Iterator[Statement]:
        session = self._sessions.setdefault((entry.session, entry.user), Session())
        text = said["simple"] or said["prepared"] or ""
        if prepared := _PREPARED.match(entry.detail):
            text = prepared["text"]  # what an EXECUTE stands for
        pieces = [each.text for each in Script(text).pieces()]
        values = _values(entry.detail) if said["prepared"] else ()
        for each in pieces:
            yield from session.told(Statement(each, self.name, entry.user, 1, values=values, is_recorded=True))

    def _is_new(self, statement: Statement) -> bool:
        known = self._shapes.setdefault(_shape(statement.text), set())
        if statement.text in known or len(known) < _OF_A_SHAPE:
            known.add(statement.text)
            return True
        self._alike += 1
        return False


def _values(detail: str) -> tuple[tuple[str | None, ...], ...]:
    """Return the parameters of one call, or nothing if the log cuts them."""
    if not detail.lower().startswith("parameters: "):
        return ()
    found = [*_PARAMETER.finditer(detail)]
    if any(each["cut"] for each in found):
        return ()
    return (tuple(None if each["null"] else each["text"].replace("''", "'") for each in found),)


def _shape(text: str) -> str:
    """Return a statement without its constants."""
    pieces = ("?" if kind == "other" else each for kind, each in tokens(text))
    return re.sub(r"\b\d+(?:\.\d+)?\b", "?", " ".join("".join(pieces).split()))
