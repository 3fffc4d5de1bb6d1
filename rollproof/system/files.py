"""Reading files that a user named (regular files only, up to a size), and replacing files atomically."""

import contextlib
import errno
import os
import stat
import tempfile
from pathlib import Path

from rollproof.system.signals import SIGNALS

_KINDS = {
    stat.S_IFIFO: "it is a pipe",
    stat.S_IFSOCK: "it is a socket",
    stat.S_IFDIR: "it is a folder",
    stat.S_IFCHR: "it is a device",
    stat.S_IFBLK: "it is a device",
}


def contents(path: Path, most: int) -> bytes:
    """Return the bytes of a regular file, which a symbolic link may name, of at most `most` bytes.

    Raises `OSError`, whose `strerror` says why, for anything else: a pipe or a device would be waited for without end.
    """
    return opened(path, most)[0]


def opened(path: Path, most: int) -> tuple[bytes, os.stat_result]:
    """Return the same, and what the file system says of the very file that was read."""
    try:
        require_regular(path)  # a device may do something when it is merely opened
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0))
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


def replace_file(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step: a reader sees the old file or the new one, never half of it."""
    with SIGNALS.waiting():
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        SIGNALS.unfinished.add(temporary)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        finally:
            SIGNALS.unfinished.discard(temporary)
