"""PostgreSQL errors by SQLSTATE: advice for the user, and whether to retry."""

import re
from contextlib import suppress

import psycopg

from rollproof.model.names import schema_of, sql_name
from rollproof.server.connection import Connection
from rollproof.server.transactions import Limits, pinned

DENIED = "42501"
LOCKED = "55P03"
GIVEN_UP = "57014"
CONFLICT = "40001"  # a read-only transaction that is not serializable meets it on a standby alone

_OF_USERS = ("P0", "38", "39")  # raised by PL/pgSQL or in a routine

_LOST = (
    "the connection was lost ({message}), and again when it was asked anew; run again when the server is steady, "
    "and ask who ends its sessions"
)
_OF_THE_CATALOGUE = re.compile(r"permission denied for (?:table|view) (pg_\w+)")
_UNNAMED = (
    "the server does not know something there ({message}); where a function of an index names it without its schema, "
    "ALTER FUNCTION … SET search_path = … mends that (autovacuum and pg_restore stumble over it, too)"
)
_REASONS = {
    "42883": _UNNAMED,
    "42704": _UNNAMED,
    LOCKED: "another session holds a lock on it ({message}); try again when it is done, or raise --lock-timeout",
    GIVEN_UP: "the query was given up ({message}); raise --statement-timeout, or run when the server is less busy",
    CONFLICT: "the standby had to cancel the query, twice ({message}); set hot_standby_feedback or raise "
    "max_standby_streaming_delay there, or verify the primary",
    "53200": "the server is out of memory ({message}); run again when it is less busy, or raise {setting} there",
    "53100": "the server's disk is full ({message}); make room there, then run again",
    "53300": "the server lets nobody else in ({message}); lower --jobs, or run again when it is less busy",
    "53400": "a limit of the server's was reached ({message}); raise it for this role, or verify as another one",
    "57P01": _LOST,
    "57P02": _LOST,
    "57P03": _LOST,
    "08P01": _LOST,
    "08006": _LOST,
}


def cause(error: BaseException) -> psycopg.Error | None:
    """Return the server's refusal behind an error of ours, if that is what it came from."""
    known = error if isinstance(error, psycopg.Error) else error.__cause__
    return known if isinstance(known, psycopg.Error) else None


def server_message(error: psycopg.Error) -> str:
    """Return the server's own words, on one line; where they are about data or a user's own, without the values they quote."""
    if (error.sqlstate or "").startswith(_OF_USERS):
        return f"a function of a user's raised an error of its own ({error.sqlstate}), whose words may hold a value"
    message = re.sub(r"\s*\n\s*", " ", str(error.diag.message_primary or error).strip())
    return re.sub(r"([\"']).*\1|0x\w+|\d+", "…", message) if isinstance(error, psycopg.DataError) else message


def reason(error: psycopg.Error, role: str, table: str | None = None) -> str:
    """Return what the server's refusal means and what to do about it; `table` is quoted and qualified."""
    message = server_message(error)
    if error.sqlstate == DENIED:
        return f"{message}\n{_grant(message, role, table)}"
    known = (
        "the server failed: {message}" if error.sqlstate or not isinstance(error, psycopg.OperationalError) else _LOST
    )
    setting = "max_locks_per_transaction" if "shared memory" in message else "its memory"
    return _REASONS.get(error.sqlstate or "", known).format(message=message, setting=setting)


def _grant(message: str, role: str, table: str | None) -> str:
    role = sql_name(role)
    if "row-level security" in message:
        return f"its rows are hidden from {role}: ALTER ROLE {role} BYPASSRLS, or use a superuser"
    if found := _OF_THE_CATALOGUE.fullmatch(message):
        return f"GRANT SELECT ON pg_catalog.{found[1]} TO {role}"
    if table is None:
        return f"GRANT pg_read_all_data TO {role}"
    return f"GRANT USAGE ON SCHEMA {schema_of(table)} TO {role}; GRANT SELECT ON {table} TO {role}"


def verdict(error: Exception, connection: Connection, limits: Limits, role: str, *, overdue: bool) -> str:
    """Return what to say of a refusal for good: with who holds the lock that was met, and that the snapshot is `overdue`."""
    refusal = cause(error)
    state = refusal.sqlstate if refusal else None
    text = reason(error, role) if isinstance(error, psycopg.Error) else str(error)
    if state == GIVEN_UP and overdue:
        text += f"\nthe snapshot had reached --max-snapshot-age {limits.max_snapshot_age:g} s: raise that"
        return text if limits.several_snapshots else f"{text}, or pass --several-snapshots"
    if state == LOCKED:
        with suppress(psycopg.Error):  # it is only a help
            return "\n".join(filter(None, [text, holders(connection, limits)]))
    return text


def unknown_cluster(role: str) -> str:
    """Return what to say where a role may not ask which cluster it is in."""
    grant = f"GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO {sql_name(role)}"
    return f"which cluster this is could not be asked: {grant}"


def not_open_to_role(error: BaseException, role: str) -> str | None:
    """Return why this role cannot be told something of the catalogue that is not open to it; None for another refusal."""
    refusal = cause(error)
    if refusal is None or refusal.sqlstate != DENIED:
        return None
    return ": ".join(reason(refusal, role).splitlines())


# Only this lock stands in the way of a reader; who waits for it stands in the way too, for the queue is fair.
_HOLDERS = """
SELECT a.pid, l.relation::pg_catalog.regclass::text, l.granted, a.usename, a.application_name, a.state,
       pg_catalog.to_char(a.xact_start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())
  AND EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = l.relation AND c.relkind IN ('r', 'p', 'm', 'f', 'v', 'S'))
ORDER BY NOT l.granted, a.xact_start, a.pid, l.relation LIMIT 3
"""


def holders(connection: Connection, limits: Limits) -> str:
    """Return who holds locks that keep readers out, one line each; nothing if nobody does any more."""
    with pinned(connection, limits):
        rows = connection.execute(_HOLDERS.encode()).fetchall()
    lines = []
    for pid, table, granted, user, application, state, since in rows:
        who = ", ".join(str(known) for known in (user, application, state, since and f"since {since}") if known)
        lines.append(f"process {pid} ({who}) {'has locked' if granted else 'waits to lock'} {table}")
    return "\n".join(lines)
