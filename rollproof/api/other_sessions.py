"""What a server is in the middle of when a block begins or ends: what sessions hold uncommitted, and whether anybody wrote."""

from contextlib import closing
from dataclasses import dataclass

import psycopg

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.printable import one_line
from rollproof.server.connection import Target, connect

_NEXT = b"SELECT pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text, pg_catalog.pg_is_in_recovery()"
# Of other roles' sessions only pg_read_all_stats lets one see this. Transactions that are prepared, a check tells.
_WRITERS = b"""
SELECT pg_catalog.format('process %s%s, %s', a.pid, ' (' || NULLIF(a.application_name, '') || ')', a.state), a.backend_xid::text
FROM pg_catalog.pg_stat_activity AS a
WHERE a.datname = pg_catalog.current_database() AND a.state LIKE 'idle in transaction%' AND a.backend_xid IS NOT NULL
"""


@dataclass(frozen=True)
class Activity:
    """The transaction that the server would begin `next`, and the sessions that hold changes, idle, with their transactions."""

    next: str
    writers: frozenset[tuple[str, str]]

    @classmethod
    def now(cls, address: str) -> "Activity":
        """Ask the server. Raises `Inconclusive` if that is not possible, `Misuse` if it only follows another server."""
        target = Target.parse(address)
        with closing(connect(target)) as connection:
            try:
                next_one, follows = connection.execute(_NEXT).fetchone() or ("", False)
                rows = connection.execute(_WRITERS).fetchall()
            except psycopg.Error as error:
                raise Inconclusive(f"{target} was not told what other sessions do: {target.hide(str(error))}") from None
        if follows:
            raise Misuse(
                f"{target} is a standby: it shows what the block does only later, and until then looks unchanged\n"
                "hand over the primary"
            )
        return cls(str(next_one), frozenset((str(who), str(transaction)) for who, transaction in rows))

    def require_committed(self, later: "Activity") -> None:
        """Raise `Inconclusive` if a session held changes here that it still holds `later`."""
        if held := sorted(who for who, _ in self.writers & later.writers):
            raise Inconclusive(
                "there are changes in this database that are not committed, so nobody can see yet what they will be:\n"
                + "\n".join(f"- {one_line(who)}" for who in held)
                + "\ncommit or roll back before the block ends"
            )
