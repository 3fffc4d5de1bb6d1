"""SIGINT, SIGTERM, SIGHUP and Windows' Ctrl-Break: noted at once, acted upon where that does no harm, and soon in any case."""

import _thread
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

HANDLED = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
ECHO = 0.5
"""Seconds in which a second signal is the first one's echo: terminals, shells and wrappers each pass on what all of them got."""
LOST = 3.0
"""Seconds after which the first signal is repeated: Python throws away an exception that meets it in a finaliser."""
LAST = 8.0
"""Seconds after which no more is waited for: the last words are said by another thread, and the process is gone."""


class Terminated(KeyboardInterrupt):
    """The process was asked to end by the signal `number`; like Ctrl-C, it passes every `except Exception`."""

    def __init__(self, number: int) -> None:
        super().__init__(f"ended by {signal.Signals(number).name}")
        self.number = number


class Signals:
    """The signal handlers of this process, one object a process. Install them in the main thread; an ignored signal stays ignored.

    `number` is the signal that came first, 0 while none did. It raises `Terminated` inside `interrupting`; elsewhere it waits
    until the next `interrupting` begins. A second signal ends the process at once.
    """

    def __init__(self) -> None:
        self.number = 0
        self.insists = (
            False  # whether the end must come in `LAST` seconds, even if `last_words` have to be said by another thread
        )
        self.heard: Callable[[], object] = lambda: None  # called as soon as one came, whatever it met: it takes no lock
        self.last_words: Callable[[], object] = lambda: None
        self.unfinished: set[Path] = set()  # what is removed if the end comes at once
        self._before: dict[int, Any] = {}
        self._stays = False
        self._interrupts = False
        self._repeated = False
        self._since = 0.0

    @property
    def code(self) -> int:
        """The exit code that says so; 0 while no signal came."""
        return 128 + self.number if self.number else 0

    def install(self, *, stays: bool) -> bool:
        """Take the signals, and tell whether that was new. With `stays` they are this program's until it is gone."""
        if self._before or threading.current_thread() is not threading.main_thread():
            return False
        ours = [number for number in HANDLED if signal.getsignal(number) not in {signal.SIG_IGN, None}]
        self._stays, self.number, self._since = stays, 0, 0.0
        self._before = {number: signal.signal(number, self._arrived) for number in ours}
        return True

    def over(self) -> None:
        """The work is done: from now on a signal changes nothing, or has the handler it had before."""
        before, self._before = self._before, {}
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if self._stays else handler)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """A context in which a signal, also one that came before, raises `Terminated`."""
        before, self._interrupts = self._interrupts, True
        try:
            if self.number and not before:
                raise Terminated(self.number)
            yield
        finally:
            self._interrupts = before

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A context that no signal interrupts, for short work that must be whole. Raises `Terminated` at its end.

        Signals interrupt the main thread alone, so in any other this changes nothing.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before, self._interrupts = self._interrupts, False
        try:
            yield
        finally:
            self._interrupts = before
        if self.number and before:
            raise Terminated(self.number)

    def _arrived(self, number: int, frame: FrameType | None) -> None:
        del frame
        now = time.monotonic()
        if not self.number:
            self.number, self._since = number, now
            self.heard()
            if self.insists:
                # Not by threading: whatever the signal met may hold its locks.
                _thread.start_new_thread(self._insist, (now,))
        elif self._repeated:
            self._repeated = False
        elif now - self._since > ECHO:
            self._at_once()
        else:
            return
        if self._interrupts:
            raise Terminated(self.number)

    def _insist(self, since: float) -> None:
        time.sleep(LOST)
        if self._before and self._interrupts:
            self._repeated = True
            _interrupt_main(self.number)
        time.sleep(LAST - LOST)
        if self.insists and self._since == since and (self._before or self._stays):  # and nobody goes on without us
            said = threading.Event()
            _thread.start_new_thread(self._say, (said,))
            said.wait(LAST - LOST)
            os._exit(self.code)

    def _say(self, said: threading.Event) -> None:
        try:
            self.last_words()
        finally:
            said.set()

    def _at_once(self) -> None:
        import shutil  # noqa: PLC0415 (it takes longer than all the rest, and few ask twice)

        for path in list(self.unfinished):
            with suppress(OSError):
                shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        os._exit(self.code)


def _interrupt_main(number: int) -> None:
    """Have the main thread meet a signal: where it can be sent to a thread, also one that waits in the kernel."""
    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, number)
    else:
        _thread.interrupt_main(signal.Signals(number))


SIGNALS = Signals()
UNWRITTEN: list[str] = []
"""Why something could not be printed; nothing ends for it."""
