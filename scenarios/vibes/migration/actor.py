"""Who is at work: the role, and, as far as this machine and the server know, the person behind it."""

import getpass
import os
import socket

from .database import Database

ROLES = "SELECT session_user::text, current_user::text, host(inet_client_addr())"


def actor(database: Database) -> str:
    """Return the operating system's user and machine, the role and the one it became, and whence it came, in one line."""
    session, current, address = database.rows(ROLES)[0]
    parts = [
        f"{_person()}@{socket.gethostname()}",
        f"role {session}" + ("" if current == session else f" as {current}"),
        f"from {address}" if address else "by a local socket",
    ]
    if application := os.environ.get("PGAPPNAME"):
        parts.append(f"for {application}")
    return ", ".join(parts)


def _person() -> str:
    """The operating system's user; in a container that may be a number without a name."""
    if not hasattr(os, "geteuid"):
        return getpass.getuser()
    import pwd  # noqa: PLC0415 - not on Windows; and getpass believes the environment first

    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = str(os.geteuid())
    before = os.environ.get("SUDO_USER")
    return f"{user} (sudo by {before})" if before and before != user else user
