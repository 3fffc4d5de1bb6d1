"""The statements of one session, counted and matched with their answers. No connection: it is told what both sides say."""

import itertools
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import MappingProxyType

from rollproof.rehearsal.proxy.messages import Prepared, bound, fields_of, parameters, parsed, text_of
from rollproof.rehearsal.proxy.sent import Sent, Status

STATEMENTS = frozenset(b"QEF")
"""The letters of what is one statement each: a simple query, an Execute, a function call."""
SAID = frozenset(b"QPBECFScf")
"""The letters that `Session.said` wants to hear of."""
ANSWERED = frozenset(b"RKCEIsVZGW")
"""The letters that `Session.answered` wants to hear of, and those of logging in."""
ENDS = frozenset(b"CEIsV")
"""The letters of an answer that a statement ends with; of a simple query, ReadyForQuery ends it."""

_STATUS: "MappingProxyType[bytes, Status]" = MappingProxyType({b"I": "idle", b"T": "open", b"E": "failed"})


@dataclass(slots=True)
class Statement:
    """A statement under way or done; what it came to is a `Sent`."""

    number: int
    session: int
    letter: int
    text: str
    values: tuple[str | None, ...]
    began: float
    before: Status
    after: Status = ""
    seconds: float | None = None
    tags: list[str] = field(default_factory=list)
    error: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether the server has said what it came to."""
        return self.seconds is not None

    @property
    def sent(self) -> Sent:
        """It, as it is now."""
        tag = "; ".join(filter(None, self.tags))
        known = (self.began, self.seconds, tag, self.error, self.before, self.after)
        return Sent(self.number, self.session, self.text, self.values, *known)


@dataclass
class Log:
    """Counts the statements of all sessions of a run, and keeps them."""

    began: float = field(default_factory=time.monotonic)
    statements: list[Statement] = field(default_factory=list)
    _sessions: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def now(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    def session(self) -> "Session":
        """Return what a new session is told to."""
        return Session(next(self._sessions), self)


@dataclass
class Session:
    """Hears the messages of one session, of both sides, in their order."""

    number: int
    log: Log
    status: Status = "idle"
    process: int = 0
    """The server's process, 0 until it is known."""
    _pending: "deque[Statement | None]" = field(default_factory=deque)  # what waits for its answer; None: a Sync
    _unsettled: list[Statement] = field(
        default_factory=list
    )  # answered, while the transaction's status is not known yet
    _prepared: dict[str, Prepared] = field(default_factory=dict)
    _portals: dict[str, tuple[Prepared, bytes]] = field(default_factory=dict)
    _copies_in: bool = False

    def said(self, letter: int, body: bytes) -> Statement | None:
        """Hear a message of the tool's; return the statement that it is, if it is one (see `STATEMENTS`)."""
        if letter in STATEMENTS:
            statement = self._begun(letter, body)
            self._pending.append(statement)
            self.log.statements.append(statement)
            return statement
        if letter == ord("P"):
            name, prepared = parsed(body)
            self._prepared[name] = prepared
        elif letter == ord("B"):
            portal, name, rest = bound(body)
            self._portals[portal] = (self._prepared.get(name, Prepared("")), rest)
        elif letter == ord("C"):
            (self._prepared if body[:1] == b"S" else self._portals).pop(text_of(body[1:]), None)
        elif letter == ord("S") and not self._copies_in:
            self._pending.append(None)
        elif letter in b"cf":
            self._copies_in = False
        return None

    def _begun(self, letter: int, body: bytes) -> Statement:
        values: tuple[str | None, ...] = ()
        if letter == ord("E"):
            prepared, rest = self._portals.get(text_of(body), (Prepared(""), b""))
            text, values = prepared.text, parameters(rest, prepared.types)
        elif letter == ord("Q"):
            text = text_of(body)
        else:
            text = f"function call {int.from_bytes(body[:4], 'big')}"
        before = "" if self._unsettled or self._pending else self.status
        number = len(self.log.statements) + 1
        return Statement(number, self.number, letter, text, values, self.log.now, before)

    def answered(self, letter: int, body: bytes) -> Statement | None:
        """Hear a message of the server's; return the statement that it is about, if it is about one."""
        hears = _HEARS.get(letter)
        first = self._pending[0] if self._pending else None
        if hears:
            hears(self, body, first)
        return first

    def _tag(self, body: bytes, first: Statement | None) -> None:
        if first:
            first.tags.append(text_of(body) if first.letter != ord("F") else "FUNCTION CALL")
            self._done(first)

    def _error(self, body: bytes, first: Statement | None) -> None:
        if first is None:
            return
        first.error = fields_of(body).get("M", "")
        self._copies_in = False
        self._done(first)
        while first.letter == ord("E") and self._pending and self._pending[0]:
            self._pending.popleft()  # the server passes over all up to the next Sync

    def _ready(self, body: bytes, first: Statement | None) -> None:
        self.status = _STATUS.get(body[:1], "")
        if self._pending:
            self._pending.popleft()
        if first:
            self._settled(first)
        for statement in self._unsettled:
            statement.after = self.status
        self._unsettled.clear()

    def _copy_begins(self, _: bytes, first: Statement | None) -> None:
        self._copies_in = True
        while first and len(self._pending) > 1 and self._pending[1] is None:
            del self._pending[1]  # the server ignores a Sync that comes while it reads rows

    def _done(self, statement: Statement) -> None:
        if statement.letter == ord("E"):
            self._pending.popleft()
            self._settled(statement)

    def _settled(self, statement: Statement) -> None:
        statement.seconds = self.log.now - statement.began
        self._unsettled.append(statement)

    def _key(self, body: bytes, _: Statement | None) -> None:
        self.process = int.from_bytes(body[:4], "big")


_Hears = Callable[[Session, bytes, Statement | None], None]
_HEARS: "MappingProxyType[int, _Hears]" = MappingProxyType(
    {
        ord("C"): Session._tag,  # noqa: SLF001 (a table of its own methods)
        ord("I"): Session._tag,  # noqa: SLF001
        ord("s"): Session._tag,  # noqa: SLF001
        ord("V"): Session._tag,  # noqa: SLF001
        ord("E"): Session._error,  # noqa: SLF001
        ord("Z"): Session._ready,  # noqa: SLF001
        ord("G"): Session._copy_begins,  # noqa: SLF001
        ord("W"): Session._copy_begins,  # noqa: SLF001
        ord("K"): Session._key,  # noqa: SLF001
    }
)
