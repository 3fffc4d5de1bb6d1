"""A running server, by a URL whose role may create databases; only databases of ours are dropped."""

import atexit
import os
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.connection import CONNECT_SECONDS, OLDEST, Target
from rollproof.throwaway.servers.databases import Janitor, url_of
from rollproof.throwaway.servers.server import PREFIX, Server, shown

ALLOWED = "SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"


class AdminServer:
    """See `Server`. Only names that begin with `rollproof_` can be created, and only these dropped or copied."""

    bindir: Path | None = None
    log: Path | None = None
    shared = True
    given: str | None = None

    def __init__(self, url: str, target: Target, version: int) -> None:
        self.name = f"PostgreSQL {shown(version)} at {target}"
        self.version = version
        self.url = url
        self._created: dict[str, None] = {}
        self._owner = os.getpid()
        atexit.register(self.stop)

    def dsn(self, database: str) -> str:
        """See `Server`."""
        return url_of(self.url, database)

    def create(self, database: str, template: str | None = None) -> None:
        """See `Server`. Raises `Misuse` for a name that is not plainly ours, or a template we did not make."""
        if not database.startswith(PREFIX) and database != self.given:
            raise Misuse(f"on a server that is not ours a database's name begins with {PREFIX}; {database} does not")
        if template is not None and template not in self._created and template != self.given:
            raise Misuse(f"{template} was not created by this run, so its sessions are not ours to end")
        self._created[database] = None  # before it is there: Ctrl-C may come between
        try:
            Janitor(self.url, database, template).init()
        except psycopg.errors.DuplicateDatabase:
            del self._created[database]
            raise

    def drop(self, database: str) -> None:
        """See `Server`. Raises `Misuse` for a database we did not create."""
        if database not in self._created and database != self.given:
            raise Misuse(f"{database} was not created by this run, so it is not ours to drop")
        Janitor(self.url, database).drop()
        self._created.pop(database, None)

    def left_running(self, database: str) -> str:
        """See `Server`. All that was made on it stays."""
        atexit.unregister(self.stop)
        made = " ".join(f'DROP DATABASE "{name}";' for name in self._created)
        self._created.clear()
        return f"{Target.parse(self.dsn(database))} is still there; to drop what was made: {made}"

    def stop(self) -> None:
        """Drop what is left of ours; the server itself goes on. Raises `Inconclusive` naming what it could not drop."""
        if os.getpid() != self._owner:  # a fork of ours
            return
        atexit.unregister(self.stop)
        failures = []
        for database in list(self._created):
            try:
                self.drop(database)
            except psycopg.Error as error:
                failures.append(f"{database}: {str(error).strip()}")
        if failures:
            raise Inconclusive(f"left behind on {self.name}, drop by hand:\n" + "\n".join(failures))


def reach(url: str, options: Mapping[str, str]) -> Server:
    """Connect and look at the role. Raises `Inconclusive` if it cannot serve, `Misuse` if the URL cannot be read."""
    target = Target.parse(url)
    plain = url.partition("://")[0].partition("+")[0] + "://" + url.partition("://")[2]
    if options:
        raise Inconclusive(f"it would have to run with {', '.join(sorted(options))} set, and it is not ours to set up")
    try:
        known = make_conninfo(**{"connect_timeout": str(CONNECT_SECONDS), **target.parameters})
        with psycopg.connect(known, autocommit=True) as connection:
            [(allowed,)] = connection.execute(ALLOWED).fetchall()
            role, version = connection.info.user, connection.info.server_version
    except psycopg.Error as error:
        raise Inconclusive(str(error).strip()) from error
    if version < OLDEST:
        raise Inconclusive(f"it is PostgreSQL {version // 10000}; 14 or newer is needed")
    if not allowed:
        raise Inconclusive(f'its role may not create databases; a superuser can allow it: ALTER ROLE "{role}" CREATEDB')
    return AdminServer(plain, target, version)
