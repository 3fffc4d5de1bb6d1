"""The directory of a throw-away server, and the operating system's user that it runs as."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rollproof.model.errors import Inconclusive
from rollproof.system.child_process import APART
from rollproof.system.user import account, give, identity, is_root
from rollproof.throwaway.servers import reaper, room

MEMORY = Path("/dev/shm")  # noqa: S108 (mkdtemp makes the directory in it)
ROOMY = 512 * 1024**2
"""Bytes that it must have free; containers often give 64 MiB, which is not enough."""


@dataclass(frozen=True)
class ServerUser:
    """The operating system's user that a server runs as."""

    name: str
    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program as this user, in a directory that everybody may enter."""
        dropped = {"user": self.uid, "group": self.gid, "extra_groups": []} if is_root() else {}
        return {"cwd": "/", **dropped}


def server_user() -> ServerUser:
    """Return ourselves; for root, whom PostgreSQL refuses, `postgres` or `nobody`. Raises `Inconclusive` without these."""
    ours = identity()
    if ours is None:
        raise Inconclusive("this version starts throw-away servers on Linux and macOS; here, start one yourself")
    if ours[0] != 0:
        return ServerUser("ourselves", *ours)
    for name in ("postgres", "nobody"):
        if known := account(name):
            return ServerUser(name, *known)
    raise Inconclusive("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as")


class DataDirectory:
    """A directory of ours, in which `home` belongs to the server's user. It is removed when we end, even by SIGKILL.

    The outer directory stays ours: if we are root, the server's user must not be able to replace what we run in there.
    """

    def __init__(self, parent: Path, server_user: ServerUser) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=f"{reaper.PREFIX}{os.getpid()}-", dir=parent))
        try:
            self._lock: int | None = reaper.lock(self.path)
            self._reaper = self._watch()
            (self.path / reaper.NOTE).write_text("A PostgreSQL of rollproof lives here, and is removed by it.\n")
            self.path.chmod(0o711)  # to pass through, not to look around
            self.home = self.path / "home"
            self.home.mkdir(mode=0o700)
            give(self.home, server_user.uid, server_user.gid)
        except BaseException:
            shutil.rmtree(self.path, ignore_errors=True)
            raise

    def leave(self) -> None:
        """End the server and remove the directory. The second time does nothing."""
        reaper.clear(self.path)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
            self._reaper.wait()

    def let_go(self) -> None:
        """Let the server live on, and its directory with it: nobody removes them but who is told where they are."""
        (self.path / reaper.NOTE).unlink()
        self._reaper.kill()
        self._reaper.wait()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _watch(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # noqa: S603 (this very Python)
            [sys.executable, reaper.__file__, str(self.path)],
            cwd="/",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **APART,
        )


def place(server_user: ServerUser, *, executable: bool) -> Path:
    """Return the fastest folder in which the server's user may keep a server, and, if asked for, run programs.

    First all are swept of what dead runs left. Raises `Inconclusive` if there is none.
    """
    folders = list(dict.fromkeys(map(Path.resolve, _folders())))
    for folder in folders:
        reaper.sweep(folder)
    for folder in folders:
        if _fits(folder, server_user) and not (executable and _forbids_programs(folder)):
            return folder
    named = ", ".join(map(str, folders))
    if wanted := room.wanted():
        raise Inconclusive(
            f"no room for a database of {wanted / 1e9:,.1f} GB, and {room.COPIES} times as much is needed: not in {named}\n"
            "TMPDIR can name a folder on a larger disk; --sample ROWS and --schema-only copy less"
        )
    raise Inconclusive(f"the user {server_user.name} can use none of {named} for a server")


def _folders() -> Iterator[Path]:
    yield MEMORY
    yield Path(tempfile.gettempdir())
    yield from (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 (mkdtemp; root's TMPDIR may be closed to the server's user)


def _fits(folder: Path, server_user: ServerUser) -> bool:
    if not os.access(folder, os.W_OK):
        return False
    needed = room.COPIES * room.wanted()
    least = ROOMY + 2 * needed if folder == MEMORY else needed  # of memory at most a half: others live there, too
    if least and shutil.disk_usage(folder).free < least:
        return False
    enter = ["/bin/sh", "-c", 'cd "$0"', str(folder)]
    try:
        return subprocess.run(enter, check=False, capture_output=True, **server_user.popen).returncode == 0  # noqa: S603 (fixed)
    except PermissionError as error:
        raise Inconclusive(
            f"PostgreSQL does not run as root, and we may not become the user {server_user.name} "
            "(does the container lack the capabilities SETUID and SETGID?)"
        ) from error


def _forbids_programs(folder: Path) -> bool:
    known: Any = os
    return bool(known.statvfs(folder).f_flag & getattr(os, "ST_NOEXEC", 0))
