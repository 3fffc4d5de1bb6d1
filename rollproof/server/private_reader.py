"""A database that nobody else uses, read in one session and one transaction: for throw-away databases, many times a minute."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Self, TypeVar

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection, StatementBatch, Target, connect
from rollproof.server.reader import SnapshotReader
from rollproof.server.sqlstates import reason
from rollproof.server.transactions import Limits, pinned_for_good

T = TypeVar("T")

_BEGIN, _END = StatementBatch(b"BEGIN"), StatementBatch(b"COMMIT; BEGIN")
"""Around each question: what it set, and the locks that it took, are gone when it is answered. (After a ROLLBACK psycopg plans
everything anew.)"""
_PREPARED = 1000  # statements that the session keeps


class PrivateReader(SnapshotReader):
    """A reader that answers each question when it is asked, in the thread that asks it.

    It takes no part in what a busy server needs: nobody is waited for, no other session is met, and functions are trusted.
    The session may be used again and again: its questions are planned once.
    """

    is_alone = True
    pace = None

    def __init__(self, target: Target, limits: Limits) -> None:
        self.target = target
        self.limits = replace(limits, jobs=1, trust_functions=True)
        self._at_close: list[Callable[[], None]] = []
        self._line = connect(target)
        self._line.prepare_threshold = 0
        self._line.prepared_max = _PREPARED
        self._line.execute(b"SET plan_cache_mode = force_generic_plan")
        self._line.execute(pinned_for_good(self._line, self.limits))
        self.version = self._line.info.server_version

    @contextmanager
    def begun(self) -> Iterator[Self]:
        """Questions can be asked until this ends; no transaction is open then, for which a tool might have to wait.

        Raises `psycopg.OperationalError` if the session is gone.
        """
        self._line.execute(_BEGIN)
        try:
            yield self
        finally:
            with suppress(psycopg.Error):  # it may be gone
                self._line.commit()

    @property
    def role(self) -> str:
        """As whom it is read."""
        return self._line.info.user

    @property
    def instants(self) -> int:
        """How many there were so far."""
        return 1

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing that a reader of the facts must know."""
        return ()

    def submit(
        self, ask: Callable[[Connection], T], *, patient: bool = False, settled: bool = False, reads: Iterable[str] = ()
    ) -> "Future[T]":
        """Ask at once, and return a future that is done."""
        del patient, settled, reads
        answer: Future[T] = Future()
        try:
            answer.set_result(self.ask(ask))
        except Inconclusive as error:
            answer.set_exception(error)
        return answer

    def ask(self, ask: Callable[[Connection], T], *, reads: Iterable[str] = ()) -> T:
        """Ask at once. Raises `Inconclusive` if the server refuses."""
        del reads
        self.limits.deadline.require()
        try:
            answer = ask(self._line)
            self._line.execute(_END)
        except psycopg.Error as error:
            if not self._line.closed:
                self._line.execute(StatementBatch(b"ROLLBACK; BEGIN"))
            raise Inconclusive(f"not read: {reason(error, self.role)}") from error
        return answer

    def now(self, ask: Callable[[Connection], T]) -> T:
        """As `ask`: nobody changes anything meanwhile."""
        return self.ask(ask)

    def refused(self, reads: Iterable[str]) -> dict[str, str]:
        """Return nothing: all may be read."""
        del reads
        return {}

    def close(self) -> None:
        """Close the session."""
        for let_go in self._at_close:
            let_go()
        self._line.close()
