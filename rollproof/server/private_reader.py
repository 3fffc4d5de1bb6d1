"""A database that nobody else uses, read in one session and one transaction: for throw-away databases, many times a minute."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from typing import TypeVar

import psycopg

from rollproof.model.errors import Inconclusive
from rollproof.server.connection import Connection, StatementBatch, Target, connect
from rollproof.server.reader import SnapshotReader
from rollproof.server.sqlstates import reason
from rollproof.server.transactions import Limits, opening

T = TypeVar("T")

_BEGIN, _END = StatementBatch(b"SAVEPOINT asked"), StatementBatch(b"ROLLBACK TO SAVEPOINT asked")
"""Around each question: what it set, and the locks that it took, are gone when it is answered."""


class PrivateReader(SnapshotReader):
    """A reader that answers each question when it is asked, in the thread that asks it.

    It takes no part in what a busy server needs: nobody is waited for, no other session is met, and functions are trusted.
    """

    is_alone = True
    pace = None

    def __init__(self, target: Target, limits: Limits) -> None:
        self.target = target
        self.limits = replace(limits, jobs=1, trust_functions=True)
        self._at_close: list[Callable[[], None]] = []
        self._line = connect(target)
        self._line.execute(opening(self._line, self.limits, None, self.limits.statement_timeout))
        self._line.execute(_BEGIN)
        self.version = self._line.info.server_version

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
                self._line.execute(_END)
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
