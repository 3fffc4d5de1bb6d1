"""A lock on an open file, which the system releases when its holder is gone, by whatever end.

On POSIX systems by flock(), on Windows by a lock on one byte; where there is neither, nobody is noticed.
"""

import errno
import importlib
import os
import time
from pathlib import Path
from typing import Any

from rollproof.system.files import NO_LINK

fcntl: Any
try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None

_FAR = 2**31 - 2
"""The byte that is locked on Windows, which keeps everybody else from reading and writing it: one that no file of ours has."""
_PAUSE = 0.01


def lock(held: int) -> None:
    """Lock an open file. Raises `BlockingIOError` if another process holds it, another `OSError` where there are no locks."""
    if fcntl:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        _lock_byte(held)


def wait_and_lock(held: int) -> None:
    """Wait until nobody else holds an open file, and lock it. Raises `OSError` where there are no locks."""
    if fcntl:
        fcntl.flock(held, fcntl.LOCK_EX)
        return
    raise OSError(errno.ENOSYS, "this system cannot wait for a lock")


def hold(file: Path, *, seconds: float = 0) -> int | None:
    """Lock a file, made if it is not there, and return its descriptor, which holds the lock until it is closed.

    Returns 0 if the file system has no locks, None if another process holds the lock for so many seconds.
    """
    held = os.open(file, os.O_RDWR | os.O_CREAT | NO_LINK, 0o600)
    end = time.monotonic() + seconds
    while True:
        try:
            lock(held)
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(held)
                return None
            time.sleep(_PAUSE)
        except OSError:
            os.close(held)
            return 0
        else:
            return held


def _lock_byte(held: int) -> None:
    try:
        system: Any = importlib.import_module("msvcrt")
    except ImportError:
        raise OSError(errno.ENOSYS, "this system has no locks") from None
    os.lseek(held, _FAR, os.SEEK_SET)
    try:
        system.locking(held, system.LK_NBLCK, 1)
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EDEADLK}:
            raise BlockingIOError(error.errno, "another process holds the lock") from error
        raise
