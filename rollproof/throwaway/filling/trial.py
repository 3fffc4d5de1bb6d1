"""Which expressions the server takes: it evaluates them, and the conditions that they must meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg

from rollproof.throwaway.filling.shape import Admin, Column, Table

_PLACE = "place_among_those_tried"


class Unfillable(Exception):  # noqa: N818 (a fact about the table)
    """A table that cannot be filled; its text is the reason."""


@dataclass
class Trial:
    """Tries expressions on a database; `why` is what it said of the last one that it refused."""

    connection: Admin
    why: str = ""

    def passed(self, column: str, expressions: Sequence[str], conditions: Sequence[str]) -> list[str]:
        """Return the expressions that are values, and that meet all conditions of this column."""
        if not expressions:
            return []
        place = _beside([column])
        listed = ", ".join(f"({number}, {each})" for number, each in enumerate(expressions))
        met = " AND ".join(f"({each}) IS NOT FALSE" for each in conditions) or "true"
        query = f"SELECT x.{place} FROM (VALUES {listed}) AS x ({place}, {column}) WHERE {met} AND {column} IS NOT NULL"
        try:
            return [expressions[n] for (n,) in sorted(self.asked(query))]
        except psycopg.Error as error:
            self.why = said(error)
        if len(expressions) == 1:
            return []
        half = len(expressions) // 2
        return self.passed(column, expressions[:half], conditions) + self.passed(column, expressions[half:], conditions)

    def takes_null(self, column: Column, conditions: Sequence[str]) -> bool:
        """Tell whether a column may be NULL, by its type and these conditions."""
        met = " AND ".join(f"({each}) IS NOT FALSE" for each in conditions) or "true"
        try:
            return bool(
                self.asked(f"SELECT x FROM (VALUES (CAST(NULL AS {column.written}))) AS x ({column.name}) WHERE {met}")
            )
        except psycopg.Error:
            return False

    def rows(self, table: Table, rows: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the places of the rows that obey the table's checks, or of all if these cannot be evaluated beforehand."""
        columns = [each for each in table.columns if rows and each.name in rows[0]]
        typed = [
            [row[each.name] if row[each.name] != "NULL" else f"CAST(NULL AS {each.written})" for each in columns]
            for row in rows
        ]
        listed = ", ".join(f"({number}, {', '.join(values)})" for number, values in enumerate(typed))
        place = _beside([each.name for each in columns])
        names = ", ".join((place, *(each.name for each in columns)))
        met = " AND ".join(f"({each}) IS NOT FALSE" for each in table.checks)
        query = f"SELECT x.{place} FROM (VALUES {listed}) AS x ({names}) WHERE {met}"
        try:
            return sorted(n for (n,) in self.asked(query))
        except psycopg.Error as error:
            self.why = said(error)
            return list(range(len(rows)))

    def asked(self, query: str) -> list[tuple[Any, ...]]:
        """Return what the server answers."""
        return self.connection.execute(query.encode(self.codec)).fetchall()

    @property
    def codec(self) -> str:
        """The encoding in which the connection takes statements."""
        return self.connection.info.encoding

    def encodable(self, expressions: Sequence[str]) -> list[str]:
        """Return the expressions that can be written in the database's encoding."""
        codec = "ascii" if self.connection.info.parameter_status("server_encoding") == "SQL_ASCII" else self.codec
        return [each for each in expressions if each.isascii() or _fits(each, codec)]


def _beside(names: Sequence[str]) -> str:
    """Return the name of a column that is none of these."""
    return _PLACE + "_" * (_PLACE in names)


def _fits(text: str, codec: str) -> bool:
    try:
        text.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def said(error: psycopg.Error) -> str:
    """Return what PostgreSQL said, in one line."""
    return (error.diag.message_primary or str(error).strip()).replace("\n", " ")
