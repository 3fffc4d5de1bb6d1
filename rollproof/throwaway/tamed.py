"""A throw-away server on which a script may be anybody's: it is run by a role that can reach nothing but the database.

A definition may call code of whoever wrote it, and a superuser's code could run programs on the machine of the throw-away server,
which is this one. So no role of the clone is a superuser or may touch the server's files, the server's own role takes another
name, and scripts are run by a role that is a member of all others.
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.model.names import sql_name
from rollproof.throwaway.servers.server import Server, fresh_name

NEEDS_MORE = re.compile(
    r"must be superuser|permission denied|[Oo]nly superusers?|must be (?:a )?(?:superuser|owner)|superuser"
)
"""What PostgreSQL says to a role that is no superuser."""
TRUST = "what needs a superuser (--trust-functions brings it, if both the database and the reference are your own)"

_REACHING = ("pg_execute_server_program", "pg_read_server_files", "pg_write_server_files")
# Not only from their members: until 16 whoever may create roles can grant these to himself.
_UNREACH = """
WITH gone AS (DELETE FROM pg_catalog.pg_authid WHERE rolname = ANY (%s) RETURNING oid)
DELETE FROM pg_catalog.pg_auth_members WHERE roleid IN (SELECT gone.oid FROM gone)
"""
_OTHERS = """
SELECT r.rolname::text FROM pg_catalog.pg_roles AS r
WHERE NOT starts_with(r.rolname::text, 'pg_') AND r.rolname <> ALL (%s)
"""
_PLACES = "SELECT t.spcname::text FROM pg_catalog.pg_tablespace AS t WHERE t.spcname <> 'pg_global'"
_PUBLIC_IS_THE_OWNERS = 150000
_OPENING = """
CREATE FUNCTION pg_catalog.{open}() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    EXECUTE (
        SELECT pg_catalog.string_agg(pg_catalog.format('GRANT CREATE, USAGE ON SCHEMA %s TO {creator}', c.object_identity), '; ')
        FROM pg_catalog.pg_event_trigger_ddl_commands() AS c
    );
END
$$;
CREATE EVENT TRIGGER {open} ON ddl_command_end WHEN TAG IN ('CREATE SCHEMA') EXECUTE FUNCTION pg_catalog.{open}();
"""


@dataclass(frozen=True)
class Tamed:
    """The roles of ours on a server: `admin` for us, a superuser; `actor`, who runs scripts; `creator`, a group of all others.

    Where scripts are `trusted` there are none but the server's own.
    """

    server: Server
    admin: dict[str, str]
    actor: dict[str, str]
    creator: str
    names: frozenset[str]
    trusted: bool = False

    @classmethod
    def on(cls, server: Server, *, trusted: bool) -> "Tamed":
        """Prepare a server that was just started."""
        own = str(conninfo_to_dict(server.dsn("postgres"))["user"])
        if trusted:
            return cls(server, {}, {}, "", frozenset(), trusted=True)
        admin, actor, creator, first = (fresh_name() for _ in range(4))
        words = {name: {"user": name, "password": secrets.token_hex(16)} for name in (admin, actor)}
        with psycopg.connect(server.dsn("template1"), autocommit=True) as connection:
            _run(connection, f"CREATE ROLE {admin} SUPERUSER LOGIN PASSWORD '{words[admin]['password']}'")
        tamed = cls(server, words[admin], words[actor], creator, frozenset([admin, actor, creator, first]))
        with tamed.connect("template1") as connection:
            _run(connection, f"ALTER ROLE {sql_name(own)} RENAME TO {first}")
            _run(
                connection,
                f"CREATE ROLE {actor} LOGIN CREATEROLE CREATEDB BYPASSRLS PASSWORD '{words[actor]['password']}'",
            )
            _run(connection, f"CREATE ROLE {creator}")
        return tamed

    @property
    def kept(self) -> frozenset[str]:
        """The roles that are not to be touched: those of ours, or the server's own."""
        return self.names or frozenset([str(conninfo_to_dict(self.server.dsn("postgres"))["user"])])

    def url(self, database: str) -> str:
        """Return the address for us."""
        return make_conninfo(self.server.dsn(database), **self.admin)

    def url_for_scripts(self, database: str) -> str:
        """Return the address for scripts."""
        return make_conninfo(self.server.dsn(database), **self.actor)

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """Connect as a superuser of ours."""
        return psycopg.connect(self.url(database), autocommit=True, client_encoding="utf8")

    def tame(self) -> None:
        """Take from all roles what reaches beyond a database, and make the actor a member of each."""
        if self.trusted:
            return
        with self.connect("template1") as admin:
            admin.execute(_UNREACH, [list(_REACHING)])
            for (name,) in admin.execute(_OTHERS, [list(self.names)]).fetchall():
                role = sql_name(name)
                _run(admin, f"ALTER ROLE {role} NOSUPERUSER")
                _run(admin, f"GRANT {role} TO {self.actor['user']} WITH ADMIN OPTION")
                _run(admin, f"GRANT {self.creator} TO {role}")
            _run(admin, f"GRANT {self.creator}, pg_read_all_data, pg_write_all_data TO {self.actor['user']}")
            for (name,) in admin.execute(_PLACES).fetchall():
                _run(admin, f"GRANT CREATE ON TABLESPACE {sql_name(name)} TO {self.creator}")

    def open(self, database: str) -> None:
        """Let every role own things in an empty database; whatever schema comes, too."""
        if self.trusted:
            return
        with self.connect(database) as admin:
            actor = self.actor["user"]
            _run(admin, f"ALTER DATABASE {sql_name(database)} OWNER TO {actor}")
            _run(admin, f"GRANT CREATE, TEMPORARY, CONNECT ON DATABASE {sql_name(database)} TO {self.creator}")
            if admin.execute("SELECT to_regnamespace('public')").fetchone() != (None,):
                _run(admin, f"GRANT CREATE, USAGE ON SCHEMA public TO {self.creator}")
                if admin.info.server_version < _PUBLIC_IS_THE_OWNERS:
                    _run(admin, f"ALTER SCHEMA public OWNER TO {actor}")
            admin.execute("SET allow_system_table_mods = on")
            _run(admin, _OPENING.format(open=min(self.names), creator=self.creator))

    def is_ours(self, texts: Iterable[str | None]) -> bool:
        """Tell whether one of these texts names a role or a thing of ours."""
        return any(name in text for text in texts if text for name in self.names)


def _run(admin: psycopg.Connection[Any], statement: str) -> None:
    admin.execute(sql.SQL(statement))  # of names that are quoted, and words of ours
