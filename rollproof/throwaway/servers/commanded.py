"""A running server whose URL a command prints, and which is gone when the command is ended: a thin clone of DBLab, Neon, ZFS."""

import os
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress

import psutil
import psycopg

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.redaction import secrets_typed
from rollproof.server.connection import Target
from rollproof.system.background import background
from rollproof.system.child_process import kill_group, leashed, terminate_group
from rollproof.system.tail import Tail
from rollproof.throwaway.servers.admin import AdminServer, reach
from rollproof.throwaway.servers.server import NO_KEEPING, Server

_MAKES = 900.0  # seconds until the URL must be there
_DESTROYS = 120.0  # seconds that the command has to destroy the clone


class CommandedServer(AdminServer):
    """See `AdminServer`, and `Server`. Its database `given` is the clone, and may be copied and dropped like those of ours."""

    def __init__(self, reached: AdminServer, given: str, running: "subprocess.Popen[bytes]") -> None:
        super().__init__(_beside(reached, given), Target.parse(reached.url), reached.version)
        self.given = given
        self._running = running

    def left_running(self, database: str) -> str:  # noqa: ARG002 (see `Server`)
        """See `Server`. It cannot."""
        raise Misuse(NO_KEEPING)

    def stop(self) -> None:
        """End the command, which destroys the clone and all that is in it. Raises `Inconclusive` if it does not end."""
        if os.getpid() == self._owner and self._running.returncode is None:
            self._created.clear()
            super().stop()
            end(self._running)


def start(command: str, options: Mapping[str, str]) -> Server:
    """Run the command, and connect where it says. Raises `Inconclusive` if it says nothing, or nobody answers there."""
    running = leashed(command, None, os.environ, {}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        url = _first_line(running)
        reached = reach(url, options)
        assert isinstance(reached, AdminServer)
        reached.stop()
        given = Target.parse(url).parameters.get("dbname", "")
        return CommandedServer(reached, given, running)
    except BaseException as error:
        end(running)
        if isinstance(error, Misuse):
            raise Inconclusive(f"its first line is no URL of a database: {error}") from error
        raise


def end(running: "subprocess.Popen[bytes]") -> None:
    """Ask a command to end, and wait until it has. Raises `Inconclusive` if it has to be killed."""
    if running.stdin:
        running.stdin.close()  # its leash asks all of the group to end; who is asked twice may not finish
    else:
        terminate_group(running)
    deadline = time.monotonic() + _DESTROYS
    try:
        while running.poll() is None or _works(running.pid):
            if time.monotonic() > deadline:
                raise Inconclusive(
                    f"the command of --server exec: has not ended {_DESTROYS:.0f} s after it was asked to (SIGTERM), and was "
                    "killed: what it made may still be there"
                )
            time.sleep(0.05)
    finally:
        kill_group(running)
        running.wait()
        for stream in filter(None, (running.stdout, running.stderr)):
            stream.close()


def _works(group: int) -> bool:
    """Tell whether a process of this group is still at work: the shell that waited for it may be gone before it."""
    if not hasattr(os, "getpgid"):
        return False
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                return True
    return False


def _beside(reached: AdminServer, given: str) -> str:
    """Return the URL of a database of that server which is not the clone: that one is copied and dropped."""
    for name in ("postgres", "template1"):
        with suppress(psycopg.OperationalError):
            psycopg.connect(url := reached.dsn(name)).close()
            if name != given:
                return url
    raise Inconclusive(f"beside {given} there is no database postgres or template1 to connect to")


def _first_line(running: "subprocess.Popen[bytes]") -> str:
    trouble, stream = Tail(running.stderr), running.stdout
    assert stream
    try:
        line = background(stream.readline).result(_MAKES).decode("utf-8", "replace").strip()
    except TimeoutError:
        raise Inconclusive(f"it printed no URL within {_MAKES:.0f} s") from None
    if not line:
        with suppress(subprocess.TimeoutExpired):
            running.wait(1)
        said = secrets_typed([], os.environ).hide("\n".join(trouble.text().strip().splitlines()[-5:]))
        raise Inconclusive(
            f"it ended with exit code {running.returncode} and printed no URL; it said: {said or 'nothing'}"
        )
    Tail(stream)  # whatever it says later is read, so that it never waits for a reader
    return line
