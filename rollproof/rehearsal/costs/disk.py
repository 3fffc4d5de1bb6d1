"""Bytes of WAL, temporary files and disk, as the server counts them."""

from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.errors import InsufficientPrivilege

from rollproof.model.names import sql_name
from rollproof.rehearsal.costs.sessions import Connection

_WAL = "SELECT pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_insert_lsn(), '0/0')::bigint"
_TEMPORARY = "SELECT temp_bytes FROM pg_catalog.pg_stat_database WHERE datid = %s"
_DATABASE = "SELECT pg_catalog.pg_database_size(%s::oid)"
_FILES = "SELECT coalesce(sum(size), 0)::bigint FROM pg_catalog.pg_ls_tmpdir()"


@dataclass
class Disk:
    """Counts what one database writes from now on; `look` now and then tells how much there was at most.

    `size` is how much was used when it began.
    """

    connection: Connection
    database: int
    missing: dict[str, str] = field(default_factory=dict)
    peak: int = 0

    def __post_init__(self) -> None:
        self._wal, self._temporary, self.size = self._now(_WAL, "WAL"), self._written(), self._used()

    def look(self) -> None:
        """See how much disk is used at this moment."""
        before, used = dict(self.missing), self._used()
        if self.connection.closed:  # a command that wants to be alone has ended it: the next look is by another session
            self.missing = before
        else:
            self.peak = max(self.peak, used - self.size)

    @property
    def _who(self) -> str:
        return sql_name(self.connection.info.user)

    @property
    def wal(self) -> int:
        """Bytes of WAL since then, of the whole server."""
        return self._now(_WAL, "WAL") - self._wal

    @property
    def temporary(self) -> int:
        """Bytes of temporary files since then, of statements that have ended."""
        return self._written() - self._temporary

    def _written(self) -> int:
        return self._now(_TEMPORARY, "temporary files", self.database)

    def _used(self) -> int:
        return self._now(_DATABASE, "disk", self.database) + self._now(_FILES, "temporary files in use")

    def _now(self, question: str, what: str, *parameters: object) -> int:
        if what in self.missing:
            return 0
        try:
            row: Any = self.connection.execute(question, parameters or None).fetchone()
        except psycopg.errors.Error as error:
            way = f" (GRANT pg_monitor TO {self._who} lets it)" if isinstance(error, InsufficientPrivilege) else ""
            self.missing[what] = f"{error.diag.message_primary or error}{way}"
            return 0
        return int(row[0]) if row and row[0] is not None else 0
