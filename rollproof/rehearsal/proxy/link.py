"""One session between a tool and the server: its bytes go to and fro, and are cut off where the proxy is told to."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from rollproof.rehearsal.proxy.frames import Frames, message
from rollproof.rehearsal.proxy.messages import fields_of, with_options, without_channel_binding
from rollproof.rehearsal.proxy.sent import How
from rollproof.rehearsal.proxy.session import ANSWERED, ENDS, SAID, STATEMENTS, Log, Session, Statement

_SSL, _GSS, _CANCEL = (
    80877103,
    80877104,
    80877102,
)  # what a connection may begin with, in the place of a protocol's version
_SHORTEST_START, _LONGEST_START = 8, 10_000  # bytes, as the server has it
_FLUSH = message(b"H", b"")


class Owner(Protocol):
    """What a session's link asks of the proxy."""

    log: Log
    options: str

    def how(self, statement: Statement) -> How | None:
        """Return how the run is cut at this statement, if it is."""

    def instead(self, statement: Statement) -> str:
        """Return what the server is told in the place of this statement; "" if it is told the statement."""

    def cut_off(self) -> None:
        """Cut all connections, and let nobody in any more."""

    def kill(self, link: "Link", statement: Statement, said: bytes) -> None:
        """Forward what the tool said by a link, and end the server's process while it does that."""


@dataclass(eq=False)
class Link:
    """A tool's connection (`near`) and ours to the server (`far`)."""

    owner: Owner
    near: asyncio.Transport | None = None
    far: asyncio.Transport | None = None
    session: Session | None = None
    held: Statement | None = None
    """The statement whose answer is kept back, because the run is cut there."""
    is_over: bool = False
    is_by_tls: bool = False
    _start: bytes = b""
    _said: Frames = field(default_factory=lambda: Frames(SAID))
    _answered: Frames = field(default_factory=lambda: Frames(ANSWERED))
    _is_deaf: bool = False  # what the tool still says does not reach the server
    _is_flushed: bool = False  # the server was asked to answer before the transaction is over

    def from_tool(self, data: bytes) -> None:
        """Hear what the tool sends; it goes on to the server."""
        if self.session is None:
            data = self._begin(self._start + data)
        if data and self.session and not self.is_over:
            self._say(data, self.session)

    def _begin(self, data: bytes) -> bytes:
        """Read how the connection begins; return what comes after that. TLS is refused: this side never leaves the machine."""
        while len(data) >= _SHORTEST_START and len(data) >= (length := int.from_bytes(data[:4], "big")):
            code, first = int.from_bytes(data[4:8], "big"), data[:length]
            if not _SHORTEST_START <= length <= _LONGEST_START:
                self.end()
                return b""
            data = data[length:]
            if code in {_SSL, _GSS}:
                self.to_tool(b"N")
                continue
            self.to_server(first if code == _CANCEL else with_options(first, self.owner.options))
            if code != _CANCEL:
                self.session = self.owner.log.session()
                return data
        self._start = data
        return b""

    def _say(self, data: bytes, session: Session) -> None:
        said: list[bytes] = []
        killed = None
        for letter, body, came in () if self._is_deaf else self._said.feed(data):
            raw = came
            if letter in STATEMENTS and self.held:  # it came in one go with the one where the run is cut
                said.append(_FLUSH)
                self._is_deaf = self._is_flushed = True
                break
            statement = session.said(letter, body) if letter else None
            how = self.owner.how(statement) if statement else None
            if how == "before":
                self.to_server(b"".join(said))
                self.owner.cut_off()
                return
            if how and statement:
                raw, killed = self._held(statement, raw, is_killed=how == "kill")
            self._is_flushed |= letter == ord("H") and self.held is not None
            said.append(raw)
        if killed:
            self.owner.kill(self, killed, b"".join(said))
        else:
            self.to_server(b"".join(said))

    def _held(self, statement: Statement, raw: bytes, *, is_killed: bool) -> tuple[bytes, Statement | None]:
        """Keep a statement's answer back; return what the server is told, and the statement if its process has to be ended."""
        self.held = statement
        if instead := self.owner.instead(statement):
            return message(b"Q", instead.encode() + b"\0"), None
        return raw, statement if is_killed else None

    def from_server(self, data: bytes) -> None:
        """Hear what the server sends; it goes on to the tool, but for the answer that is kept back."""
        if self.session is None:  # the answer to a cancel request
            self.to_tool(data)
            return
        answered: list[bytes] = []
        for letter, body, raw in () if self.is_over else self._answered.feed(data):
            about = self.session.answered(letter, body) if letter else None
            if letter and self.held and self._keeps_back(letter, body, about):
                if self._is_last(letter, about):
                    self.to_tool(b"".join(answered))
                    self.owner.cut_off()
                    return
                continue
            ways = without_channel_binding(body) if letter == ord("R") else None
            answered.append(raw if ways is None else message(b"R", ways))
        self.to_tool(b"".join(answered))

    def _keeps_back(self, letter: int, body: bytes, about: Statement | None) -> bool:
        ends = letter == ord("Z") or letter in ENDS
        is_its = about is self.held or (self.held is not None and self.held.is_answered)
        return ends and is_its and not (letter == ord("E") and fields_of(body).get("V") == "FATAL")

    def _is_last(self, letter: int, about: Statement | None) -> bool:
        if self.held is None or self.owner.how(self.held) != "after":
            return False
        return letter == ord("Z") or (self._is_flushed and about is self.held and about.letter == ord("E"))

    def to_tool(self, data: bytes) -> None:
        """Send the tool bytes."""
        if self.near and data and not self.near.is_closing():
            self.near.write(data)

    def to_server(self, data: bytes) -> None:
        """Send the server bytes."""
        if self.far and data and not self.far.is_closing():
            self.far.write(data)

    def end(self) -> None:
        """Close the tool's side, and tell the server that nobody is there any more; its process ends when it has read that."""
        self.is_over = True
        if self.near:
            self.near.close()
        if self.far and self.far.can_write_eof():
            self.far.write_eof()
        elif self.far:  # by TLS
            self.is_by_tls = True
            self.far.close()
