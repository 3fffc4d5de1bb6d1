"""What a dump lacks, made on the throw-away server: roles, tablespaces, the database's own properties, states."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive
from rollproof.model.names import sql_name
from rollproof.server.connection import Connection
from rollproof.system.deadline import Deadline
from rollproof.throwaway.clone import Described, without_mappings
from rollproof.throwaway.cloned_roles import Shared
from rollproof.throwaway.cloned_states import States
from rollproof.throwaway.psql import Psql
from rollproof.throwaway.servers.server import Server
from rollproof.throwaway.source.complaints import MAKE_THEM, left_out
from rollproof.throwaway.tamed import Tamed

NO_TRIGGERS = "SET session_replication_role = replica"  # of events, too, which are there by then
_NAMED = 5  # roles
_ROLES = "SELECT r.rolname::text FROM pg_catalog.pg_roles AS r"


def not_made(roles: Sequence[str]) -> list[str]:
    """Return what to say of roles that a server lacks which others use, too: what names them is restored without them."""
    if not roles:
        return []
    named = ", ".join(map(sql_name, roles[:_NAMED])) + (" …" if len(roles) > _NAMED else "")
    return [
        f"{counted(len(roles), 'role')} ({named}): roles belong to a whole server, and others use this one; {MAKE_THEM}"
    ]


@dataclass(frozen=True)
class Place:
    """The database of this name on a throw-away server; where others use the server, nothing of theirs is touched."""

    server: Server
    database: str

    @property
    def url(self) -> str:
        """The database's address, as the server's own role."""
        return self.server.dsn(self.database)

    @property
    def is_ours(self) -> bool:
        """Whether nobody else uses the server, so that roles may be made on it."""
        return not self.server.shared

    def connect(self, database: str = "") -> psycopg.Connection[Any]:
        """Connect to it, or to another database of the server; names and values are sent as a view reads them."""
        connection = psycopg.connect(self.server.dsn(database or self.database), autocommit=True)
        bare = connection.info.parameter_status("server_encoding") == "SQL_ASCII"
        connection.execute(f"SET client_encoding = {'latin1' if bare else 'utf8'}".encode())
        return connection

    def psql(self, deadline: Deadline) -> Psql:
        """Return what runs scripts on it."""
        return Psql(self.server, self.url, deadline)


@dataclass(frozen=True)
class Furniture:
    """What is asked of the source, and made at a place: before the definitions (`begin`), and after the rows (`finish`)."""

    shared: Shared
    described: Described
    states: States

    @classmethod
    def of(cls, connection: Connection, database: str) -> "Furniture":
        """Ask for it; at the place the database has another name."""
        described = replace(Described.of(connection), name=database)
        return cls(Shared.of(connection, database), described, States.of(connection))

    def begin(self, place: Place) -> list[str]:
        """Make roles, and the empty database anew, like the source; return what could not be made."""
        with place.connect("template1") as admin:
            known = frozenset(str(name) for (name,) in admin.execute(_ROLES))
            lacks = self.shared.make(admin, known) if place.is_ours else self._not_made(known)
            admin.execute(f"DROP DATABASE IF EXISTS {sql_name(place.database)}".encode())
        return lacks + self.described.create(Tamed.on(place.server, trusted=True))

    def _of(self, place: Place) -> Shared:
        """Return what may be set at a place: of a server that others use nothing but what is the database's own."""
        if place.is_ours:
            return self.shared
        own = tuple(each for each in self.shared.settings if each[2].endswith(f" DATABASE {sql_name(place.database)}"))
        return replace(self.shared, settings=own)

    def _not_made(self, known: Container[str]) -> list[str]:
        return not_made([name for _, _, name in self.shared.roles if name not in known])

    def finish(self, place: Place, deadline: Deadline) -> list[str]:
        """Give it its states and properties; return what could not be done. Raises `Inconclusive` if these let nobody in."""
        script = f"{NO_TRIGGERS};\n{self.states.missing}" if self.states.missing else ""
        ran = place.psql(deadline).run(script, is_strict=False)
        lacks = left_out(ran.said, ran.code, place.server.name)
        with place.connect() as admin:
            admin.execute("ANALYZE")
            try:
                lacks += self.states.put(admin, {})
            except psycopg.errors.InsufficientPrivilege as error:
                lacks.append(f"states that only a superuser can set: {error.diag.message_primary}")
            without_mappings(admin)
            lacks += self._of(place).furnish(admin)
        try:
            place.connect().close()
        except psycopg.Error as error:
            raise Inconclusive(f"the settings of the source let nobody into its copy: {error}") from error
        return lacks
