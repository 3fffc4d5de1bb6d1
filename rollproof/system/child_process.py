"""A child process (pg_dump, say) that ends when we do, by whatever signal, and is killed if it does not end when asked."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO

# The shell holds the other end of a pipe of ours, which the kernel closes when we are gone. What is started with & would read
# from /dev/null, so the pipe is its third file.
_HOLDING = """
exec 3<&0 </dev/null
"$@" 3<&- &
program=$!
(read -r never <&3; kill "$program") >/dev/null 2>&1 &
leash=$!
exec 3<&-
wait "$program"
code=$?
kill "$leash" 2>/dev/null
exit "$code"
"""


class ChildProcess:
    """A child process in a session of its own: Ctrl-C and Ctrl-Z at the terminal are for us and must not stop it."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], output: IO[bytes], trouble: IO[bytes]
    ) -> None:
        self._running = subprocess.Popen(  # noqa: S603 (the words after the script are its arguments)
            ["/bin/sh", "-c", _HOLDING, "rollproof's leash", *command],
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=trouble,
            start_new_session=True,
        )

    def wait(self, seconds: float) -> int | None:
        """Return its exit code, as a shell tells it; None if it still runs after so many seconds."""
        try:
            return self._running.wait(max(0, seconds))
        except subprocess.TimeoutExpired:
            return None

    def end(self, seconds: float) -> None:
        """Send SIGTERM, on which pg_dump cancels its query; after `seconds` send SIGKILL."""
        if self._running.stdin:
            with suppress(OSError):
                self._running.stdin.close()
        if self.wait(seconds) is None:
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
