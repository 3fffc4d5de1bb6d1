"""What belongs to the whole server, as statements that make it on another one: roles, memberships, tablespaces, settings.

Asked of a server that is only read; passwords are not among it.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass

import psycopg

from rollproof.server.connection import Connection

_ROLES = """
SELECT
    format('CREATE ROLE %I', r.rolname),
    format(
        'ALTER ROLE %I %s',
        r.rolname,
        concat_ws(
            ' ',
            CASE WHEN r.rolsuper THEN 'SUPERUSER' ELSE 'NOSUPERUSER' END,
            CASE WHEN r.rolinherit THEN 'INHERIT' ELSE 'NOINHERIT' END,
            CASE WHEN r.rolcreaterole THEN 'CREATEROLE' ELSE 'NOCREATEROLE' END,
            CASE WHEN r.rolcreatedb THEN 'CREATEDB' ELSE 'NOCREATEDB' END,
            CASE WHEN r.rolcanlogin THEN 'LOGIN' ELSE 'NOLOGIN' END,
            CASE WHEN r.rolreplication THEN 'REPLICATION' ELSE 'NOREPLICATION' END,
            CASE WHEN r.rolbypassrls THEN 'BYPASSRLS' ELSE 'NOBYPASSRLS' END,
            'CONNECTION LIMIT ' || r.rolconnlimit,
            'VALID UNTIL ' || quote_literal(r.rolvaliduntil::text)
        )
    ),
    r.rolname::text
FROM pg_catalog.pg_roles AS r
WHERE NOT starts_with(r.rolname::text, 'pg_')
ORDER BY r.rolname
"""
_MEMBERS = """
SELECT format('GRANT %I TO %I%s', g.rolname, r.rolname, CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END), 'SELECT 1'
FROM pg_catalog.pg_auth_members AS m
JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
JOIN pg_catalog.pg_roles AS r ON r.oid = m.member
WHERE NOT (starts_with(g.rolname::text, 'pg_') AND starts_with(r.rolname::text, 'pg_'))
"""
_MEMBERS_16 = """
SELECT format(
    'GRANT %I TO %I WITH ADMIN %s, INHERIT %s, SET %s GRANTED BY %I',
    g.rolname, r.rolname, m.admin_option::text, m.inherit_option::text, m.set_option::text, by.rolname
), format('GRANT %I TO %I WITH ADMIN OPTION', g.rolname, by.rolname)
FROM pg_catalog.pg_auth_members AS m
JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid
JOIN pg_catalog.pg_roles AS r ON r.oid = m.member
JOIN pg_catalog.pg_roles AS by ON by.oid = m.grantor
WHERE NOT (starts_with(g.rolname::text, 'pg_') AND starts_with(r.rolname::text, 'pg_'))
"""
_TABLESPACES = """
SELECT format('CREATE TABLESPACE %I OWNER %I LOCATION %L', t.spcname, r.rolname, '')
FROM pg_catalog.pg_tablespace AS t
JOIN pg_catalog.pg_roles AS r ON r.oid = t.spcowner
WHERE NOT starts_with(t.spcname::text, 'pg_')
"""
_NAMED = "WITH named AS (SELECT COALESCE($1, current_database()::text) AS name)"  # as the database is called there
_DATABASE = f"""{_NAMED}
SELECT format('ALTER DATABASE %I OWNER TO %I', n.name, r.rolname)
FROM pg_catalog.pg_database AS d
CROSS JOIN named AS n
JOIN pg_catalog.pg_roles AS r ON r.oid = d.datdba
WHERE d.datname = current_database()
UNION ALL
SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', n.name, d.datconnlimit)
FROM pg_catalog.pg_database AS d
CROSS JOIN named AS n
WHERE d.datname = current_database()
UNION ALL
SELECT format('COMMENT ON DATABASE %I IS %L', n.name, shobj_description(d.oid, 'pg_database'))
FROM pg_catalog.pg_database AS d
CROSS JOIN named AS n
WHERE d.datname = current_database()
UNION ALL
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', n.name)
FROM pg_catalog.pg_database AS d
CROSS JOIN named AS n
WHERE d.datname = current_database() AND d.datacl IS NOT NULL
UNION ALL
SELECT format(
    'GRANT %s ON DATABASE %I TO %s%s',
    a.privilege_type,
    n.name,
    CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
    CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END
)
FROM pg_catalog.pg_database AS d
CROSS JOIN named AS n
CROSS JOIN LATERAL aclexplode(d.datacl) AS a
WHERE d.datname = current_database()
"""
_SETTINGS = f"""{_NAMED}
SELECT
    split_part(setting, '=', 1),
    substr(setting, strpos(setting, '=') + 1),
    CASE
        WHEN s.setrole = 0 AND s.setdatabase = 0 THEN 'ALTER ROLE ALL'
        WHEN s.setrole = 0 THEN format('ALTER DATABASE %I', n.name)
        WHEN s.setdatabase = 0 THEN format('ALTER ROLE %s', s.setrole::regrole)
        ELSE format('ALTER ROLE %s IN DATABASE %I', s.setrole::regrole, n.name)
    END
