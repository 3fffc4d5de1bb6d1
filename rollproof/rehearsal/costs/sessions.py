"""Connections that measure: they wait for nobody long, and no trigger of the user's fires for them."""

import psycopg

from rollproof.throwaway.servers.databases import url_of

LOGIN_TRIGGERS = 170000
"""The server's version since which a connection can fire a trigger."""
PATIENCE_MS = 400
"""How long one of them waits for a lock at a time. Less than `deadlock_timeout` (1 s): so whoever is found in a deadlock is never
somebody that we stand in the way of."""

Connection = psycopg.Connection[tuple[object, ...]]
_MAINTENANCE = "postgres"


def outside(url: str) -> Connection:
    """Connect to another database of that server, where it can be: the one that is measured can then be dropped and renamed."""
    try:
        return _connected(url_of(url, _MAINTENANCE), "")
    except psycopg.OperationalError:
        return inside(url, 0, is_superuser=False)


def inside(url: str, version: int, *, is_superuser: bool) -> Connection:
    """Connect to the database itself, of a server of this version."""
    silent = (
        " -c log_min_messages=fatal" if is_superuser else ""
    )  # each lock that was not to be had in time would be logged
    untriggered = " -c event_triggers=off" if is_superuser and version >= LOGIN_TRIGGERS else ""
    return _connected(url, silent + untriggered)


def _connected(url: str, more: str) -> Connection:
    waits = f"-c lock_timeout={PATIENCE_MS} -c statement_timeout=10000 -c idle_in_transaction_session_timeout=0 -c role=none"
    return psycopg.connect(
        url,
        options=waits + more,
        autocommit=True,
        connect_timeout=10,
        application_name="rollproof",
        prepare_threshold=0,
    )
