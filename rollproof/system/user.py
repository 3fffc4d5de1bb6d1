"""The operating system's user and machine, not what environment variables say."""

import contextlib
import os
import platform
from pathlib import Path
from typing import Any

pwd: Any
try:
    import pwd
except ImportError:  # not a POSIX system
    pwd = None

_POSIX: Any = os  # what other systems have not is asked for first


def user() -> str:
    """Return the name of the user; of one that has none, as in many containers, the number. Behind sudo, both names."""
    ours = identity()
    if ours is None:
        return os.environ.get("USERNAME", "")
    name = str(ours[0])
    with contextlib.suppress(KeyError):
        name = pwd.getpwuid(ours[0]).pw_name if pwd else name
    before = os.environ.get("SUDO_USER", "")
    return f"{name} (sudo by {before})" if before and before != name else name


def identity() -> tuple[int, int] | None:
    """Return the numbers of the user and the group that this process acts as; None where there are none, as on Windows."""
    return (_POSIX.geteuid(), _POSIX.getegid()) if hasattr(os, "geteuid") else None


def is_root() -> bool:
    """Tell whether we may become any user, and give files away."""
    return (identity() or (1, 1))[0] == 0


def account(name: str) -> tuple[int, int] | None:
    """Return the numbers of a user and the user's group; None if there is no such user."""
    try:
        known = pwd.getpwnam(name) if pwd else None
    except KeyError:
        return None
    return (known.pw_uid, known.pw_gid) if known else None


def give(path: Path, user: int, group: int) -> None:
    """Give a file or folder to another user; who is not root has nobody to give it to, and keeps it."""
    if is_root():
        _POSIX.chown(path, user, group)


def machine() -> str:
    """Return the name of this machine; "" if it has none."""
    return platform.node()


def user_at_machine() -> str:
    """Return both as one word: `root@build-7`."""
    return f"{user()}@{machine()}"
