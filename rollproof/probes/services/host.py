"""The machine of a service, on which commands are run by pytest-testinfra, each under a deadline."""

import os
import shlex
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from textwrap import shorten
from threading import BoundedSemaphore
from typing import IO, Any

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.printable import one_line
from rollproof.model.redaction import Secrets, secrets_typed
from rollproof.settings.service import LOCAL, MANAGERS, Service
from rollproof.system.child_process import kill_group, leashed
from rollproof.system.extras import require

# It shows that a shell was reached: an exit code without it is that of ssh, docker or sudo, and says nothing of the service.
_HERE = "rollproof is here"
_SCRIPT = 'echo "$1"; shift; PATH=$PATH:/usr/local/bin:/usr/sbin:/sbin LC_ALL=C; export PATH LC_ALL; exec "$@"'
_REFUSED = ("sudo:", "doas:")
_NOT_FOUND = (126, 127)  # as a shell says it
_MOST = 2**20  # bytes of what a command says
_SHOWN = 300  # letters of it in a message
_KILL_AFTER = 2
_NOTHING = Secrets(frozenset())
_TURNS: Mapping[str, BoundedSemaphore] = defaultdict(lambda: BoundedSemaphore(4))
"""By host, how many commands are run there at a time: sshd turns away whoever comes while ten others are about to log in."""


@dataclass(frozen=True)
class Said:
    """What a command on a host said: its exit code, and its output, of which messages do not show the `secrets`."""

    code: int
    out: str
    trouble: str
    secrets: Secrets = _NOTHING

    @property
    def words(self) -> str:
        """All of it on one line, as far as a message holds it."""
        whole = self.secrets.hide(" ".join(f"{self.trouble} {self.out}".split()))
        return shorten(one_line(whole), _SHOWN, placeholder=" …") or f"exit code {self.code}, without a word"


class Host:
    """Runs the command of a service's manager where the service is.

    Raises `Misuse` if its address means nothing to pytest-testinfra, or that is not installed.
    """

    def __init__(self, service: Service) -> None:
        require("services", "[[services]]")
        self._service = service
        self._control = shlex.split(service.control or MANAGERS[service.manager])
        self._program = MANAGERS[service.manager]  # messages say no more: `control` may hold a password
        self._secrets = secrets_typed([*self._control, *_passwords(service, self._control)], {})
        self._backend = _backend(service)

    def ask(self, *words: str, seconds: float | None = None) -> Said:
        """Return what the manager's command says to these words.

        Raises `Inconclusive` if nothing can be asked there: within `seconds` (the service's `max_seconds`) there was no answer, the
        machine cannot be reached, there is no such command, or the rights are missing.
        """
        limit = self._service.max_seconds if seconds is None else seconds
        with _TURNS[self._service.host]:
            said = self._run(words, limit)
        if said.code in _NOT_FOUND:
            raise Inconclusive(f"{self._service.where}: `{self._program}` cannot be run there: {said.words}")
        if said.trouble.lstrip().startswith(_REFUSED):
            raise Inconclusive(f"{self._service.where}: `{self._program}` was refused: {said.words}")
        return said

    def _run(self, words: Sequence[str], seconds: float) -> Said:
        script = shlex.join(["/bin/sh", "-c", _SCRIPT, "sh", _HERE, *self._control, *words])
        self._backend.run_local = _within(self._backend, seconds)
        try:
            result = self._backend.run(script)
        except TimeoutError:
            raise Inconclusive(
                f"{self._service.where}: `{self._program} {shlex.join(words)}` did not answer within {seconds:g} s"
            ) from None
        except RuntimeError as error:  # so it tells that ssh did not get there
            result = error.args[0]
        out, trouble = (each.decode("utf-8", "replace") for each in (result.stdout_bytes, result.stderr_bytes))
        _, reached, answer = out.partition(f"{_HERE}\n")
        if not reached:
            raise Inconclusive(
                f"{self._service.where}: its host cannot be asked: {Said(result.rc, out, trouble, self._secrets).words}"
            )
        return Said(result.rc, answer, trouble, self._secrets)


def _passwords(service: Service, control: Sequence[str]) -> Iterator[str]:
    """Yield the passwords of supervisorctl's `-p`, as its long option has them."""
    for word, following in pairwise([*control, ""]):
        if service.manager == "supervisor" and word.startswith("-p"):
            yield f"--password={word.removeprefix('-p') or following}"


def _backend(service: Service) -> Any:
    from testinfra.backend import get_backend  # type: ignore[import-untyped] # noqa: PLC0415 (of an extra)

    address = f"{LOCAL}://" if service.host == LOCAL else service.host
    # Nobody answers a question of ssh's; and a connection that stays open would outlive us.
    of_ssh = {"ssh_extra_args": "-o BatchMode=yes", "controlpersist": 0, "timeout": max(1, int(service.max_seconds))}
    try:
        return get_backend(address, **(of_ssh if address.startswith("ssh:") else {}))
    except (ValueError, RuntimeError) as error:
        raise Misuse(f"{service.where}: its host cannot be read as an address: {error}") from error


def _within(backend: Any, seconds: float) -> Callable[..., Any]:
    """Return what runs a command on this machine in place of pytest-testinfra's own way, which waits for ever.

    It has neither a terminal, at which ssh or sudo could ask for a password, nor pipes, which a daemon that it starts would hold.
    """

    def run_local(command: str, *args: str) -> Any:
        whole = backend.quote(command, *args)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as trouble:
            running = leashed(whole, None, os.environ, {}, kill_after=_KILL_AFTER, stdout=out, stderr=trouble)
            try:
                code = _end(running, seconds)
            finally:
                if running.stdin:
                    with suppress(OSError):
                        running.stdin.close()
            return backend.result(code, whole.encode("utf-8", "replace"), _read(out), _read(trouble))

    return run_local


def _end(running: "subprocess.Popen[bytes]", seconds: float) -> int:
    """Return the exit code. Raises `TimeoutError` if it has not ended by then, and kills it."""
    began = time.monotonic()
    try:
        return running.wait(seconds)
    except subprocess.TimeoutExpired:
        raise TimeoutError(time.monotonic() - began) from None
    finally:
        if running.poll() is None:
            kill_group(running)
            running.wait()


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(_MOST)
