"""The rows of tables that differ between two databases, by their keys."""

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg
from msgspec import structs
from psycopg import sql

from rollproof.commands.verification import Opening
from rollproof.model.finding import DifferingRow, Finding
from rollproof.probes.sequences import behind
from rollproof.rows.row_diff import EXTRA, MISSING
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.verdict.row_evidence import MORE, Found, RowEvidence, Wanted

Plain = psycopg.Connection[tuple[Any, ...]]
Key = tuple[str | None, ...]
_MOST = 100_000  # rows of a table that are told apart by their keys; of more, only the number is known
_COLUMNS = """
SELECT quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
FROM pg_catalog.pg_attribute AS a
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
_PRIMARY = """
SELECT quote_ident(a.attname)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
WHERE i.indrelid = %s::regclass AND i.indisprimary
"""
_PLAIN = str.maketrans("", "", "-{} ")


@dataclass(frozen=True)
class Changes:
    """The keys of rows that are `new`, `gone` and `changed`; of a table without a key only the `counts` of the three."""

    counts: tuple[int, int, int]
    keys: tuple[frozenset[Key], frozenset[Key], frozenset[Key]] | None = None


NONE = Changes((0, 0, 0), (frozenset(), frozenset(), frozenset()))
"""No row differs."""


@dataclass(frozen=True)
class Compared:
    """What differs between two databases: rows by `table`, and sequences that are `behind` the rows in the later one."""

    tables: Mapping[str, Changes]
    behind: tuple[Finding, ...]


def compared(was: str, now: str, tables: Iterable[str], settings: Settings) -> Compared:
    """Compare the rows of tables that are in both databases, given by their URLs.

    Raises `Inconclusive` if they cannot be read.
    """
    asked = structs.replace(settings, database_url=now, reference=was)
    with closing(Opening(asked, Reference.parse(was), None).verification()) as sides:
        before, after = sides.before, sides.after
        evidence = RowEvidence(before, after, sides.copies, Wanted(_MOST))
        both = [each for each in tables if each in before.scanned and each in after.scanned]
        found = [each for each in behind(before, after) if isinstance(each, Finding)]
        return Compared({each: _changes(evidence.found(each)) for each in both}, tuple(found))


def altered(was: str, now: str, table: str, keys: Iterable[Key]) -> int:
    """Return how many of the rows with these keys have other values in the second database, in columns of one name and type."""
    with psycopg.connect(was) as older, psycopg.connect(now) as newer:
        before, after = _columns(older, table), _columns(newer, table)
        same = ", ".join(sorted(name for name in before.keys() & after.keys() if before[name] == after[name]))
        names = sorted(_key_columns(newer, table))
        wanted = ["|".join(text or "" for text in key) for key in keys]
        if not same or not set(names) <= before.keys():
            return 0
        one, other = (_read(each, table, names, f"ROW({same})::text", wanted) for each in (older, newer))
    return sum(key in other and other[key] != image for key, image in one.items())


def taken_away(urls: tuple[str, str, str], table: str, keys: Iterable[Key]) -> tuple[str, ...]:
    """Return the columns that the rollback took away with values that were written to rows with these keys.

    `urls` are the migrated database, the same after the writes, and what the rollback made of it.
    """
    with psycopg.connect(urls[0]) as migrated, psycopg.connect(urls[1]) as written, psycopg.connect(urls[2]) as now:
        gone = sorted(_columns(written, table).keys() - _columns(now, table).keys())
        names = sorted(_key_columns(written, table))
        if not gone or not names:
            return ()
        wanted = ["|".join(text or "" for text in key) for key in keys]
        texts = f"ARRAY[{', '.join(f'{name}::text' for name in gone)}]"
        was, wrote = (_read(each, table, names, texts, wanted) for each in (migrated, written))
    nothing = [None] * len(gone)
    pairs = [(was.get(key, nothing), values) for key, values in wrote.items()]
    return tuple(name for place, name in enumerate(gone) if any(one[place] != other[place] for one, other in pairs))


def _columns(connection: Plain, table: str) -> dict[str, str]:
    return dict(connection.execute(_COLUMNS, [table]).fetchall())


def _key_columns(connection: Plain, table: str) -> list[str]:
    return [name for (name,) in connection.execute(_PRIMARY, [table]).fetchall()]


def _read(connection: Plain, table: str, names: list[str], what: str, wanted: list[str]) -> dict[str, Any]:
    spelled = (f"lower(translate({name}::text, '-{{}} ', ''))" for name in names)
    key = f"concat_ws('|', {', '.join(spelled)})"
    query = sql.SQL(f"SELECT {key}, {what} FROM {table} WHERE {key} = ANY (%s)")  # of names that are quoted
    return dict(connection.execute(query, [wanted]).fetchall())


def _changes(found: Found) -> Changes:
    new, gone = Counter[str](), Counter[str]()
    for kind, number in found.counts.items():
        new[kind] += number if kind in {EXTRA, MORE} else 0
        gone[kind] += number if kind == MISSING else 0
    counts = (new.total(), gone.total(), found.counts.total() - new.total() - gone.total())
    if not found.pair.key or not found.complete or len(found.rows) < found.counts.total():
        return Changes(counts)
    return Changes(counts, (_keys(found, {EXTRA}), _keys(found, {MISSING}), _keys(found, None)))


def _keys(found: Found, kinds: set[str] | None) -> frozenset[Key]:
    rows = [each for each in found.rows if (each.kind in kinds if kinds else each.kind not in {EXTRA, MISSING})]
    return frozenset(map(_key, rows))


def _key(row: DifferingRow) -> Key:
    """Return a row's key, without what a migration of the key's type changes: case and hyphens."""
    named = row.key_before or row.key_after or {}
    return tuple(text and text.lower().translate(_PLAIN) for _, text in sorted(named.items()))
