"""What a migration or a rollback needs before it begins: disk space, primary keys, convertible values, a command to run."""

import re
import shlex
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from rollproof.model.errors import Inconclusive
from rollproof.model.finding import Finding
from rollproof.model.names import requoted, respelled
from rollproof.probes.foreign_keys import EVIDENCE
from rollproof.server.reader import Connection
from rollproof.server.user_code import cast_obstacle

_SIZES = """
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       pg_catalog.pg_table_size(c.oid), pg_catalog.pg_total_relation_size(c.oid)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_'
"""
_BYTES_PER_SECOND = 20e6  # what is written, indexed and logged; an order of magnitude, a rehearsal tells more
_KNOWS_VALIDITY = 160000  # the first server with pg_input_is_valid
_UUID = "^[{]?([0-9a-fA-F]{4}-?){7}[0-9a-fA-F]{4}[}]?$"  # what PostgreSQL reads as one


def need(connection: Connection, tables: Collection[str], *, copied: bool) -> int:
    """Return the bytes that will be written: each table made anew and, if they are copied before, as much again without indexes."""
    rows = [row for row in connection.execute(_SIZES.encode()).fetchall() if respelled(str(row[0])) in tables]
    copies = sum(int(str(plain)) for _, plain, _ in rows) if copied else 0
    return copies + sum(int(str(total)) for _, _, total in rows)


def in_words(size: int) -> str:
    """Return the size and the time it takes to write, both rounded."""
    return f"about {size / 1e6:,.0f} MB, which take some {max(1, size / _BYTES_PER_SECOND):,.0f} s to write"


def no_room(size: int, free: int) -> Iterator[Finding]:
    """Yield that less disk space is free than twice what will be written: the write-ahead log takes as much again."""
    if free < 2 * size:
        has, needs, writes = (f"{number / 1e6:,.1f} MB" for number in (free, 2 * size, size))
        sentence = (
            f"{has} are free, and {needs} are needed: {writes} to be written, and as much for the write-ahead log"
        )
        yield Finding("disk_space", "free_bytes", f"{needs} free", has, sentence)


def without_primary_key(tables: Iterable[str], kinds: Mapping[str, str], keys: Collection[str]) -> Iterator[Finding]:
    """Yield each table without a primary key; a foreign table cannot have one."""
    for table in sorted(tables):
        if table not in keys and "foreign table" not in kinds.get(table, ""):
            yield Finding("primary_keys", table, "a primary key", "none", f"{table} has no primary key")


def unconvertible(  # noqa: PLR0913, PLR0917 (one question about one column)
    connection: Connection, table: str, column: str, becomes: str, key: tuple[str, ...], old: str
) -> Iterator[Finding]:
    """Yield that values of a column cannot be converted to its new type, or that two values of a key become the same one.

    Raises `Inconclusive` if nobody can say without running a function of a user's.
    """
    table, column = requoted(table, 2), requoted(column, 1)
    if why := cast_obstacle(connection, [(old, "text"), ("text", becomes)]):
        raise Inconclusive(f"{table}.{column}: whether each {old} is a {becomes} is not tried, for {why}")
    value = f"x.{column}::pg_catalog.text"
    columns = ", ".join(f"x.{part}" for part in key)
    shown = f"pg_catalog.concat({columns})" if len(key) == 1 else f"ROW({columns})" if key else "x.ctid"
    bad = f"x.{column} IS NOT NULL AND NOT {_fits(connection, value, becomes)}"
    count, keys = _found(connection, f"SELECT {shown}::pg_catalog.text FROM {table} AS x WHERE {bad}")
    name = f"{table}.{column}"
    if count:
        where = f"the row {keys}" if count == 1 else f"{count:,} rows: {keys}"
        sentence = f"{name} holds values that cannot become {becomes}, in {where}"
        yield Finding("unconvertible_values", name, f"{old}, each a {becomes}", f"{count:,} are none", sentence)
    elif key == (column,):
        same = f"SELECT pg_catalog.min({value}) FROM {table} AS x GROUP BY {value}::{becomes} HAVING pg_catalog.count(*) > 1"
        yield from _meeting(name, becomes, *_found(connection, same))


def _meeting(name: str, becomes: str, count: int, keys: str) -> Iterator[Finding]:
    """Yield that different values of a key would become the same one, if there are any."""
    if count:
        sentence = f"different values of {name} would become the same {becomes}: {keys}"
        yield Finding(
            "unconvertible_values", name, f"another {becomes} in each row", f"{count:,} are the same", sentence
        )


def _fits(connection: Connection, value: str, becomes: str) -> str:
    if connection.info.server_version >= _KNOWS_VALIDITY:
        return f"pg_catalog.pg_input_is_valid({value}, '{becomes.replace(chr(39), chr(39) * 2)}')"
    if becomes == "uuid":
        return f"({value} ~ '{_UUID}')"
    raise Inconclusive(f"whether a text is a {becomes}, a server can say from PostgreSQL 16 on")


def _found(connection: Connection, query: str) -> tuple[int, str]:
    counted = (
        f"SELECT pg_catalog.count(*), (pg_catalog.array_agg(q.k ORDER BY q.k))[1:{EVIDENCE}] FROM ({query}) AS q (k)"
    )
    count, keys = connection.execute(counted.encode()).fetchone() or (0, None)
    listed: tuple[object, ...] = tuple(keys or ())  # type: ignore[arg-type] # an array of text
    return int(str(count)), ", ".join(map(str, listed)) + (", …" if int(str(count)) > len(listed) else "")


def unreachable(command: str, folder: Path) -> Iterator[Finding]:
    """Yield that the program of the rollback command, or the script that it is given, is not found; nothing is run."""
    words = [word for word in shlex.split(command) if not re.match(r"\w+=", word)]
    program = words[0] if words else ""
    if not shutil.which(program, path=None) and not (folder / program).is_file():
        found = f"{program} is not found" if program else "it names no program"
        sentence = f"the rollback command cannot be run: {found} ({command})"
        yield Finding("rollback_command", command, "a program that can be run", found, sentence)
    for script in words[1:2]:
        if re.search(r"\.(py|sh|sql|rb|js|jar)$", script) and not (folder / script).is_file():
            found = f"{script} is not in {folder}"
            sentence = f"the rollback command cannot be run: {found} ({command})"
            yield Finding("rollback_command", command, "a script that is there", found, sentence)
