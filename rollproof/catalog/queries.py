"""The catalogue queries: one file per facet in `sql/`, adapted here, and only here, to the server's version."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import msgspec

SQL = Path(__file__).with_name("sql")

# The guard at the end of a line: `-- from 15`, `-- until 16`, `-- from 15 until 16` (majors, both ends included); with `, alike`
# the line gets the same facts in another way.
GUARD = re.compile(r"--(?: from (?P<from>\d+))?(?: until (?P<until>\d+))?(?P<alike>, alike)?$")

COLUMNS = """
SELECT format('%s.%s', c.relname, a.attname)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
"""
"""Returns every column of the server's catalogue, as `pg_class.relname`."""


@cache
def queries(version: int) -> Mapping[str, str]:
    """Return the query of every facet for a server of `version`; the folder is the registry."""
    return MappingProxyType({path.stem: for_version(query(path.stem), version) for path in sorted(SQL.glob("*.sql"))})


def query(facet: str) -> str:
    """Return the query of one facet, for all versions; "" for a facet that no SQL file asks for."""
    path = SQL / f"{facet}.sql"
    return path.read_text("utf-8") if path.exists() else ""


def for_version(sql: str, version: int) -> str:
    """Return `sql` without the lines guarded for other servers than `version` (`server_version_num`, as in 150018).

    A server newer than every guard is treated as the newest known one.
    """
    major = version // 10_000
    return "\n".join(line for line in sql.splitlines() if _holds(line, major)) + "\n"


def guarded(sql: str, version: int) -> set[str]:
    """Return the guarded lines for `version` that change which facts there are, not only how they are read."""
    guards = {line: GUARD.search(line) for line in sql.splitlines()}
    return {line for line, guard in guards.items() if guard and not guard["alike"] and _holds(line, version // 10_000)}


def _holds(line: str, major: int) -> bool:
    guard = GUARD.search(line)
    if guard is None:
        return True
    return int(guard["from"] or 0) <= major <= int(guard["until"] or major)


class LeftOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that is not compared although it may matter, and why."""

    what: str
    reason: str
    columns: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.what}: {self.reason}"


class Rendered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Catalogue columns that a built-in function or view prints."""

    by: str
    columns: tuple[str, ...]


class Bookkeeping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Catalogue columns that hold nothing a rollback has to restore."""

    reason: str
    columns: tuple[str, ...]


class NotCompared(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Catalogue columns that no query reads: `relation.column`, or `relation.*` for all of them."""

    not_checked: tuple[LeftOut, ...]
    rendered: tuple[Rendered, ...]
    bookkeeping: tuple[Bookkeeping, ...]

    @property
    def columns(self) -> frozenset[str]:
        """All columns named."""
        groups: tuple[LeftOut | Rendered | Bookkeeping, ...] = (*self.not_checked, *self.rendered, *self.bookkeeping)
        return frozenset(column for group in groups for column in group.columns)


def not_compared() -> NotCompared:
    """Return the catalogue columns that no query reads, with reasons (`coverage.toml`)."""
    return msgspec.toml.decode(SQL.with_name("coverage.toml").read_bytes(), type=NotCompared)


def new_columns(columns: Iterable[str]) -> tuple[str, ...]:
    """Return those catalogue columns of the server that neither a query nor `coverage.toml` names: the server is newer."""
    listed = not_compared().columns
    words = set(re.findall(r"\w+", "".join(path.read_text("utf-8") for path in SQL.glob("*.sql"))))
    return tuple(sorted(name for name in columns if not _known(name, listed, words)))


def _known(column: str, listed: frozenset[str], words: set[str]) -> bool:
    relation, _, name = column.partition(".")
    return column in listed or f"{relation}.*" in listed or (relation in words and name in words)
