"""A command of the user's, run on a throw-away database with limits: no question can be answered, and none runs for ever."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rollproof.model.printable import visible
from rollproof.model.redaction import Secrets, secrets_typed
from rollproof.rehearsal.descendants import MARK, PATIENCE, Descendants, connected, named
from rollproof.rehearsal.questions import question
from rollproof.system.background import background
from rollproof.system.child_process import kill_group, leashed, terminate_group
from rollproof.system.signals import SIGNALS
from rollproof.system.tail import Tail

_TAIL = 40  # lines of a command's output that are kept
_ALONE = 2  # seconds that it has to end when we are gone
_HURRY = 1.0  # and when we are asked to end
_NOT_FOUND = 127  # what a shell says of a command that it cannot start
_SIGNALLED = 128  # what a shell adds to the number of the signal by which a command ended

_FOLDERS = ("PWD", "OLDPWD")  # which are no passwords

# Who starts a command with these would have it find another database; libpq even prefers a service to a host.
_ELSEWHERE = re.compile(
    r"PG(?:HOST|HOSTADDR|PORT|DATABASE|USER|PASSWORD|PASSFILE|SERVICE|SERVICEFILE|SSL\w+|GSS\w+|KRB\w+|REQUIRE\w+|CHANNELBINDING"
    r"|TARGETSESSIONATTRS|LOADBALANCEHOSTS|M(?:IN|AX)PROTOCOLVERSION)|DATABASE_URL|ROLLPROOF_\w+"
)


@dataclass(frozen=True)
class Ran:
    """A command that was run: its exit `code` as a shell tells it, the `seconds` it took, and the end of what it `said`.

    `trouble` is a sentence about what went wrong beside the exit code: it ran too long, it asked a question, it could not be
    started. If it `is_undecided`, that says nothing about the migration. `notes` are things to know. No text holds a password.
    """

    command: str
    code: int
    seconds: float
    said: str
    trouble: str = ""
    is_undecided: bool = False
    notes: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """Whether it ended as it should."""
        return self.code == 0 and not self.trouble

    @property
    def ending(self) -> str:
        """How it ended, in words."""
        if self.code > _SIGNALLED and self.code - _SIGNALLED in signal.valid_signals():
            by = signal.Signals(self.code - _SIGNALLED).name
            short = ", as when memory is short" if by == "SIGKILL" else ""
            return f"was ended by a signal ({by}{short})"
        return f"ended with exit code {self.code}"


def run(command: str, environment: Mapping[str, str], folder: Path, limit: float) -> Ran:
    """Run a shell command in a folder, for at most `limit` seconds; nothing of it is left when this returns.

    It gets our variables without those that name a database, and those of `environment`.
    """
    began, family, hide = time.monotonic(), Descendants(), _secrets(command, environment).hide
    try:
        running = _started(command, {**_inherited(), **environment}, family.mark, folder)
    except OSError as error:
        why = str(error) if folder.is_dir() else f"the folder {folder} is gone"
        return Ran(hide(command), _NOT_FOUND, 0.0, "", f"could not be started: {hide(why)}", is_undecided=True)
    output = Tail(running.stdout)
    slow, left, held = _over(running, family, limit, environment.get("PGPORT", ""))
    seconds, said = time.monotonic() - began, hide(visible(output.text()))
    code = running.returncode if running.returncode >= 0 else _SIGNALLED - running.returncode
    trouble, is_undecided = _trouble(slow, question(said, ended_well=code == 0 and not slow), held)
    notes = (f"left processes running, which were ended: {left}",) if left and not slow else ()
    return Ran(hide(command), code, seconds, _tail(said), trouble, is_undecided, notes)


def _over(running: "subprocess.Popen[bytes]", family: Descendants, limit: float, port: str) -> tuple[str, str, str]:
    """Wait until it is over, and end what is left; return why that was ended, what was left, and what of it held a connection."""
    patience = _HURRY
    try:
        slow, left = _ended(running, family, limit), family.alive
        told = slow, named(left), named(connected(left, port))
        patience = PATIENCE
    finally:
        with SIGNALS.waiting():
            _end(running, family, patience)
    return told


def _secrets(command: str, environment: Mapping[str, str]) -> Secrets:
    known = {**os.environ, **environment}
    pairs = (f"{name}={value}" for name, value in known.items() if name not in _FOLDERS)
    return secrets_typed([*command.split(), *environment.values(), *pairs], known).and_of(secrets_typed([], os.environ))


def _trouble(slow: str, asked: str, held: str) -> tuple[str, bool]:
    """Return what went wrong, and whether that says nothing about the migration."""
    if asked:
        return f"asked a question, and nobody can answer it here: {asked}", True
    if slow or not held:
        return slow, False
    return f"ended, but left a process running that is connected to the database: {held}", True


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not _ELSEWHERE.fullmatch(name)}


def _started(command: str, environment: Mapping[str, str], mark: str, folder: Path) -> "subprocess.Popen[bytes]":
    # The mark is for the command alone: the leash beside it ends when all others have.
    return leashed(
        command,
        folder,
        environment,
        {MARK: mark},
        kill_after=_ALONE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def _ended(running: "subprocess.Popen[bytes]", family: Descendants, limit: float) -> str:
    """Wait for its end, in a thread: that comes as soon as it is there, and a signal to us interrupts it."""
    ended = background(running.wait)
    try:
        ended.result(limit)
    except TimeoutError:
        terminate_group(running)
        family.end()
        return f"did not end within {limit:g} s (--step-timeout), and was ended"
    return ""


def _end(running: "subprocess.Popen[bytes]", family: Descendants, patience: float) -> None:
    family.end(patience)
    kill_group(running)
    running.wait()
    if running.stdin:
        with suppress(OSError):
            running.stdin.close()


def _tail(said: str) -> str:
    return "\n".join(said.strip().splitlines()[-_TAIL:])