FROM pg_catalog.pg_db_role_setting AS s
CROSS JOIN named AS n
CROSS JOIN LATERAL unnest(s.setconfig) AS setting
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
WHERE s.setdatabase = 0 OR d.datname = current_database()
"""
_MEMBERS_HAVE_OPTIONS = 160000


@dataclass(frozen=True)
class Shared:
    """Statements: the `roles` with their attributes, in pairs with the role's name; the rest in any order.

    With each of the `members` is what lets its grantor grant it: whoever was the first superuser there is not the first here.

    `settings` are the name, the value, and the beginning of the statement that sets it.
    """

    roles: tuple[tuple[str, str, str], ...]
    members: tuple[tuple[str, str], ...]
    tablespaces: tuple[str, ...]
    database: tuple[str, ...]
    settings: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, connection: Connection, database: str = "") -> "Shared":
        """Ask for all of it; there the database is called `database`, or as it is here."""
        named = [database or None]

        def rows(query: str) -> list[tuple[str, ...]]:
            asked = connection.execute(query.encode(), named if query.startswith(_NAMED) else None)
            return [tuple(map(str, row)) for row in asked.fetchall()]

        with_options = connection.info.server_version >= _MEMBERS_HAVE_OPTIONS
        return cls(
            roles=tuple((create, alter, name) for create, alter, name in rows(_ROLES)),
            members=tuple((grant, first) for grant, first in rows(_MEMBERS_16 if with_options else _MEMBERS)),
            tablespaces=tuple(each[0] for each in rows(_TABLESPACES)),
            database=tuple(each[0] for each in rows(_DATABASE)),
            settings=tuple((name, value, how) for name, value, how in rows(_SETTINGS)),
        )

    def make(self, admin: psycopg.Connection, kept: Container[str]) -> list[str]:
        """Make roles and tablespaces, but for the roles to be `kept`; return what could not be made, in PostgreSQL's words."""
        done = [create for create, _, name in self.roles if name not in kept]
        done += [alter for _, alter, name in self.roles if name not in kept]
        failed = [*_all_of(admin, done), *_granted(admin, self.members)]
        inside = _all_of(admin, ["SET allow_in_place_tablespaces = on"] if self.tablespaces else [])
        return failed + inside + _all_of(admin, self.tablespaces)

    def furnish(self, admin: psycopg.Connection) -> list[str]:
        """Give the database its owner, privileges and settings; return what could not be done."""
        failed = _all_of(admin, self.database)
        for name, value, how in self.settings:
            try:
                with admin.transaction():
                    admin.execute("SELECT pg_catalog.set_config(%s, %s, true)", [name, value])
                    admin.execute(f"{how} SET {name} FROM CURRENT".encode())
            except psycopg.Error as error:
                failed.append(_said(error))
        return failed


def _all_of(admin: psycopg.Connection, statements: Iterable[str]) -> list[str]:
    failed = []
    for statement in statements:
        try:
            admin.execute(statement.encode())
        except psycopg.Error as error:
            failed.append(_said(error))
    return failed


def _granted(admin: psycopg.Connection, members: Iterable[tuple[str, str]]) -> list[str]:
    """Grant what may need each other, in any order, for as long as it helps."""
    left = list(members)
    while left:
        rest = [each for each in left if _all_of(admin, [each[0]])]
        if len(rest) == len(left):
            _all_of(admin, [first for _, first in rest])
            return _all_of(admin, [grant for grant, _ in rest])
        left = rest
    return []


def _said(error: psycopg.Error) -> str:
    return str(error.diag.message_primary or error).strip()
