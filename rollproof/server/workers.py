"""Worker threads for queries, urgent ones first."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from rollproof.model.errors import Crowded, Inconclusive
from rollproof.system.background import ENDED

T = TypeVar("T")


class Workers:
    """A pool of at most `count` threads, started as they are needed.

    They are daemons, not an executor's threads: one that waits for a server must not keep the process from ending.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._threads: list[threading.Thread] = []
        self._changed = threading.Condition()
        self._idle = 0
        self._urgent: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._behind: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._over = False

    def submit(self, question: Callable[[], T], *, urgent: bool = False) -> "Future[T]":
        """Have it asked, before all that is not urgent if it is. Raises `Inconclusive` if nothing is asked any more."""
        future: Future[T] = Future()
        with self._changed:
            if self._over:
                raise Inconclusive(ENDED)
            (self._urgent if urgent else self._behind).append((future, question))
            waiting = len(self._urgent) + len(self._behind)
            if waiting > self._idle and len(self._threads) < self._count:
                self._threads.append(threading.Thread(target=self._work, name="rollproof asks", daemon=True))
                self._threads[-1].start()
            self._changed.notify()
        return future

    def _work(self) -> None:
        while taken := self._next():
            future, question = taken
            if not (future.running() or future.set_running_or_notify_cancel()):
                continue
            try:
                future.set_result(question())
            except Crowded as error:
                if self._left_to_others(future, question):
                    return
                future.set_exception(error)
            except BaseException as error:  # noqa: BLE001 (it is raised where the answer is waited for)
                future.set_exception(error)
            del taken, future, question  # an idle thread keeps no answer

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._changed:
            self._idle += 1
            try:
                while not (self._urgent or self._behind or self._over):
                    self._changed.wait()
                return (self._urgent or self._behind).popleft() if self._urgent or self._behind else None
            finally:
                self._idle -= 1

    def _left_to_others(self, future: Future[Any], question: Callable[[], Any]) -> bool:
        """Give the question back, if this thread is not the last: it will not be let in, and others are."""
        with self._changed:
            if self._over or len(self._threads) < 2:  # noqa: PLR2004 (this one and another)
                return False
            self._threads.remove(threading.current_thread())
            self._count = len(self._threads)
            self._urgent.appendleft((future, question))
            self._changed.notify()
            return True

    def end(self) -> None:
        """Drop what waits; whoever is at work may come to an end."""
        with self._changed:
            self._over = True
            dropped = [*self._urgent, *self._behind]
            self._urgent.clear()
            self._behind.clear()
            self._changed.notify_all()
        for future, _ in dropped:
            if not future.cancel():
                future.set_exception(Inconclusive(ENDED))

    def ended(self, seconds: float) -> bool:
        """Tell whether all have come to an end, so many seconds from now at the latest."""
        for thread in self._threads:
            thread.join(seconds / len(self._threads))
        return not any(thread.is_alive() for thread in self._threads)
