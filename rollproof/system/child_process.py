"""Child processes that end when we do, by whatever signal, and are killed if they do not end when asked.

On Windows they are ended when we end in order; one whose parent was killed goes on to its own end.
"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

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
# The same for a shell command and all that it starts in its group: it is asked to end, and where seconds are given, killed then.
_HOLDING_A_GROUP = """
exec 3<&0 </dev/null
command=$1 patience=$2
shift 2
(
    trap '' TERM
    read -r never <&3
    kill -TERM 0
    [ -n "$patience" ] || exit
    sleep "$patience"
    for found in $(grep -lszxF -e "$1" /proc/[0-9]*/environ); do # who has left the group, where the system tells
        found=${found#/proc/}
        kill -KILL "${found%/environ}"
    done
    kill -KILL 0
) >/dev/null 2>&1 &
leash=$!
exec 3<&-
trap : TERM
env "$@" /bin/sh -c "$command"
code=$?
{ kill -KILL "$leash"; wait "$leash"; } 2>/dev/null
exit "$code"
"""
_POSIX: Any = os  # what other systems have not is asked for first
_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
APART: Mapping[str, Any] = (
    {"start_new_session": True}
    if hasattr(os, "setsid")
    else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
)
"""What `subprocess` needs for a child process that Ctrl-C and Ctrl-Z at the terminal do not reach."""


class ChildProcess:
    """A child process in a session of its own: Ctrl-C and Ctrl-Z at the terminal are for us and must not stop it."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], output: IO[bytes], trouble: IO[bytes]
    ) -> None:
        self._leashed = hasattr(os, "killpg")
        leash = ["/bin/sh", "-c", _HOLDING, "rollproof's leash"] if self._leashed else []
        self._running = subprocess.Popen(  # noqa: S603 (the words after the script are its arguments)
            [*leash, *command],
            env=dict(environment),
            stdin=subprocess.PIPE if self._leashed else subprocess.DEVNULL,
            stdout=output,
            stderr=trouble,
            **APART,
        )

    def wait(self, seconds: float) -> int | None:
        """Return its exit code, as a shell tells it; None if it still runs after so many seconds."""
        try:
            return self._running.wait(max(0, seconds))
        except subprocess.TimeoutExpired:
            return None

    def end(self, seconds: float) -> None:
        """Send SIGTERM, on which pg_dump cancels its query; after `seconds` send SIGKILL. On Windows it is killed at once."""
        if self._running.stdin:
            with suppress(OSError):
                self._running.stdin.close()
        if self.wait(seconds if self._leashed else 0) is None:
            kill_group(self._running)
            self._running.wait()


def leashed(
    command: str,
    folder: Path | None,
    environment: Mapping[str, str],
    of_command: Mapping[str, str],
    *,
    kill_after: int | None = None,
    **streams: Any,
) -> "subprocess.Popen[bytes]":
    """Start a shell command that reads nothing; when we are gone, all of its group is asked to end, and killed after some seconds.

    What is `of_command` is in the environment of the command alone. Its end is that of the command, also if that was asked to end
    and takes its time. On Windows it goes on without us.
    """
    posix = hasattr(os, "killpg")
    words = [command, str(kill_after or ""), *(f"{name}={value}" for name, value in of_command.items())]
    return subprocess.Popen(  # noqa: S603 (it is the user's own shell command)
        ["/bin/sh", "-c", _HOLDING_A_GROUP, "rollproof's leash", *words] if posix else command,
        shell=not posix,
        cwd=folder,
        env={**environment} if posix else {**environment, **of_command},
        stdin=subprocess.PIPE if posix else subprocess.DEVNULL,
        **APART,
        **streams,
    )


def terminate_group(running: "subprocess.Popen[bytes]") -> None:
    """Ask a process that was started `APART`, and its children, to end; on Windows the process alone is killed."""
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            _POSIX.killpg(running.pid, signal.SIGTERM)
        else:
            running.terminate()


def kill_group(running: "subprocess.Popen[bytes]") -> None:
    """Kill a process that was started `APART`, and its children; on Windows the process alone."""
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            _POSIX.killpg(running.pid, _KILL)
        else:
            running.kill()
