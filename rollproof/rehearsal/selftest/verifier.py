"""Who verifies: the role of --database-url as it is at home, and how it logs in to a throw-away database with the same rights."""

import secrets
from collections.abc import Container
from dataclasses import dataclass
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.names import sql_name
from rollproof.rehearsal.selftest.superuser import superuser
from rollproof.rehearsal.world import World
from rollproof.server.connection import Connection, Target, connect
from rollproof.throwaway.cloned_roles import Shared
from rollproof.throwaway.servers.server import Server, fresh_name

_WHO = """
SELECT session_user::text, current_user::text, (SELECT r.rolname::text FROM pg_catalog.pg_roles AS r WHERE r.oid = 10)
"""
_ROLES = "SELECT r.rolname::text, r.rolsuper FROM pg_catalog.pg_roles AS r"


@dataclass(frozen=True)
class Verifier:
    """The role that logs `in_as`, works `as_role` (another one after SET ROLE), with `options` of its sessions.

    `first` is the name of the server's first superuser at home, "" where nobody could be asked; `shared` are the roles there.
    Without a database to verify all names are "": the throw-away server's own superuser verifies.
    """

    in_as: str = ""
    as_role: str = ""
    options: str = ""
    first: str = ""
    shared: Shared | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, url: str | None) -> "Verifier":
        """Ask the database to verify, else take the name in its address. Raises `Inconclusive` if neither tells who verifies."""
        if not url:
            return cls(notes=("no --database-url: a superuser verifies, who may read everything",))
        target = Target.parse(url)
        options = target.parameters.get("options", "")
        try:
            with connect(target) as connection:
                connection.execute(
                    b"SET statement_timeout = '60s'"
                )  # which the database may have set to what is enough for nobody
                connection.execute(b"SET client_encoding = 'UTF8'")  # else names in SQL_ASCII come as bytes
                [(in_as, as_role, first)] = connection.execute(_WHO.encode()).fetchall()
                return cls(str(in_as), str(as_role), options, str(first), Shared.of(connection))
        except Inconclusive:
            if not (name := target.parameters.get("user")):
                raise
            note = f"--database-url was not reached; role {sql_name(name)} may do what --source says it may"
            return cls(name, name, options, notes=(note,))

    def furnish(self, server: Server, *, made_by_source: bool) -> None:
        """Prepare the roles of a server of ours: its first superuser is called as at home, where that one may be no superuser.

        Where the source tells nothing of roles but their names, they are made as they are at home.
        """
        own = str(conninfo_to_dict(server.url)["user"])
        if self.first and self.first != own:
            _rename(server, own, self.first)
        if self.shared and not made_by_source:
            with psycopg.connect(server.url, autocommit=True) as admin:
                self.shared.make(admin, frozenset(_known(admin)))

    def url(self, world: World) -> str:
        """Return the address of the throw-away database for this role, which gets a password of ours.

        Raises `Misuse` if the role is not there, `Inconclusive` if it cannot log in.
        """
        options = {"options": self.options} if self.options else {}
        if self.in_as in ("", conninfo_to_dict(world.url)["user"]):
            return _open(make_conninfo(world.url, **options), self.in_as)
        password = secrets.token_hex(16)
        with superuser(world) as admin:
            self._require_roles(_known(admin))
            login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {} VALID UNTIL 'infinity'")
            admin.execute(login.format(sql.Identifier(self.in_as), sql.Literal(password)))
        return _open(make_conninfo(world.url, user=self.in_as, password=password, **options), self.in_as)

    def is_superuser(self, world: World) -> bool:
        """Whether the role is one on the throw-away server, too."""
        with superuser(world) as admin:
            return self.as_role == "" or _known(admin).get(self.as_role, False)

    def _require_roles(self, known: Container[str]) -> None:
        for name in (self.in_as, self.as_role):
            if name not in known:
                raise Misuse(
                    f"the role {sql_name(name)} of --database-url is not in the copy: the source does not name it\n"
                    "the database of --database-url must be reachable, so that the role is made as it is there; or name a role "
                    "that the source has"
                )


def _known(admin: Connection) -> dict[str, bool]:
    return {str(name): bool(is_super) for name, is_super in admin.execute(_ROLES.encode()).fetchall()}


def _open(url: str, role: str) -> str:
    """Return the address if somebody may enter there."""
    try:
        psycopg.connect(url).close()
    except psycopg.Error as error:
        raise Inconclusive(f"the role {sql_name(role)} cannot log in to the copy of the database: {error}") from error
    return url


def _rename(server: Server, own: str, name: str) -> None:
    """Rename the server's own superuser, who cannot do it himself."""
    helper, password = fresh_name(), secrets.token_hex(16)
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {helper} SUPERUSER LOGIN PASSWORD '{password}'".encode())
    with psycopg.connect(make_conninfo(server.url, user=helper, password=password), autocommit=True) as admin:
        admin.execute(f"ALTER ROLE {sql_name(own)} RENAME TO {sql_name(name)}".encode())
        admin.execute(f"ALTER ROLE {sql_name(name)} PASSWORD '{password}'".encode())
    scheme, _, rest = server.url.partition("://")
    server.url = f"{scheme}://{quote(name, safe='')}:{password}@{rest.rpartition('@')[2]}"
    with psycopg.connect(server.url, autocommit=True) as admin:
        admin.execute(f"DROP ROLE {helper}".encode())
