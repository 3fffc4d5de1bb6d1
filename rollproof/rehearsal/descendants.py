"""The processes that a command started, also those that left its group and its session: a mark in their environment tells them."""

import secrets
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

MARK = "ROLLPROOF_STEP"
"""The variable that holds the mark."""
_PATIENCE = 5.0  # seconds between SIGTERM and SIGKILL
_LOOKS = 4
_CLOCKS = 2.0  # seconds by which the system's clock of processes may differ from ours


@dataclass(frozen=True)
class Descendants:
    """The processes of one command: all that were started with its `mark`, and none that was there before."""

    mark: str = field(default_factory=lambda: secrets.token_hex(8))
    since: float = field(default_factory=time.time)

    @property
    def alive(self) -> list[psutil.Process]:
        """Those that run. A corpse, which waits for a parent that may never look, is not one of them."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        with suppress(psutil.Error, OSError):
            if process.create_time() < self.since - _CLOCKS or process.status() == psutil.STATUS_ZOMBIE:
                return False
            for _ in range(_LOOKS):
                if (environment := process.environ()) or process.cmdline():
                    return environment.get(MARK) == self.mark
                time.sleep(0.002)  # it is becoming another program, and has neither just now
        return False

    def end(self) -> None:
        """Ask them to end, and kill those that do not within some seconds."""
        deadline = time.monotonic() + _PATIENCE
        asked: set[int] = set()
        # Once more where any was: one that begins as another ends may have been missed.
        while left := self.alive or (asked and self.alive):
            late = time.monotonic() > deadline
            for process in left:
                if late or process.pid not in asked:
                    with suppress(psutil.Error):
                        process.kill() if late else process.terminate()
            asked |= {process.pid for process in left}
            if late and time.monotonic() > deadline + _PATIENCE:
                return  # what the kernel itself holds
            time.sleep(0.02)


def named(processes: list[psutil.Process]) -> str:
    """Return their names, for people."""
    return ", ".join(sorted({name for process in processes if (name := _name(process))}))


def connected(processes: list[psutil.Process], port: str) -> list[psutil.Process]:
    """Return those that have a connection to this port."""
    return [process for process in processes if port and port in _ports(process)]


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.Error:
        return ""


def _ports(process: psutil.Process) -> set[str]:
    try:
        return {str(each.raddr.port) for each in process.net_connections("tcp") if each.raddr}
    except psutil.Error:
        return set()
