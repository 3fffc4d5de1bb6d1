"""What a template of a database does not bring: its own settings, owner and rights, and what all databases of a server share.

It is kept with a state of a database, and put back with it.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import psycopg
from psycopg import sql

from rollproof.server.connection import Connection
from rollproof.throwaway.cloned_roles import Shared
from rollproof.throwaway.servers.server import PREFIX

_DATABASES = "SELECT datname::text FROM pg_catalog.pg_database"
_MEMBERS = """
SELECT format('REVOKE %I FROM %I', g.rolname, r.rolname)
FROM pg_catalog.pg_auth_members AS m
JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
JOIN pg_catalog.pg_roles AS r ON r.oid = m.member
WHERE NOT (starts_with(g.rolname::text, 'pg_') AND starts_with(r.rolname::text, 'pg_'))
"""
_PASSWORDS = """
SELECT format('ALTER ROLE %I PASSWORD %L', rolname, rolpassword) FROM pg_catalog.pg_authid WHERE rolname !~ '^pg_' ORDER BY rolname
"""
_REMARKS = """
SELECT format('COMMENT ON ROLE %I IS %L', r.rolname, pg_catalog.shobj_description(r.oid, 'pg_authid'))
FROM pg_catalog.pg_roles AS r
WHERE r.rolname !~ '^pg_'
ORDER BY r.rolname
"""
_ENDLESS = """
SELECT format('UPDATE pg_catalog.pg_authid SET rolvaliduntil = NULL WHERE rolvaliduntil IS NOT NULL AND rolname = %L', rolname)
FROM pg_catalog.pg_roles
WHERE rolvaliduntil IS NULL AND rolname !~ '^pg_'
"""
"""Puts back what no ALTER ROLE does: a role that never expires."""
_ROLE_SETTINGS = """
SELECT CASE WHEN s.setrole = 0 THEN 'ALTER ROLE ALL RESET ALL' ELSE format('ALTER ROLE %s RESET ALL', s.setrole::regrole) END
FROM pg_catalog.pg_db_role_setting AS s
WHERE s.setdatabase = 0
"""
_TABLESPACES = "SELECT format('DROP TABLESPACE %I', spcname) FROM pg_catalog.pg_tablespace WHERE spcname !~ '^pg_'"
_TABLESPACE_STATES = """
SELECT format('ALTER TABLESPACE %I OWNER TO %I', t.spcname, pg_catalog.pg_get_userbyid(t.spcowner))
FROM pg_catalog.pg_tablespace AS t
UNION ALL
SELECT format('UPDATE pg_catalog.pg_tablespace SET spcoptions = %L WHERE spcname = %L', t.spcoptions, t.spcname)
FROM pg_catalog.pg_tablespace AS t
UNION ALL
SELECT format('COMMENT ON TABLESPACE %I IS %L', t.spcname, pg_catalog.shobj_description(t.oid, 'pg_tablespace'))
FROM pg_catalog.pg_tablespace AS t
"""
_RIGHTS = """
SELECT
    format('REVOKE %s ON TABLESPACE %I FROM %s', a.privilege_type, t.spcname, role.name),
    format('GRANT %s ON TABLESPACE %I TO %s%s', a.privilege_type, t.spcname, role.name, option.text)
FROM pg_catalog.pg_tablespace AS t
CROSS JOIN LATERAL aclexplode(coalesce(t.spcacl, acldefault('t', t.spcowner))) AS a
CROSS JOIN LATERAL (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS name) AS role
CROSS JOIN LATERAL (SELECT CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS text) AS option
"""
_RIGHTS_15 = f"""{_RIGHTS}
UNION ALL
SELECT
    format('REVOKE %s ON PARAMETER %I FROM %s', a.privilege_type, p.parname, role.name),
    format('GRANT %s ON PARAMETER %I TO %s%s', a.privilege_type, p.parname, role.name, option.text)
