"""What a throw-away server can do, whatever it is."""

import os
import secrets
from pathlib import Path
from typing import Protocol

PREFIX = "rollproof_"
"""How the name of each database of ours begins, so that a person who finds one knows whose it is."""

NO_KEEPING = (
    "--keep: the clone of --server exec: is destroyed when its command ends; to keep it, run the command yourself, and pass the "
    "URL that it prints to --server"
)


class Server(Protocol):
    """A PostgreSQL server to create databases on."""

    name: str
    """For people, without secrets: "embedded PostgreSQL 18.6"."""
    version: int
    """As `server_version_num` has it: 150018."""
    bindir: Path | None
    """Where its pg_dump and the like lie; None if it runs elsewhere."""
    log: Path | None
    """What it logs, in English; None if it cannot be read from here."""

    shared: bool
    """Whether others work on it, too: then only databases of ours are changed, and nothing that all databases share."""
    given: str | None
    """A database that came with it, to be rehearsed on; None if it came with none."""
    url: str
    """The complete URL of a database that is there to connect to."""

    def dsn(self, database: str) -> str:
        """Return a postgresql:// URL that is complete: the password in it is good for nothing else."""

    def create(self, database: str, template: str | None = None) -> None:
        """Create an empty database, or a copy of `template`, whose sessions are ended for it."""

    def drop(self, database: str) -> None:
        """Drop a database that `create` made, ending its sessions; nothing happens if it is gone."""

    def left_running(self, database: str) -> str:
        """Let it run on without us; return, in a sentence, the URL of a database on it, and how to end it. It is not stopped then.

        Raises `Misuse` if it cannot.
        """

    def stop(self) -> None:
        """Leave nothing behind. The second time does nothing."""


def folder_of(server: Server) -> Path | None:
    """Return where files are kept that go with a server of ours, whatever ends us; None if it has no folder here."""
    folder = server.log.parent if server.log else None
    return folder if folder and os.access(folder, os.W_OK) else None


def shown(version: int) -> str:
    """Return `server_version_num` as people write it: 150018 is 15.18."""
    return f"{version // 10000}.{version % 10000}"


def fresh_name() -> str:
    """Return a database name that nobody else uses, on this server or another."""
    return PREFIX + secrets.token_hex(8)
