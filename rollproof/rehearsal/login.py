"""How somebody else than the superuser connects to a throw-away database: as the role of an application."""

import secrets
from dataclasses import dataclass

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.model.errors import Misuse

_NAMED = 10  # roles, in a sentence
_ROLES = "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname"
_SETTINGS = """
SELECT each
FROM pg_catalog.pg_db_role_setting AS s
LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
CROSS JOIN pg_catalog.unnest(s.setconfig) AS each
WHERE s.setrole = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = %s)
AND (s.setdatabase = 0 OR d.datname = pg_catalog.current_database())
ORDER BY s.setdatabase
"""


def require_role(url: str, role: str, named: str) -> None:
    """Raise `Misuse` if a role, which an option `named`, is not on the server."""
    with psycopg.connect(url, autocommit=True) as connection:
        known = [str(name) for (name,) in connection.execute(_ROLES).fetchall()]
    if role not in known:
        others = ", ".join(known[:_NAMED]) + (", …" if known[_NAMED:] else "")
        raise Misuse(f"{named} {role}: the throw-away server has no such role, only {others}")


@dataclass(frozen=True)
class Login:
    """Where a database is, with a user and a password; and `options` for the server that every session begins with."""

    url: str
    options: str = ""


def as_role(url: str, role: str, *, shared: bool = False) -> Login:
    """Return how a role connects to a database, whose `url` is a superuser's; "" is the superuser.

    On a server that is ours the role gets a password of ours, and may log in. On a `shared` one nothing is changed: each session
    is the superuser's, who has become that role, with the role's settings.
    """
    if role in ("", conninfo_to_dict(url).get("user")):
        return Login(url)
    with psycopg.connect(url, autocommit=True) as admin:
        if shared:
            settings = [str(each) for (each,) in admin.execute(_SETTINGS, [role]).fetchall()]
            return Login(url, " ".join(f"-c {_escaped(each)}" for each in (*settings, f"role={role}")))
        password = secrets.token_hex(16)
        login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {} VALID UNTIL 'infinity' CONNECTION LIMIT -1")
        admin.execute(login.format(sql.Identifier(role), sql.Literal(password)))
    return Login(make_conninfo(url, user=role, password=password))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(" ", "\\ ")