FROM pg_catalog.pg_parameter_acl AS p
CROSS JOIN LATERAL aclexplode(p.paracl) AS a
CROSS JOIN LATERAL (SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END AS name) AS role
CROSS JOIN LATERAL (SELECT CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS text) AS option
WHERE a.grantee <> 10
"""
_PARAMETERS_HAVE_RIGHTS = 150_000
_PREPARED = "SELECT gid::text FROM pg_catalog.pg_prepared_xacts WHERE database = %s"
_SLOTS = "SELECT slot_name::text FROM pg_catalog.pg_replication_slots WHERE database = current_database()"
_PHYSICAL_SLOTS = "SELECT slot_name::text FROM pg_catalog.pg_replication_slots WHERE slot_type = 'physical'"
_ORIGINS = "SELECT roname FROM pg_catalog.pg_replication_origin"
_SUBSCRIPTIONS = """
SELECT s.subname::text FROM pg_catalog.pg_subscription AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
WHERE d.datname = current_database()
"""
_EVENT_TRIGGERS = "SELECT evtname::text FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D'"
_SHUT = "SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s AND (datistemplate OR NOT datallowconn)"
_HELD = """
SELECT
    EXISTS (SELECT FROM pg_catalog.pg_prepared_xacts WHERE database = %(database)s)
    OR EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE database = %(database)s)
    OR EXISTS (
        SELECT FROM pg_catalog.pg_subscription AS s JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid
        WHERE d.datname = %(database)s
    )
