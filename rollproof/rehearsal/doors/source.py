"""What the source database itself tells of the statements that it was sent: its statistics and its log."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.rehearsal.doors.log_lines import entries
from rollproof.rehearsal.doors.log_statements import LogStatements
from rollproof.rehearsal.doors.session import Session
from rollproof.rehearsal.doors.splitting import Script
from rollproof.rehearsal.doors.statement import Statement
from rollproof.server.connection import Connection, Target, connect

STATISTICS, LOG = "pg_stat_statements", "log"
_END = 64 * 2**20  # so much of the end of a log is read
_BEGINS = re.compile(r"^(?:\{|\d{4}-\d\d-\d\d )", re.MULTILINE)  # an entry, in a text that was cut
_HAS_JSON = 150000
_READ = (
    b"SELECT f.size, pg_catalog.pg_read_binary_file($1::text, greatest(f.size - $2::int8, 0), $2::int8) "
    b"FROM pg_catalog.pg_stat_file($1::text) AS f"
)
_HIDDEN = "<insufficient privilege>"
_TYPED = re.compile(r"\b(interval|date|time|timestamp|timestamptz|timetz)\s+(\$\d+)", re.IGNORECASE)
_EXTRACT = re.compile(r"\bextract\s*\(\s*(\$\d+)\s+from\s+", re.IGNORECASE)
_WHERE_IT_IS = (
    b"SELECT n.nspname FROM pg_catalog.pg_extension AS e JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace "
    b"WHERE e.extname = 'pg_stat_statements'"
)
_STATISTICS = """
SELECT s.query, s.calls::int8, r.rolname FROM {schema}.pg_stat_statements AS s
LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.userid
WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND coalesce((pg_catalog.to_jsonb(s) ->> 'toplevel')::boolean, true)
ORDER BY s.calls DESC, s.query
"""


def from_statistics(url: str | None, notes: list[str]) -> Iterator[Statement]:
    """Yield the statements of the source database that pg_stat_statements counted, the most frequent first."""
    with _asked(url) as connection:
        schema = connection.execute(_WHERE_IT_IS).fetchone()
        if schema is None:
            raise Misuse(
                "the source database has no such extension; type there: CREATE EXTENSION "
                "pg_stat_statements (it must stand in shared_preload_libraries), let the application work, and try again"
            )
        name = '"' + str(schema[0]).replace('"', '""') + '"'
        rows = connection.execute(_STATISTICS.format(schema=name).encode()).fetchall()
        notes.extend(_evicted(connection, name))
    if rows and all(query == _HIDDEN for query, _, _ in rows):
        raise Misuse(
            "the source's role may not read the statements of others; type there: "
            f"GRANT pg_read_all_stats TO {Target.parse(url or '').parameters.get('user', 'the role')}"
        )
    yield from _counted(rows, notes)


def _counted(rows: list[tuple[object, ...]], notes: list[str]) -> Iterator[Statement]:
    hidden = [query for query, _, _ in rows if query in (_HIDDEN, None)]
    if hidden:
        notes.append(
            f"pg_stat_statements: {counted(len(hidden), 'statement')} of which the text is not shown to this role, or lost"
        )
    for number, (query, calls, role) in enumerate(rows, 1):
        if query not in (_HIDDEN, None):
            for each in Script(_repaired(str(query))).pieces():
                where = f"pg_stat_statements:{number}"
                said = Statement(each.text, where, str(role or ""), int(str(calls)), is_recorded=True)
                yield from Session().told(said)


def _repaired(query: str) -> str:
    """Return a statement as it can be prepared, where a constant was replaced that no parameter may stand for."""
    return _EXTRACT.sub(r"pg_catalog.extract(\1::text, ", _TYPED.sub(r"\2::\1", query))


def _evicted(connection: Connection, schema: str) -> Iterator[str]:
    try:
        found = connection.execute(f"SELECT dealloc FROM {schema}.pg_stat_statements_info".encode()).fetchone()
    except psycopg.Error:  # an older version of the extension has no such view
        return
    if found and int(str(found[0])):
        yield (
            f"pg_stat_statements has dropped statements {counted(int(str(found[0])), 'time')} for want of room, so there are more "
            "than these (pg_stat_statements.max)"
        )


def from_log(url: str | None, notes: list[str]) -> Iterator[Statement]:
    """Yield the statements of the source database that the end of its server's current log tells of."""
    with _asked(url) as connection:
        database = connection.execute(b"SELECT pg_catalog.current_database()").fetchone()
        text, name = _end_of_log(connection)
    read = LogStatements(name, str(database[0]) if database else "")
    yield from read.statements(entries(text.splitlines(keepends=True)))
    notes.extend(read.notes())


def _end_of_log(connection: Connection) -> tuple[str, str]:
    """Return the end of the current log and its name. Raises `Misuse` if it cannot be read by SQL."""
    try:
        if not (name := _current_log(connection)):
            raise Misuse(
                "the source's server collects no log that SQL can read (logging_collector is off); name the "
                "file: log:FILE"
            )
        size, read = connection.execute(_READ, [name, _END]).fetchone() or (0, b"")
    except psycopg.errors.InsufficientPrivilege as error:
        raise Misuse(
            f"the source's role may not read the server's log ({error.diag.message_primary}); it needs "
            "pg_monitor and pg_read_server_files, or name a copy of the log: log:FILE"
        ) from error
    text = read.decode("utf-8", "replace") if isinstance(read, bytes) else ""
    begins = _BEGINS.search(text) if int(str(size)) > _END else None
    return text[begins.start() if begins else 0 :], name.rpartition("/")[2]


def _current_log(connection: Connection) -> str:
    kinds = ("jsonlog", "csvlog", "stderr") if connection.info.server_version >= _HAS_JSON else ("csvlog", "stderr")
    for kind in kinds:
        found = connection.execute(b"SELECT pg_catalog.pg_current_logfile($1)", [kind]).fetchone()
        if found and found[0]:
            return str(found[0])
    return ""


@contextmanager
def _asked(url: str | None) -> Iterator[Connection]:
    """Open the source database. Raises `Misuse` if the source is none, or says no."""
    if not url:
        raise Misuse(
            "it asks the database that is copied, and --source is none; name its URL with --source, or "
            "give the statements in a file"
        )
    with connect(Target.parse(url)) as connection:
        connection.execute(b"SET statement_timeout = '60s'")
        connection.execute(b"SET default_transaction_read_only = on")
        try:
            yield connection
        except psycopg.Error as error:
            raise Misuse(f"the source database says: {error.diag.message_primary or error}") from error
