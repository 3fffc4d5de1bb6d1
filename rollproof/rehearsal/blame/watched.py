"""One session of a tool's, watched: the tool waits after each statement while what became of the database is looked at.

Statements that were sent together are sent one by one, in the transaction that they would have been.
"""

import select
import socket
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Protocol

from rollproof.rehearsal.blame.beside import Beside
from rollproof.rehearsal.blame.pieces import first_word, pieces
from rollproof.rehearsal.proxy.frames import message
from rollproof.rehearsal.proxy.session import STATEMENTS, Session

_TRANSACTIONS = ("BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "PREPARE")
_OF_A_COPY = b"dcfH"
_LONGEST = 1 << 20  # characters of what is sent together that we split


@dataclass(frozen=True)
class Asked:
    """A statement that a session sends: its number in the run, and its part if it was sent with others."""

    session: int
    number: int
    text: str
    part: int = 0


class Observer(Protocol):
    """Who looks."""

    def before(self, session: "Watched", text: str) -> None:
        """Hear that something about a statement is to be sent ("": that the session ends); it is at rest."""

    def sends(self, asked: Asked) -> None:
        """Hear that a statement is about to be sent; its sender waits."""

    def after(self, session: "Watched", asked: Asked) -> None:
        """Hear that a statement was done; the session is at rest, and the tool waits."""


class Messages:
    """The whole messages that come from a socket."""

    def __init__(self, source: socket.socket) -> None:
        self.source = source
        self._held = bytearray()

    def arrived(self) -> list[bytes] | None:
        """Return the messages that are complete now, after what is there was read; None at the end."""
        data = self.source.recv(1 << 16)
        self._held += data
        found = []
        while len(self._held) >= 5 and len(self._held) > (length := int.from_bytes(self._held[1:5], "big")):  # noqa: PLR2004
            found.append(bytes(self._held[: length + 1]))
            del self._held[: length + 1]
        return found if data or found else None


@dataclass
class Watched:
    """A session between a tool (`client`) and the `server`, which has been asked to begin it."""

    client: socket.socket
    server: socket.socket
    counted: Session
    observer: Observer
    status: bytes = b""
    """I: no transaction is open, T: one is, E: it has failed; empty until the session has begun."""
    beside: Beside = field(init=False)
    _greeting: bytes = b""
    _begun: bool = False  # something was sent since the session was at rest
    _waiting: bool = False
    _copied: bool = False
    _failed: bool = False
    _said: "deque[bytes]" = field(default_factory=deque)
    _prepared: dict[bytes, str] = field(default_factory=dict)
    _asked: list[Asked] = field(default_factory=list)
    _parts: "deque[Asked]" = field(default_factory=deque)
    _ours: bool = False  # the transaction around parts is one that we began

    def serve(self) -> None:
        """Pass on what both say, until one of them ends."""
        client, server = Messages(self.client), Messages(self.server)
        try:
            while True:
                ready, _, _ = select.select([self.client, self.server], [], [])
                if self.server in ready:
                    if (answers := server.arrived()) is None:
                        return
                    for each in answers:
                        self._answered(each)
                if self.client in ready:
                    if (said := client.arrived()) is None:
                        return
                    self._said.extend(said)
                self._pass_on()
        finally:
            if self.status:
                self.beside.close()

    def _pass_on(self) -> None:
        """Send what may be sent: while an answer is outstanding only the rows of a COPY, and what ends it."""
        while self._said:
            letter = self._said[0][0]
            if self._waiting and not (letter in _OF_A_COPY or (letter == ord("S") and self._copied)):
                return
            self._send(self._said.popleft())

    def _send(self, raw: bytes) -> None:
        letter = raw[0]
        if self.status and not self._begun:
            self._begun = True
            self.observer.before(self, self._text(raw))
        if not self.status or letter == ord("X"):
            self.server.sendall(raw)
            return
        self._copied = self._copied or letter in b"cf"
        statement = self.counted.said(letter, raw[5:])
        if letter in STATEMENTS and statement:
            asked = Asked(self.counted.number, statement.number, statement.text)
            self.observer.sends(asked)
            if letter == ord("Q") and self._split(asked):
                return
            self._asked.append(asked)
        self._waiting = self._waiting or letter in b"QSF"
        self.server.sendall(raw)

    def _text(self, raw: bytes) -> str:
        """Return the statement that a message is about, which may be one that was prepared; "" if it is about none."""
        first, _, rest = raw[5:].partition(b"\0")
        second = rest.partition(b"\0")[0]
        if raw[:1] == b"P":
            self._prepared[first] = second.decode("utf-8", "replace")
        known = {
            b"Q": first.decode("utf-8", "replace"),
            b"P": self._prepared.get(first),
            b"B": self._prepared.get(second),
        }
        return known.get(raw[:1]) or ""

    def _split(self, asked: Asked) -> bool:
        """Send several statements one by one, if they are several."""
        parts = pieces(asked.text) if len(asked.text) < _LONGEST else []
        if len(parts) < 2:  # noqa: PLR2004
            return False
        self._parts.extend(replace(asked, text=each.text, part=place) for place, each in enumerate(parts, 1))
        self._next_part()
        return True

    def _next_part(self) -> None:
        asked = self._parts.popleft()
        word = first_word(asked.text)
        if self.status == b"I" and word not in _TRANSACTIONS:
            self._own("BEGIN")
            self._ours = True
        elif word in _TRANSACTIONS:
            self._ours = False
        self._asked.append(asked)
        self._waiting = True
        self.server.sendall(message(b"Q", asked.text.encode() + b"\0"))

    def _answered(self, raw: bytes) -> None:
        letter = raw[:1]
        if not self.status and letter in b"SK":
            self._greeting += raw
        if letter == b"Z":
            self._rests(raw)
            return
        self._failed = self._failed or letter == b"E"
        if self.status:
            self.counted.answered(raw[0], raw[5:])
        self.client.sendall(raw)

    def _rests(self, raw: bytes) -> None:
        """The session is at rest: look, then go on with the next part, or tell the tool."""
        if not self.status:
            self.beside = Beside(self.server, self._greeting)
        self.status = raw[5:6]
        asked, self._asked = self._asked, []
        self._look(asked)
        if self._parts and not self._failed:
            self._next_part()
            return
        if self._ours:
            self._ended(asked)
        self._parts.clear()
        self._begun = self._waiting = self._copied = self._failed = False
        self.counted.answered(ord("Z"), self.status)
        self.client.sendall(message(b"Z", self.status))

    def _look(self, asked: list[Asked]) -> None:
        if asked:
            self.observer.after(self, asked[0])

    def _ended(self, asked: list[Asked]) -> None:
        """End the transaction that we began, as the server would have ended it."""
        self._ours = False
        trouble = self._own("ROLLBACK" if self._failed else "COMMIT")
        self.client.sendall(trouble)
        self._look(asked)

    def _own(self, sql: str) -> bytes:
        """Run a statement of ours; return the errors that the server told."""
        self.server.sendall(message(b"Q", sql.encode() + b"\0"))
        answers, errors = Messages(self.server), b""
        while True:
            for each in answers.arrived() or [message(b"Z", b"E")]:
                errors += each if each[:1] == b"E" else b""
                if each[:1] == b"Z":
                    self.status = each[5:6]
                    return errors
