"""The operating system's user and machine, not what environment variables say."""

import contextlib
import os
import platform
import sys


def user() -> str:
    """Return the name of the user; of one that has none, as in many containers, the number. Behind sudo, both names."""
    if sys.platform == "win32":
        return os.environ.get("USERNAME", "")
    import pwd  # noqa: PLC0415 (it is not everywhere)

    name = str(os.geteuid())
    with contextlib.suppress(KeyError):
        name = pwd.getpwuid(os.geteuid()).pw_name
    before = os.environ.get("SUDO_USER", "")
    return f"{name} (sudo by {before})" if before and before != name else name


def machine() -> str:
    """Return the name of this machine; "" if it has none."""
    return platform.node()


def user_at_machine() -> str:
    """Return both as one word: `root@build-7`."""
    return f"{user()}@{machine()}"
