"""A rehearsal as shell commands (rehearsal.toml): set up, serve, migrate, roll back, by any migration tool."""

import os
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.failure import NotRestored
from rollproof.probes.endpoints.exchange import ask
from rollproof.probes.endpoints.health import require_healthy
from rollproof.probes.endpoints.request import expand
from rollproof.settings.endpoint import Endpoint
from rollproof.system.child_process import APART, kill_group, terminate_group
from rollproof.system.files import contents
from rollproof.system.signals import SIGNALS

READY_SECONDS = 20
_TAIL = 40  # lines of a failed command's output that are shown


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The commands of one rehearsal; `ready` is a URL that answers 200 once `serve` is up."""

    setup: tuple[str, ...]
    migrate: tuple[str, ...]
    rollback: tuple[str, ...]
    serve: str | None = None
    ready: str | None = None

    @classmethod
    def read(cls, file: Path) -> "Story":
        """Read a story. Raises `Misuse` if the file is no good."""
        try:
            return msgspec.toml.decode(contents(file, 2**20).decode("utf-8-sig"), type=cls)
        except OSError as error:
            raise Misuse(f"the rehearsal {file} cannot be read: {error.strerror}") from error
        except (ValueError, RecursionError) as error:
            raise Misuse(f"the rehearsal {file} cannot be read: {error}") from error


def run(commands: Sequence[str], folder: Path, environment: Mapping[str, str]) -> None:
    """Run shell commands one after the other. Raises `Inconclusive` with the last lines of one that fails."""
    for command in commands:
        done = subprocess.run(  # noqa: S602 (the story is the user's own shell commands)
            command,
            shell=True,
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            lines = (done.stdout + done.stderr).strip().splitlines()[-_TAIL:]
            raise Inconclusive(f"the rehearsal stopped: {command} ended with {done.returncode}\n" + "\n".join(lines))


class Service:
    """A server process of the story, in a process group of its own; `stop` ends all of it."""

    def __init__(self, command: str, ready: str | None, folder: Path, environment: Mapping[str, str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes]
        try:
            with SIGNALS.waiting():  # or there was a process that nobody knows
                self._process = subprocess.Popen(  # noqa: S602 (the same)
                    command,
                    shell=True,
                    cwd=folder,
                    env={**os.environ, **environment},
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    **APART,
                )
            if ready:
                self._wait(expand(Endpoint("ready", ready, max_seconds=2.0), environment))
        except BaseException:
            if hasattr(self, "_process"):
                self.stop()
            raise

    def _wait(self, endpoint: Endpoint) -> None:
        """Poll `ready` until it answers. Raises `Inconclusive` if the process ends, or does not answer in `READY_SECONDS`."""
        end = time.monotonic() + READY_SECONDS
        while True:
            try:
                require_healthy(endpoint, ask(endpoint))
            except NotRestored as error:
                if self._process.poll() is not None:
                    raise Inconclusive(
                        f"{self._command} ended with {self._process.returncode} before it answered"
                    ) from error
                if time.monotonic() > end:
                    raise Inconclusive(f"{self._command} did not answer within {READY_SECONDS} s: {error}") from error
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Send SIGTERM to the process group, after five seconds SIGKILL. The second time does nothing."""
        for end in (terminate_group, kill_group):
            if self._process.poll() is None:
                end(self._process)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                continue
            return


def free_port() -> int:
    """Return a port of the loopback address that is free at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
