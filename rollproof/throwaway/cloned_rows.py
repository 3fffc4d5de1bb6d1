"""Rows put into the bare tables of a clone: whole small tables, the first rows of large ones, and the rows that these refer to.

They are put in by a role that can do nothing else, before there are indexes, triggers and foreign keys: code of users that a check
or a generated column calls has no more power than that.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from rollproof.model.amounts import counted
from rollproof.throwaway.clone import Clone
from rollproof.throwaway.followed_keys import Looked
from rollproof.throwaway.gathered_rows import GatheredRows, Most
from rollproof.throwaway.servers.server import fresh_name

MOST = Most(of_a_table=100_000, in_all=300_000, bytes=128 * 1024**2, rounds=10)
"""Rounds: from a child to its parent to the parent of that."""


@dataclass
class ClonedRows:
    """The rows of a clone: of the `wanted` tables and of those that they refer to; it has all rows of the `whole` ones."""

    wanted: frozenset[str]
    whole: set[str] = field(default_factory=set)
    _held: dict[str, int] = field(default_factory=dict)

    def fill(self, clone: Clone) -> Iterator[str]:
        """Put the rows in; yield what could not be."""
        looked = clone.view.ask(Looked.at)
        with _loader(clone) as loading:
            gathered = GatheredRows(clone.view, loading, partial(_asked, clone), MOST, self._held, self.whole)
            yield from gathered.gather(looked.needed(self.wanted), looked)

    def __str__(self) -> str:
        return f"{counted(sum(self._held.values()), 'row')} of {counted(len(self._held), 'table')}"


def _asked(clone: Clone, query: str) -> Sequence[tuple[str, ...]]:
    """Ask the clone as a script of its own would."""
    with psycopg.connect(clone.tamed.url_for_scripts(clone.database)) as asking:
        return asking.execute(query.encode()).fetchmany(MOST.of_a_table)


@contextmanager
def _loader(clone: Clone) -> Iterator[psycopg.Connection]:
    """Yield a session of a role that may write into every table of the clone, and nothing else; then it is gone."""
    name, word = fresh_name(), secrets.token_hex(16)
    role = sql.Identifier(name)
    with psycopg.connect(clone.url, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN BYPASSRLS PASSWORD {}").format(role, sql.Literal(word)))
        admin.execute(sql.SQL("GRANT pg_write_all_data TO {}").format(role))
        try:
            with psycopg.connect(make_conninfo(clone.url, user=name, password=word), autocommit=True) as loading:
                yield loading
        finally:
            admin.execute(sql.SQL("DROP ROLE {}").format(role))
