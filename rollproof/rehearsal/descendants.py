"""The processes that a command started, also those that left its group and its session: a mark in their environment tells them."""

import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

# psutil is imported where it is used: a production host has it not.

MARK = "ROLLPROOF_STEP"
"""The variable that holds the mark."""
PATIENCE = 5.0
"""Seconds between SIGTERM and SIGKILL."""
_LOOKS = 4
_CLOCKS = 2.0  # seconds by which the system's clock of processes may differ from ours


@dataclass(frozen=True)
class Descendants:
    """The processes of one command: all that were started with its `mark`, and none that was there before."""

    mark: str = field(default_factory=lambda: secrets.token_hex(8))
    since: float = field(default_factory=time.time)

    @property
    def alive(self) -> "list[psutil.Process]":
        """Those that run. A corpse, which waits for a parent that may never look, is not one of them."""
        import psutil  # noqa: PLC0415

        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if self._is_ours(process) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def _is_ours(self, process: "psutil.Process") -> bool:
        if process.create_time() < self.since - _CLOCKS:
            return False
        for _ in range(_LOOKS):
            if (environment := process.environ()) or process.cmdline():
                return environment.get(MARK) == self.mark
            time.sleep(0.002)  # it is becoming another program, and has neither just now
        return False

    def end(self, patience: float = PATIENCE) -> None:
        """Ask them to end, and kill those that do not within so many seconds."""
        deadline = time.monotonic() + patience
        asked: set[int] = set()
        # Once more where any was: one that begins as another ends may have been missed.
        while left := self.alive or (asked and self.alive):
            late = time.monotonic() > deadline
            _signal((process for process in left if late or process.pid not in asked), kill=late)
            asked |= {process.pid for process in left}
            if late and time.monotonic() > deadline + PATIENCE:
                return  # what the kernel itself holds
            time.sleep(0.02)


def named(processes: "Iterable[psutil.Process]") -> str:
    """Return their names, for people; "" for none."""
    return ", ".join(sorted(set(_known(processes, lambda each: [each.name()]))))


def connected(processes: "Iterable[psutil.Process]", port: str) -> "list[psutil.Process]":
    """Return those that have a connection to this port."""
    return [each for each in processes if port in _known([each], _ports)]


def _ports(process: "psutil.Process") -> list[str]:
    return [str(each.raddr.port) for each in process.net_connections("tcp") if each.raddr]


def _known(processes: "Iterable[psutil.Process]", ask: "Callable[[psutil.Process], list[str]]") -> Iterator[str]:
    """Yield what is known of those that are still there."""
    import psutil  # noqa: PLC0415

    for process in processes:
        with suppress(psutil.Error):
            yield from ask(process)


def _signal(processes: "Iterable[psutil.Process]", *, kill: bool) -> None:
    import psutil  # noqa: PLC0415

    for process in processes:
        with suppress(psutil.Error):
            process.kill() if kill else process.terminate()
