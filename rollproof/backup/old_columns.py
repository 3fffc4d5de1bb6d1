"""Rows of a migrated table without a copy: its old columns, cast back to their old types, against the reference.

A value of another type is brought back to the old type, and must come forward to the same value again. Then the fingerprint
over the old columns is the reference's exactly if no row was lost and no old value changed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import psycopg

from rollproof.backup.copies import fact_about
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.names import is_type
from rollproof.rows.row_hash import ALGORITHM, Type, row_hash, value_hash
from rollproof.rows.tables import ScannableTable, types_named
from rollproof.server.reader import Connection
from rollproof.server.user_code import cast_obstacle
from rollproof.sources.live import Live
from rollproof.sources.source import Source
from rollproof.sources.table_groups import TableGroup

CHECK = "migrated_rows"
COPIES = (
    "only rows could tell: copies, named under [backup] in rollproof.toml, or a database as it was (--reference URL)"
)
VIRTUAL = re.compile(r"GENERATED ALWAYS AS .* VIRTUAL", re.DOTALL)  # no row holds such a value


@dataclass(frozen=True)
class ReadBack:
    """The number of rows, their fingerprint, and how many hold a value that does not survive the cast back and forth."""

    rows: int
    fingerprint: str
    strange: int


def lost(  # noqa: PLR0913, PLR0917 (one table, as it was and as it is)
    before: Source,
    after: Live,
    table: str,
    was: Mapping[str, str],
    now: Mapping[str, str],
    may_write: Callable[[str], bool],
) -> Iterator[Finding]:
    """Yield that rows of a table without a copy are missing, or old values changed; `was` and `now` are its columns' types.

    Raises `Inconclusive` where the reference's fingerprint is of more than can be read back.
    """
    held = after.scannable(table)
    if held is None:
        raise Inconclusive("the table is not there (see table_states)")
    rows, found = (int(fact_about(source, "rows", table)) for source in (before, after))
    if found > rows:
        raise Inconclusive(f"it has {found - rows:,} rows more than it had, so its fingerprint is another; {COPIES}")
    if found < rows:
        sentence = f"{table} has {found:,} rows, and had {rows:,}"
        yield Finding(CHECK, table, f"{rows:,} rows", f"{found:,} rows", sentence)
        return
    stored = {name for name, _ in held.relation.columns}
    comparable = {name: was[name] for name in was if name in stored and name in now and not may_write(name)}
    yield from _other_values(before, table, held, comparable, now)


def _other_values(
    before: Source, table: str, held: ScannableTable, was: Mapping[str, str], now: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield that values changed in these columns, whose types were and are as told."""
    original, is_now = _fingerprint(before, table, was), _read_back(held, was, now)
    if (original, 0) == (is_now.fingerprint, is_now.strange):
        return
    if turned := sorted(name for name, type_ in was.items() if now[name] != type_):
        raise Inconclusive(
            f"with {', '.join(turned)} brought back to the old type, its rows are not the reference's: either the new "
            f"type does not keep what the old one did (the case of a uuid, digits, a time zone), or values changed; {COPIES}"
        )
    sentence = f"{table} holds other values in its old columns than in the reference, in as many rows"
    yield Finding(CHECK, table, "the values of the reference in its old columns", "other values", sentence)


def _fingerprint(before: Source, table: str, comparable: Mapping[str, str]) -> str:
    """Return what the reference says of the comparable columns. Raises `Inconclusive` if it only knows whole rows."""
    if held := before.scannable(table):
        return _read_back(held, comparable, comparable).fingerprint
    facts = before.known("columns", TableGroup(table, frozenset([table]))).facts
    every = {identity.removeprefix(f"{table}.") for identity, text in facts.items() if not VIRTUAL.search(text)}
    if left := sorted(every - comparable.keys()):
        raise Inconclusive(
            f"the reference keeps one fingerprint of all its columns, and {', '.join(left)} changed on purpose or went; "
            f"whether the others are as they were, {COPIES}"
        )
    return fact_about(before, "content", table)


def _read_back(held: ScannableTable, was: Mapping[str, str], now: Mapping[str, str]) -> ReadBack:
    def ask(connection: Connection) -> ReadBack:
        try:
            return _scan(connection, held, was, now)
        except (psycopg.DataError, psycopg.errors.CannotCoerce):  # its message may hold a value
            raise Inconclusive(f"not every value can be brought back to its old type; {COPIES}") from None

    return held.view.ask(ask, reads=[held.relation.source])


def _scan(connection: Connection, held: ScannableTable, was: Mapping[str, str], now: Mapping[str, str]) -> ReadBack:
    version, is_now = connection.info.server_version, dict(held.relation.columns)
    old = dict(zip(was, types_named(connection, list(was.values())), strict=True))
    turned = [name for name, type_ in was.items() if now[name] != type_]
    if unsafe := [name for name in turned if not (_own(was[name], old[name]) and _own(now[name], is_now[name]))]:
        raise Inconclusive(
            f"{', '.join(unsafe)} cannot be brought back without running functions that are not PostgreSQL's; {COPIES}"
        )
    if why := cast_obstacle(
        connection, [pair for name in turned for pair in ((was[name], now[name]), (now[name], was[name]))]
    ):
        raise Inconclusive(f"its values cannot be brought back, for {why}; {COPIES}")
    values = ", ".join(f"x.{name}{f'::{was[name]}' if name in turned else ''} AS {name}" for name in was)
    hashed = row_hash("o", [(name, old[name] or is_now[name]) for name in was], version)
    strange = [
        f"{value_hash(f'x.{name}', is_now[name], 0, version)} IS DISTINCT FROM "
        f"{value_hash(f'(o.{name}::{now[name]})', is_now[name], 0, version)}"
        for name in turned
    ]
    row = connection.execute(
        f"SELECT count(*), COALESCE(sum({hashed}), 0)::text, count(*) FILTER (WHERE {' OR '.join(strange) or 'false'})"
        f" FROM {held.relation.source} AS x CROSS JOIN LATERAL (SELECT {values}) AS o"
        f" WHERE {held.relation.own}".encode()
    ).fetchone() or (0, 0, 0)
    return ReadBack(int(str(row[0])), f"{ALGORITHM}:{row[1]}", int(str(row[2])))


def _own(name: str, type_: Type | None) -> bool:
    """Tell whether a type is built in, or an enum, so that its casts run no function of a user's: others' names have a schema."""
    return type_ is not None and is_type(name) and (type_.kind == "enum" or "." not in name)
