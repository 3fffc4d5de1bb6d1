"""Blocking calls with a timeout, made in daemon threads that keep no process alive."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from rollproof.model.errors import Inconclusive
from rollproof.system.deadline import NEVER, Deadline

T = TypeVar("T")

SILENCE = 60.0
"""Seconds without any answer after which a line is dead, for us and for the server."""
ENDED = "the run was ended first"
FROZEN = "the network swallows our packets, or the server is frozen"


def in_plain_words(why: str) -> str:
    """Return why a connection was lost, with what that means where it is known."""
    return f"{why}: {FROZEN}" if "timed out" in why else why


def background(call: Callable[[], T]) -> "Future[T]":
    """Call a function in a daemon thread of its own and return its future."""
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except BaseException as error:  # noqa: BLE001 (it is raised where the answer is waited for)
            answer.set_exception(error)

    answer.set_running_or_notify_cancel()  # it has begun: nobody can cancel it any more
    threading.Thread(target=run, name="rollproof waits", daemon=True).start()
    return answer


@dataclass(frozen=True)
class Patience:
    """How long a server is waited for: until `stop` is set, the `deadline` is reached, or it was silent for `silence` seconds.

    `tell` hears when it takes long.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    silence: float = SILENCE
    deadline: Deadline = NEVER
    tell: Callable[[str], None] = lambda _: None

    def result(self, answer: "Future[T]", who: str, seconds: float) -> T:
        """Return the answer. Raises `Inconclusive` if it is not there `seconds` from now, and what it raised itself."""
        step = self.silence / 6
        waited, told = 0.0, step
        while True:
            slice_ = min(0.1, max(self.deadline.left, 0.001))
            try:
                return answer.result(slice_)
            except TimeoutError:
                if answer.done():
                    raise
            waited += slice_
            self.deadline.require()
            if self.stop.is_set():
                raise Inconclusive(ENDED)
            if waited >= seconds:
                raise Inconclusive(f"no answer from {who} for {waited:.0f} s: {FROZEN}")
            if waited >= told:
                told += step
                self.tell(f"no answer from {who} for {waited:.0f} s (giving up at {seconds:.0f} s)")


def let_go(answer: "Future[Any]", close: Callable[[Any], object]) -> None:
    """Close the result of a call that nobody waits for any more, once it is there."""
    answer.add_done_callback(lambda done: None if done.exception() else close(done.result()))
