"""Reading files that a user named (regular files only, up to a size), and replacing files atomically."""

import contextlib
import errno
import os
import stat
import tempfile
import time
from pathlib import Path

from rollproof.system.signals import SIGNALS

AS_IT_IS = getattr(os, "O_BINARY", 0)
"""A flag for `os.open`: without it Windows stops at a byte 26 and changes the ends of lines."""
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
"""A flag for `os.open`: who could write the folder may have put a link there. Windows gives links to administrators alone."""
BUSY = 2.0
"""Seconds for which a file is tried again that another program has just opened: Windows replaces none that is open."""

_READ = os.O_RDONLY | AS_IT_IS | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_OPEN_ELSEWHERE = (5, 32)  # Windows: access denied, sharing violation
_PAUSE = 0.02
_KINDS = {
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFDIR: "it is a folder",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
}


def from_home(path: str) -> str:
    """Return a path whose `~/` is the home folder: a shell says so only at the beginning of a word, and not in `--output=~/x`."""
    return os.path.expanduser(path) if path.startswith(("~/", "~\\")) else path  # noqa: PTH111 (pathlib raises where there is no home)


def is_there(path: Path) -> bool:
    """Tell whether there is a file or folder of this name, as far as we may look: pathlib raises where we may not."""
    try:
        return path.exists()
    except OSError:
        return False


def contents(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file, which a symbolic link may name, of at most `most` bytes.

    Raises `OSError`, whose `strerror` says why, for anything else: a pipe or a device would be waited for without end.
    """
    return opened(path, most)[0]


def opened(path: Path, most: int) -> tuple[bytes, os.stat_result]:
    """Return the same, and what the file system says of the very file that was read."""
    try:
        require_regular(path)  # a device may do something when it is merely opened
        handle = os.open(path, _READ)
    except ValueError as error:  # a zero byte, or a character that no path can hold
        raise OSError(errno.EINVAL, "no file can have such a name") from error
    with os.fdopen(handle, "rb") as file:
        known = os.fstat(handle)
        _require(known)
        if known.st_size <= most and len(held := file.read(most + 1)) <= most:
            return held, known
    raise OSError(errno.EFBIG, f"it holds more than {most / 2**20:,.0f} MiB, the most that is read of such a file")


def require_regular(path: Path) -> None:
    """Raise `OSError`, whose `strerror` says why, if this is no regular file nor a link to one."""
    _require(path.stat())


def _require(known: os.stat_result) -> None:
    kind = stat.S_IFMT(known.st_mode)
    if kind != stat.S_IFREG:
        raise OSError(errno.EINVAL, f"{_KINDS.get(kind, 'it is something else')}, and only a regular file is read")


def replace_file(path: Path, content: bytes, *, mode: int | None = None) -> None:
    """Put `content` at `path` in one step: a reader sees the old file or the new one, never half of it.

    It is readable by its owner alone, unless a `mode` says who else may read it.
    """
    with SIGNALS.waiting():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        SIGNALS.unfinished.add(temporary)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                if mode is not None and hasattr(os, "fchmod"):
                    os.fchmod(handle, mode)
                file.flush()
                os.fsync(file.fileno())
            put_in_place(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        finally:
            SIGNALS.unfinished.discard(temporary)


def keep_from_others(handle: int) -> None:
    """Make an open file readable by its owner alone; on Windows the folder's own list says who may read it."""
    if hasattr(os, "fchmod"):
        os.fchmod(handle, 0o600)


def is_open_to_others(known: os.stat_result) -> bool:
    """Tell whether others than its owner may read or write a file; on Windows that is not known, and False."""
    return hasattr(os, "geteuid") and bool(known.st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def put_in_place(temporary: Path, path: Path) -> None:
    """Rename a file, in the place of what is there. Raises `OSError`."""
    end = time.monotonic() + BUSY
    while True:
        try:
            temporary.replace(path)
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _OPEN_ELSEWHERE or time.monotonic() > end:
                raise
            time.sleep(_PAUSE)
        else:
            return


def put_or_remove(path: Path, content: bytes | None) -> None:
    """Write a file as `replace_file` does, with the folders above it; None removes it, if it is there. Raises `OSError`."""
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content)
