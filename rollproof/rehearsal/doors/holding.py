"""Constants that a statement writes, held against a CHECK: the throw-away server evaluates the condition, and no row is written."""

from typing import Literal

import psycopg

from rollproof.model.names import sql_name
from rollproof.rehearsal.doors.facts import Column, Relation, Rule
from rollproof.rehearsal.doors.written import Value, Write, value

Values = tuple[tuple[str | None, ...], ...]
Connection = psycopg.Connection[tuple[object, ...]]


def held(connection: Connection, table: Relation, rule: Rule, write: Write) -> Literal["holds", "broken", "open"]:
    """Tell whether each row that is written fulfils a condition; `open` where that depends on more than constants."""
    words = {_word(connection, table, rule, write, row) for row in write.rows}
    return "broken" if "broken" in words else "open" if "open" in words else "holds"


def as_called(write: Write, values: Values) -> Write:
    """Return a write with parameters that it was called with in the place of their numbers."""
    rows = tuple({name: _called(each, call) for name, each in row.items()} for row in write.rows for call in values)
    return Write(write.kind, write.table, rows)


def _called(written: Value, call: tuple[str | None, ...]) -> Value:
    if written.kind != "parameter" or int(written.text) > len(call):
        return written
    given = call[int(written.text) - 1]
    return Value("null") if given is None else Value("constant", literal(given))


def literal(text: str) -> str:
    """Return a text as SQL writes it, whatever `standard_conforming_strings` is."""
    quoted = text.replace("\\", "\\\\").replace("'", "''")
    return f"E'{quoted}'"


def unfit(connection: Connection, types: tuple[str, ...], values: Values) -> frozenset[int]:
    """Return the numbers of the parameters that a type refuses a value which it was called with."""
    return frozenset(
        number
        for number, name in enumerate(types, 1)
        for given in {call[number - 1] for call in values if len(call) == len(types)} - {None}
        if not _fits(connection, name, str(given))
    )


def _fits(connection: Connection, name: str, given: str) -> bool:
    connection.execute("SAVEPOINT fitting")
    try:
        connection.execute("SET TRANSACTION READ ONLY")
        connection.execute(f"SELECT CAST({literal(given)} AS {name})".encode(connection.info.encoding))
    except (psycopg.Error, UnicodeEncodeError):
        if connection.closed:
            raise
        return False
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK TO SAVEPOINT fitting")
    return True


def _word(
    connection: Connection, table: Relation, rule: Rule, write: Write, row: dict[str, Value]
) -> Literal["holds", "broken", "open"]:
    columns = [column for name in rule.columns if (column := table.column(name))]
    given = [_given(column, row.get(column.name), write) for column in columns]
    if None in given or not rule.expression:
        return "open"
    row_of = ", ".join(f"{each} AS {sql_name(column.name)}" for column, each in zip(columns, given, strict=True))
    asked = f"SELECT ({rule.expression}) FROM (SELECT {row_of}) AS given"
    connection.execute("SAVEPOINT holding")
    try:
        connection.execute("SET TRANSACTION READ ONLY")
        found = connection.execute(asked.encode(connection.info.encoding)).fetchone()
    except psycopg.Error:
        if connection.closed:
            raise
        return "open"
    else:
        return "broken" if found and found[0] is False else "holds"
    finally:
        if not connection.closed:
            connection.execute("ROLLBACK TO SAVEPOINT holding")


def _given(column: Column, written: Value | None, write: Write) -> str | None:
    """Return what a column gets as SQL; None if it is no constant."""
    if written is None and write.kind == "update":
        return None
    if written is None or written.kind == "default":
        written = value(column.default) if column.default else Value("default" if column.filled else "null")
    texts = {"null": "NULL", "constant": written.text}
    return f"CAST({texts[written.kind]} AS {column.stored})" if written.kind in texts else None
