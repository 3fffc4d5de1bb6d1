"""The role that a dump is restored as: owner of the new database, and nothing else.

A dump is a script, and may be anybody's: as a superuser it could run programs on the machine of the throw-away server, which is
this one. As an ordinary role it can do no more than to fill its own database.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from rollproof.model.errors import Inconclusive
from rollproof.throwaway.servers.server import Server, fresh_name

TRUST = (
    "as an ordinary role it cannot be restored: as a superuser it could run programs on this machine\n"
    "if the dump is your own, --trust-functions restores it as a superuser"
)
NEEDS_MORE = re.compile(
    r"permission denied|must be (?:a )?(?:superuser|owner)|only superusers?|superuser privilege", re.IGNORECASE
)


@contextmanager
def temporary_owner(server: Server, database: str) -> Iterator[str]:
    """Create the role and yield the database's URL for it; afterwards its objects belong to the server's own role.

    Where the server's own role is no superuser, it is as good. Raises `Inconclusive` if there can be no such role.
    """
    name, word = fresh_name(), secrets.token_hex(16)
    role, place = sql.Identifier(name), sql.Identifier(database)
    with psycopg.connect(server.dsn(database), autocommit=True) as admin:
        if admin.info.parameter_status("is_superuser") != "on":
            yield server.dsn(database)
            return
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(word)))
        try:
            admin.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(place, role))
            admin.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(role))
            yield _url(server.dsn(database), name, word)
        finally:
            admin.execute(sql.SQL("REASSIGN OWNED BY {} TO CURRENT_USER").format(role))
            admin.execute(sql.SQL("DROP OWNED BY {}").format(role))
            admin.execute(sql.SQL("DROP ROLE {}").format(role))


def _url(dsn: str, name: str, word: str) -> str:
    url = make_conninfo(dsn, user=name, password=word)
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError as error:
        raise Inconclusive(
            f"the throw-away server lets no other role in ({error}), and a dump is not restored as a superuser; {TRUST}"
        ) from None
    return url
