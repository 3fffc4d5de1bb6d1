"""A command of the user's, run on a throw-away database with limits: no question can be answered, and none runs for ever."""

import os
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rollproof.system.child_process import APART, kill_group, terminate_group

_TAIL = 40  # lines of a command's output that are kept
_PATIENCE = 5.0  # seconds between SIGTERM and SIGKILL


@dataclass(frozen=True)
class Ran:
    """A command that was run: its exit `code` as a shell tells it, the `seconds` it took, and the end of what it `said`.

    `trouble` is a sentence about what went wrong beside the exit code: it ran too long, it asked a question, it left processes.
    """

    command: str
    code: int
    seconds: float
    said: str
    trouble: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it ended as it should."""
        return self.code == 0 and not self.trouble


def run(command: str, environment: Mapping[str, str], folder: Path, limit: float) -> Ran:
    """Run a shell command in a folder, for at most `limit` seconds; nothing of it is left when this returns."""
    began = time.monotonic()
    with tempfile.TemporaryFile() as output:
        running = subprocess.Popen(  # noqa: S602 (it is the user's own shell command)
            command,
            shell=True,
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **APART,
        )
        try:
            trouble = _ended(running, limit)
        finally:
            kill_group(running)
            running.wait()
        output.seek(0)
        said = "\n".join(output.read().decode("utf-8", "replace").strip().splitlines()[-_TAIL:])
    return Ran(command, running.returncode, time.monotonic() - began, said, trouble)


def _ended(running: "subprocess.Popen[bytes]", limit: float) -> str:
    try:
        running.wait(limit)
    except subprocess.TimeoutExpired:
        terminate_group(running)
        try:
            running.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        return f"it did not end within {limit:g} s (--step-timeout), and was ended"
    return ""
