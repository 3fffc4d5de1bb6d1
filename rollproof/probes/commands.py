"""Run a command of the user's under a limit, and say what is wrong with how it ended: its status, its tests."""

import os
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from rollproof.model.command_run import CommandRun
from rollproof.model.errors import Inconclusive
from rollproof.model.failure import NotRestored
from rollproof.model.finding import Finding
from rollproof.model.printable import visible
from rollproof.model.redaction import Secrets, secrets_typed
from rollproof.probes.inner_results import inner_results, signature
from rollproof.settings.command import Command
from rollproof.system.background import background
from rollproof.system.child_process import kill_group, leashed
from rollproof.system.deadline import NEVER, Deadline
from rollproof.system.extras import require
from rollproof.system.signals import SIGNALS
from rollproof.system.tail import Tail

CHECK = "commands"
_MARK = "ROLLPROOF_COMMAND"
_OF_PYTEST = "PYTEST_"  # what is meant for the pytest that runs us is not meant for one that the command runs
_FOLDERS = ("PWD", "OLDPWD")  # which are no passwords
_TAIL = 40  # lines of its output that are told
_PATIENCE = 2  # seconds to end in when it is asked to
_NOT_STARTED = (126, 127)  # a shell's words for: not executable, not found
_NO_TESTS = 5  # pytest's


def require_readers(commands: Iterable[Command]) -> None:
    """Raise `Misuse` if a command writes a JUnit file, and the library that reads it is not installed."""
    for command in commands:
        if command.junit is not None:
            require("application", f"`junit` of the command {command.name!r}")


def secrets_of_command(command: Command, environment: Mapping[str, str], known: Secrets) -> Secrets:
    """Return what its output must not show: what is known to be secret, and what its text and its variables call so."""
    pairs = (f"{name}={value}" for name, value in environment.items() if name not in _FOLDERS)
    return known.and_of(secrets_typed([*command.command.split(), *pairs], environment))


def execute(
    command: Command,
    folder: Path,
    environment: Mapping[str, str],
    hide: Callable[[str], str],
    deadline: Deadline = NEVER,
) -> CommandRun:
    """Run it in a folder; when this returns, nothing is left of what it started.

    It reads nothing, and gets our variables but those that are meant for our own pytest. Raises `Inconclusive` if the `deadline`
    came before its own limit.
    """
    file = folder / command.junit if command.junit is not None else None
    before, began = signature(file) if file else None, time.monotonic()
    status, said = _ran(command, folder, environment, min(command.max_seconds, deadline.left))
    if status is None and time.monotonic() - began < command.max_seconds:
        deadline.require()
    cases, trouble = inner_results(file, before, hide) if file else ((), "")
    told = "\n".join(hide(visible(said)).strip().splitlines()[-_TAIL:])
    return CommandRun(command.name, status, time.monotonic() - began, told, cases, trouble)


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a command gets."""
    return {name: value for name, value in environment.items() if not name.startswith(_OF_PYTEST)}


def _ran(command: Command, folder: Path, environment: Mapping[str, str], limit: float) -> tuple[int | None, str]:
    """Return its exit status, None if it had to be ended, and the end of what it printed."""
    mark = secrets.token_hex(16)
    try:
        running = leashed(
            command.command, folder, environment, {_MARK: mark}, kill_after=_PATIENCE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except OSError as error:
        raise Inconclusive(f"the command {command.name!r} could not be started in {folder}: {error.strerror}") from None
    output, slow = Tail(running.stdout), False
    try:
        background(running.wait).result(max(0, limit))
    except TimeoutError:
        slow = True
    finally:
        with SIGNALS.waiting():
            _end(running, mark)
    return None if slow else running.returncode, output.text()


def _end(running: "subprocess.Popen[bytes]", mark: str) -> None:
    """End it, if it still runs, and whatever it left running, also what has left its group."""
    if running.stdin:
        with suppress(OSError):
            running.stdin.close()  # on which its leash asks all of the group to end, and later kills it
    with suppress(subprocess.TimeoutExpired):
        running.wait(_PATIENCE)
    for process in _marked(mark):
        with suppress(OSError):
            os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))
    kill_group(running)
    running.wait()


def _marked(mark: str) -> Iterator[int]:
    """Yield the processes with the command's mark in their environment, where the system tells; none where it does not."""
    for file in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if mark.encode() in file.read_bytes():
                yield int(file.parent.name)


def require_success(command: Command, run: CommandRun, folder: Path) -> None:
    """Raise `NotRestored` with all that is wrong and the end of the output, `Inconclusive` if it could not even be started."""
    if run.status in _NOT_STARTED and run.status != command.status:
        raise Inconclusive(
            f"the command {command.name!r} could not be run: exit status {run.status}, a shell's word for a program that is not"
            f" there, or that may not be run\n{run.said}\nit is run in {folder}; name the program by its path"
        )
    if found := tuple(_faults(command, run)):
        raise NotRestored(found, advice=(f"the end of its output:\n{run.said}",) if run.said else ())


def _faults(command: Command, run: CommandRun) -> Iterator[Finding]:
    """Yield what is wrong; a status that only says that some of its tests failed is not told beside them."""
    bad = [case for case in run.cases if case.is_bad]
    name = f"command {command.name!r}"
    if run.status is None:
        wanted, seen = f"an end within {command.max_seconds:g} s", "none, so it was ended with all that it had started"
        yield Finding(CHECK, command.name, wanted, seen, f"{name}: expected {wanted}, seen {seen}")
    elif run.status != command.status and not bad:
        wanted, seen = f"exit status {command.status}", _status(run.status)
        yield Finding(CHECK, command.name, wanted, seen, f"{name}: expected {wanted}, seen {seen}")
    if run.trouble:
        wanted = f"test results of this run in {command.junit}"
        yield Finding(CHECK, command.name, wanted, run.trouble, f"{name}: expected {wanted}, seen {run.trouble}")
    for case in bad:
        inner = f"{case.group}::{case.name}" if case.group else case.name
        word = "failed" if case.kind == "failure" else "could not be run"
        said = next(iter((case.message or case.text).strip().splitlines()), "")
        sentence = f"{name}: {inner} {word}" + (f": {said}" if said else "")
        yield Finding(CHECK, f"{command.name}: {inner}", "passed", word, sentence)


def _status(status: int) -> str:
    if status == _NO_TESTS:
        return f"exit status {status} (of pytest: no test was run)"
    by = status - 128
    named = f" ({signal.Signals(by).name})" if by > 0 and by in signal.valid_signals() else ""
    return f"exit status {status}{named}"
