"""What each statement of a run changes, written down while the run goes on."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from rollproof.rehearsal.blame.looks import Look
from rollproof.rehearsal.blame.origin import Place
from rollproof.rehearsal.blame.pieces import first_word
from rollproof.rehearsal.blame.row_looks import Memory, of_rows
from rollproof.rehearsal.blame.trail import Seen, Trail
from rollproof.rehearsal.blame.watched import Asked, Watched
from rollproof.server.sqlstates import LOCKED

_HARMLESS = frozenset({"BEGIN", "START", "SAVEPOINT", "RELEASE", "SHOW", "DEALLOCATE", "LISTEN", "DISCARD"})
_LOOKED_AT = 2
"""How many of the same statement are looked at one by one."""
_UNDOING = frozenset({"ROLLBACK", "ABORT"})

Caller = Callable[[], tuple[Path, int] | None]


@dataclass
class _Known:
    """What a session has seen, and how far the WAL was written then."""

    seen: Seen
    written: str
    memory: Memory = field(default_factory=dict)

    def forget(self) -> None:
        """Trust nothing but a new look: what was written is taken back."""
        self.written = ""
        self.memory.clear()


@dataclass
class _Repeated:
    """A statement that is sent again and again: its text, how often it came, and the first of these."""

    text: str
    times: int
    first: Place


@dataclass
class Recorder:
    """An observer of a run's sessions; `stage` and `run` say what is being run, `caller` from where a statement is sent.

    Of a statement that is sent many times one after the other, as for each row, what all of them did is looked at together.
    `until` is when it stops looking (`time.monotonic`); `trouble` is then why, and also where looking failed.
    """

    look: Look
    caller: Caller
    until: float
    stage: str = ""
    run: int = 0
    trail: Trail = field(init=False)
    trouble: str = ""
    blind: str = ""
    """Why one look or another could not be had."""
    _known: dict[int, _Known] = field(default_factory=dict)
    _repeated: dict[int, _Repeated] = field(default_factory=dict)
    _last: int = 0
    _places: dict[int, tuple[Path, int] | None] = field(default_factory=dict)
    _one_at_a_time: "threading.RLock" = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        keys = {key for table in self.look.tables for key in of_rows(table, self.look.columns)}
        self.trail = Trail(self.look.keys | keys)

    def begins(self, run: int, stage: str) -> None:
        """Hear that a command is about to be run."""
        self.run, self.stage, self._last = run, stage, 0
        for each in (self._known, self._places, self._repeated):
            each.clear()

    def before(self, session: Watched, text: str) -> None:
        """Look at what others did, when it is another session's turn, and at what a statement did that is not repeated any more."""
        number = session.counted.number
        with self._one_at_a_time:
            repeated = self._repeated.get(number)
            is_over = repeated is not None and repeated.times > _LOOKED_AT and repeated.text != text
            is_another = number != self._last and text != ""
            if session.status != b"E" and (is_over or is_another):
                self._last = number
                self._looked(session, [repeated.first] if is_over and repeated else ())

    def sends(self, asked: Asked) -> None:
        """Ask from where it is sent."""
        with self._one_at_a_time:
            repeated = self._repeated.get(asked.session)
            if not (self.trouble or (repeated and repeated.text == asked.text and repeated.times >= _LOOKED_AT)):
                self._places[asked.number] = self.caller()

    def after(self, session: Watched, asked: Asked) -> None:
        """Look at what the statement did."""
        with self._one_at_a_time:
            if session.status == b"E" or _is_harmless(asked.text):
                return
            if first_word(asked.text) in _UNDOING and asked.session in self._known:
                self._known[asked.session].forget()
            file, line = self._places.get(asked.number) or (None, None)
            place = Place(self.stage, asked.number, asked.text, file, line, asked.part)
            if self._times(asked, place) <= _LOOKED_AT:
                self._looked(session, [place])

    def _times(self, asked: Asked, place: Place) -> int:
        """Return how many times a session has sent a statement, one after the other."""
        repeated = self._repeated.get(asked.session)
        if repeated is None or repeated.text != asked.text:
            repeated = self._repeated[asked.session] = _Repeated(asked.text, 0, place)
        repeated.times += 1
        return repeated.times

    def _looked(self, session: Watched, by: Iterable[Place]) -> None:
        if self.trouble:
            return
        if time.monotonic() > self.until:
            self.trouble = "it could not be traced: looking at the database after each statement takes too long"
            return
        try:
            known, now = self._now(session, is_others=not by)
        except Exception as error:  # noqa: BLE001 (whatever it is, the tool's run must go on)
            self._not_seen(session, error)
            return
        for place in by:
            self.trail.hear(self.run, place, known.seen if known else now.seen, now.seen)
        self._known[session.counted.number] = now

    def _not_seen(self, session: Watched, error: Exception) -> None:
        """Go on without a look: what comes next is held against nothing."""
        self._known.pop(session.counted.number, None)
        if getattr(error, "sqlstate", None) == LOCKED:
            self.blind = "another session of the same run had locked a table when it was to be looked at"
        elif not _is_lost(error):
            self.trouble = f"it could not be traced: {error}"

    def _now(self, session: Watched, *, is_others: bool) -> tuple[_Known | None, _Known]:
        known = self._known.get(session.counted.number)
        with session.beside.lent(session.status) as connection:
            if known and known.written and known.written == self.look.written(connection):
                return known, known  # nobody has written anything since
            memory = {} if is_others or known is None else known.memory
            seen = self.look.at(connection, session.status, memory)
            return known, _Known(seen, self.look.written(connection), memory)


def _is_lost(error: Exception) -> bool:
    """Tell whether a session is gone, and what it did with it: what is there in the end is seen anyway."""
    state = getattr(error, "sqlstate", None)
    return isinstance(error, OSError | psycopg.OperationalError) and (state is None or state.startswith(("08", "57P")))


def _is_harmless(text: str) -> bool:
    word = first_word(text)
    return word in _HARMLESS or (word == "SET" and "CONSTRAINTS" not in text.upper())