"""


@dataclass(frozen=True)
class Around:
    """What stood around a database: what is `shared` by the server's databases, the names of these, and of each role some more.

    `states` are statements that put each tablespace back; `rights` are what is granted on tablespaces and parameters: the statement
    that takes it away, and the one that grants it. Whoever is no superuser cannot ask for passwords, and keeps none.
    """

    shared: Shared
    databases: frozenset[str]
    members: frozenset[str]
    roles: tuple[str, ...]
    tablespaces: frozenset[str]
    slots: frozenset[str]
    origins: frozenset[str]
    states: tuple[str, ...]
    rights: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, connection: Connection) -> "Around":
        """Ask for it, connected to the database."""
        plain, connection.cursor_factory = connection.cursor_factory, psycopg.RawCursor
        shared = Shared.of(connection)
        connection.cursor_factory = plain
        passwords: tuple[str, ...] = ()
        with suppress(psycopg.errors.InsufficientPrivilege):
            passwords = tuple(_column(connection, _PASSWORDS))
        return cls(
            shared,
            frozenset(_column(connection, _DATABASES)),
            frozenset(_column(connection, _MEMBERS)),
            (*passwords, *_column(connection, _REMARKS), *_column(connection, _ENDLESS)),
            frozenset(_column(connection, _TABLESPACES)),
            frozenset(_column(connection, _PHYSICAL_SLOTS)),
            frozenset(_column(connection, _ORIGINS)),
            tuple(sorted(_column(connection, _TABLESPACE_STATES))),
            _rights(connection),
        )

    @property
    def of_server(self) -> tuple[object, ...]:
        """The part that is about the whole server, as another of its databases knows it too."""
        alike = sorted(each for each in self.shared.settings if not _of_database(each[2]))
        members = (self.members, sorted(self.shared.members))
        return self.shared.roles, self.roles, members, self.tablespaces, alike, self.states, self.rights

    def furnish(self, admin: psycopg.Connection, name: str, was: str, *, whole_server: bool) -> None:
        """Give a database, the copy of one whose name `was`, its owner, rights, comment and settings.

        Where the `whole_server` is ours, roles get the settings that they had everywhere, too.
        """
        old, new = (f"DATABASE {_quoted(admin, each)}" for each in (was, name))
        database = tuple(each.replace(old, new, 1) for each in self.shared.database)
        settings = tuple(
            (setting, value, how.removesuffix(old) + new if how.endswith(old) else how)
            for setting, value, how in self.shared.settings
            if whole_server or how.endswith(old)
        )
        replace(self.shared, database=database, settings=settings).furnish(admin)

    def put_back(self, admin: psycopg.Connection) -> None:
        """Undo on the server what came since: databases of other names than ours, slots, origins, roles, tablespaces, rights."""
        now = Around.of(admin)
        more = [name for name in now.databases - self.databases if not name.startswith(PREFIX)]
        _all(admin, [f"DROP DATABASE IF EXISTS {_quoted(admin, name)} WITH (FORCE)" for name in more])
        for slot in now.slots - self.slots:
            _drop_slot(admin, slot)
        for origin in now.origins - self.origins:
            with suppress(psycopg.Error):
                admin.execute("SELECT pg_catalog.pg_replication_origin_drop(%s)", [origin])
        if now.of_server == self.of_server:
            return
        kept = {name for *_, name in self.shared.roles}
        added = [_quoted(admin, name) for *_, name in now.shared.roles if name not in kept]
        _all(admin, self.states)
        _all(admin, [revoke for revoke, _ in _rights(admin) - self.rights])
        _all(admin, [*(f"DROP OWNED BY {each}" for each in added), *(now.tablespaces - self.tablespaces)])
        _all(admin, [*(now.members - self.members), *_column(admin, _ROLE_SETTINGS)])
        _all(admin, [f"DROP ROLE {each}" for each in added])
        replace(self.shared, database=()).make(admin, ())
        _all(admin, [*self.roles, *(grant for _, grant in self.rights - _rights(admin))])


def open_again(admin: psycopg.Connection, database: str) -> None:
    """Take away from a database what keeps it from being connected to or dropped: that it is a template, or closed."""
    if admin.execute(_SHUT, [database]).fetchone():
        named = _quoted(admin, database)
        _all(admin, [f"ALTER DATABASE {named} IS_TEMPLATE false", f"ALTER DATABASE {named} ALLOW_CONNECTIONS true"])


def is_held(admin: psycopg.Connection, database: str) -> bool:
    """Tell, connected to another database, whether there is something that `free` takes away."""
    found = admin.execute(_HELD, {"database": database}).fetchone()
    return bool(found and found[0])


def free(connection: psycopg.Connection) -> None:
    """Take away what keeps the database that is connected to from being dropped: what was prepared, slots, subscriptions.

    Its event triggers, which might not have that, are disabled.
    """
    for name in _column(connection, _EVENT_TRIGGERS):
        _all(connection, [f"ALTER EVENT TRIGGER {_quoted(connection, name)} DISABLE"])
    for gid in unfinished(connection, connection.info.dbname):
        _all(connection, [f"ROLLBACK PREPARED {sql.Literal(gid).as_string(connection)}"])
    for name in _column(connection, _SUBSCRIPTIONS):
        named = _quoted(connection, name)
        alter = f"ALTER SUBSCRIPTION {named}"
        _all(connection, [f"{alter} DISABLE", f"{alter} SET (slot_name = NONE)", f"DROP SUBSCRIPTION {named}"])
    for name in _column(connection, _SLOTS):
        _drop_slot(connection, name)


def unfinished(connection: psycopg.Connection, database: str) -> tuple[str, ...]:
    """Return the names of the transactions that were prepared in a database, and neither committed nor rolled back."""
    return tuple(str(gid) for (gid,) in connection.execute(_PREPARED, [database]).fetchall())


def _drop_slot(connection: psycopg.Connection, name: str) -> None:
    used = "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_catalog.pg_replication_slots WHERE slot_name = %s"
    with suppress(psycopg.Error):
        connection.execute(used, [name])
        connection.execute("SELECT pg_drop_replication_slot(%s)", [name])


def _rights(connection: Connection) -> frozenset[tuple[str, str]]:
    query = _RIGHTS_15 if connection.info.server_version >= _PARAMETERS_HAVE_RIGHTS else _RIGHTS
    return frozenset((str(revoke), str(grant)) for revoke, grant in connection.execute(query.encode()).fetchall())


def _column(connection: Connection, query: str) -> Iterator[str]:
    yield from (str(row[0]) for row in connection.execute(query.encode()).fetchall())


def _all(admin: psycopg.Connection, statements: Iterable[str]) -> None:
    """Run what can be run: what others still need stays, and is seen when databases are compared."""
    for statement in statements:
        with suppress(psycopg.Error):
            admin.execute(statement.encode())


def _quoted(connection: psycopg.Connection, name: str) -> str:
    """Return a name as the server's own `%I` writes it."""
    found = connection.execute("SELECT pg_catalog.quote_ident(%s)", [name]).fetchone()
    return str(found[0]) if found else ""


def _of_database(how: str) -> bool:
    return " IN DATABASE " in how or how.startswith("ALTER DATABASE ")
