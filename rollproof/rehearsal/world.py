"""The throw-away database that is rehearsed on: where tools find it, and its states, kept as templates and brought back."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import psycopg
from psycopg.conninfo import conninfo_to_dict

from rollproof.model.errors import Inconclusive
from rollproof.throwaway.around import Around, free, is_held, open_again, unfinished
from rollproof.throwaway.servers.server import Server, fresh_name

_PG = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}

_NO_ROOM = re.compile(
    r"(?:PANIC|FATAL|ERROR): .*(?:No space left on device|could not extend|out of (?:shared )?memory).*"
)
_LOG = 2**16  # bytes of the log's end that are looked at
UNFINISHED = (
    "it left transactions prepared, which were neither committed nor rolled back, and hold what they have locked"
)
GONE = "it dropped or renamed the database that it was given"


@dataclass
class World:
    """A database on a throw-away server. A kept state is a database, too, that nobody connects to.

    With a state is kept what no template brings: the database's own settings, owner and rights, and, on a server that nobody
    else works on, roles, tablespaces and which databases there are.
    """

    server: Server
    database: str = field(default_factory=fresh_name)
    _kept: dict[str, Around | None] = field(default_factory=dict)

    @property
    def kept(self) -> tuple[str, ...]:
        """The states and copies that are kept."""
        return tuple(self._kept)

    @property
    def url(self) -> str:
        """The database's address, as a superuser of the throw-away server, past every proxy."""
        return self.server.dsn(self.database)

    def environment(self, url: str, env: Mapping[str, str]) -> dict[str, str]:
        """Return the `variables` of a tool, and a PATH on which the server's own programs are found where there are no others."""
        programs = [os.environ.get("PATH", os.defpath), *([str(self.server.bindir)] if self.server.bindir else [])]
        return {"PATH": os.pathsep.join(programs), **variables(url, env)}

    def keep(self) -> str:
        """Keep the database as it is; return what `bring_back` and `copy` call this state. Sessions are ended for it.

        Raises `Inconclusive` if it cannot be copied.
        """
        kept = fresh_name()
        with _connected(self.url) as connection:
            around = Around.of(connection)
            if left := unfinished(connection, self.database):
                raise Inconclusive(f"{UNFINISHED}: {', '.join(left)}")
        with _connected(self.server.url) as admin:
            self._create(kept, self.database, around, admin)
        self._kept[kept] = around
        return kept

    def bring_back(self, kept: str) -> None:
        """Put the database into a state that was kept, also if it was dropped or renamed meanwhile."""
        around = self._kept[kept]
        with _connected(self.server.url) as admin:
            open_again(admin, self.database)
            if is_held(admin, self.database):
                with _connected(self.url) as connection:
                    free(connection)
            self.server.drop(self.database)
            if around and not self.server.shared:
                around.put_back(admin)
            self._create(self.database, kept, around, admin)

    def copy(self, kept: str) -> str:
        """Return the URL of a new database that is in a state that was kept; `forget` drops it."""
        made = fresh_name()
        with _connected(self.server.url) as admin:
            self._create(made, kept, self._kept[kept], admin)
        self._kept[made] = None
        return self.server.dsn(made)

    def forget(self, kept: str) -> None:
        """Drop a state that was kept, or a copy of one, by its name."""
        self.server.drop(kept)
        del self._kept[kept]

    def trouble(self) -> str:
        """Return a sentence about why the database cannot be worked with any more; "" if it can."""
        with _connected(self.server.url) as admin:
            asked = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s"
            if not admin.execute(asked, [self.database]).fetchone():
                return GONE
            left = unfinished(admin, self.database)
            return f"{UNFINISHED}: {', '.join(left)}" if left else ""

    def complaint(self) -> str:
        """Return what the server's log says at its end of a disk or a memory that was too small; "" if it says nothing of it."""
        if self.server.log is None or not self.server.log.is_file():
            return ""
        with self.server.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG))
            found = _NO_ROOM.findall(log.read().decode("utf-8", "replace"))
        return f"the throw-away server says: {found[-1].strip()}" if found else ""

    def _create(self, name: str, template: str, around: Around | None, admin: psycopg.Connection) -> None:
        try:
            self.server.create(name, template)
            if around:
                around.furnish(admin, name, self.database, whole_server=not self.server.shared)
        except psycopg.Error as error:
            raise Inconclusive(f"a state of the throw-away database could not be copied: {error}") from error


def _connected(url: str) -> psycopg.Connection:
    connection = psycopg.connect(url, autocommit=True, client_encoding="utf8")
    # which a migration may have set for all that connect
    connection.execute("SET default_transaction_read_only = off; SET statement_timeout = 0; SET lock_timeout = 0")
    return connection


def variables(url: str, env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which a tool finds a database: DATABASE_URL, libpq's own, and `env` with its placeholders filled."""
    known = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
    named = {"url": url, "database": known.get("dbname", ""), **known}
    placed = {name: named.get(name, "") for name in ("url", "host", "port", "user", "password", "database")}
    own = {name: _filled(template, placed) for name, template in env.items()}
    libpq = {variable: known[name] for name, variable in _PG.items() if name in known}
    return {"DATABASE_URL": url, **libpq, **own}


def _filled(template: str, placed: Mapping[str, str]) -> str:
    for name, value in placed.items():
        template = template.replace(f"{{{name}}}", value)
    return template
