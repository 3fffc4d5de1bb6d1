"""Connections that measure: they wait for nobody long, and no trigger of the user's fires for them."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

LOGIN_TRIGGERS = 170000
"""The server's version since which a connection can fire a trigger."""
PATIENCE_MS = 400
"""How long one of them waits for a lock at a time. Less than `deadlock_timeout` (1 s): so whoever is found in a deadlock is never
somebody that we stand in the way of."""

Connection = psycopg.Connection[tuple[object, ...]]
_LIMITS = (
    f"-c lock_timeout={PATIENCE_MS} -c statement_timeout=10000 -c idle_in_transaction_session_timeout=0 -c role=none"
)
_MAINTENANCE = "postgres"
_DATABASE = """
SELECT oid::bigint, pg_catalog.current_setting('server_version_num')::int, pg_catalog.current_setting('is_superuser')
FROM pg_catalog.pg_database WHERE datname = %s
"""


@dataclass
class Sessions:
    """Makes sessions that measure the database at this address. Each may raise `psycopg.Error`."""

    url: str

    @cached_property
    def outside(self) -> Connection:
        """One in another database of that server, where it can be: the one that is measured can then be dropped and renamed."""
        try:
            return self._connected("", dbname=_MAINTENANCE)
        except psycopg.OperationalError:
            return self._connected("")

    def inside(self) -> Connection:
        """Return a new one in the database itself."""
        return self._connected(self._quiet)

    @property
    def database(self) -> int:
        """The database's object id."""
        return int(self._known[0])

    @property
    def _quiet(self) -> str:
        if self._known[2] != "on":  # not a superuser
            return ""
        untriggered = " -c event_triggers=off" if self._known[1] >= LOGIN_TRIGGERS else ""
        return f" -c log_min_messages=fatal{untriggered}"  # each lock that was not to be had in time would be logged

    @cached_property
    def _known(self) -> Any:
        name = conninfo_to_dict(self.url).get("dbname")
        row = self.outside.execute(_DATABASE, (name,)).fetchone()
        if row is None:
            raise psycopg.OperationalError(f"there is no database {name}")
        return row

    def _connected(self, more: str, **parameters: Any) -> Connection:
        return psycopg.connect(
            self.url,
            options=_LIMITS + more,
            autocommit=True,
            client_encoding="UTF8",
            connect_timeout=10,
            application_name="rollproof",
            prepare_threshold=0,
            **parameters,
        )
