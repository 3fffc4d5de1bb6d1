"""A connection of psycopg 3 or psycopg 2: where it leads, and what it holds that nobody else can see.

None of these libraries is imported: a program that hands over an object has imported what it needs.
"""

from contextlib import closing
from typing import Any

from psycopg.pq import TransactionStatus

from rollproof.api.address import of_parameters
from rollproof.model.errors import Misuse
from rollproof.server.connection import OLDEST

_HAS_WRITTEN = "SELECT 1 WHERE pg_catalog.pg_current_xact_id_if_assigned() IS NOT NULL"


def is_connection(thing: object) -> bool:
    """Tell whether this is a connection of psycopg 3 or psycopg 2, of whatever class."""
    roots = {kind.__module__.partition(".")[0] for kind in type(thing).__mro__}
    return bool(roots & {"psycopg", "psycopg2"}) and hasattr(thing, "info") and hasattr(thing, "cursor")


def address_of(connection: Any) -> str:
    """Return where an open connection leads, its password included. Raises `Misuse` if it is closed."""
    if connection.closed:
        raise Misuse("the connection that was handed over is closed: hand over an open one, or an address")
    info = connection.info
    known = dict(info.get_parameters() if hasattr(info, "get_parameters") else info.dsn_parameters)
    if "," in known.get("host", ""):  # of several servers, the one that it found
        known |= {"host": info.host, "port": str(info.port), "hostaddr": getattr(info, "hostaddr", "")}
    return of_parameters({**known, "dbname": info.dbname, "user": info.user, "password": info.password})


def uncommitted(connection: Any) -> str:
    """Return what the connection holds that no other session can see, as a sentence goes on after "it"; "" if nothing."""
    if connection.closed:
        return ""
    match TransactionStatus(int(connection.info.transaction_status)):
        case TransactionStatus.IDLE:
            return ""
        case TransactionStatus.INERROR:
            return "is in a transaction that has failed"
        case TransactionStatus.INTRANS:
            return _in_transaction(connection)
    return "is busy"


def _in_transaction(connection: Any) -> str:
    if connection.info.server_version < OLDEST:
        return ""  # it is told that nobody can read so old a server
    if hasattr(connection, "__aenter__"):
        return "is in a transaction, and only a coroutine can ask whether it has changed anything"
    with closing(connection.cursor()) as cursor:
        cursor.execute(_HAS_WRITTEN)
        return "holds changes that are not committed" if cursor.rowcount else ""
