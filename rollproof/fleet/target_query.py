"""Targets by a query: sql:URL:QUERY, asked once, in a transaction that only reads."""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from typing import cast

import psycopg

from rollproof.commands.verification import limits
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.redaction import secrets_in
from rollproof.probes.queries.plans import vouched
from rollproof.server.connection import Connection, Target, connect
from rollproof.server.reader import pinned
from rollproof.server.sqlstates import server_message
from rollproof.settings.options import Settings

_QUERY = re.compile(r":(?=\s*(?:\(|(?:select|with|table|values)\b))", re.IGNORECASE)
_AS_ALWAYS = b"""
SELECT pg_catalog.set_config('search_path', s.reset_val, true) FROM pg_catalog.pg_settings AS s WHERE s.name = 'search_path'
"""
_FORM = "write --targets 'sql:postgresql://user@host/database:SELECT url, name FROM …'"
_COLUMNS = 2
MOST = 1_000_000
"""Rows of a query: each target takes memory here."""


def asked(text: str, environment: Mapping[str, str], settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the URL and the name of each row, "" where the query has no second column; `text` is URL:QUERY.

    Raises `Misuse` if that is no query of URLs, `Inconclusive` if the database cannot be asked. Neither shows a value of a row.
    """
    found = _QUERY.search(text)
    if not found:
        raise Misuse(f"--targets sql: has no query, which begins with SELECT, WITH, TABLE or VALUES; {_FORM}")
    url, query = text[: found.start()], text[found.end() :].strip().rstrip(";")
    target = Target.parse(url)
    with connect(target) as connection:
        try:
            yield from _rows(connection, query, settings)
        except psycopg.OperationalError as error:
            raise Inconclusive(f"--targets sql: {target} did not answer: {server_message(error)}") from error
        except psycopg.Error as error:
            hide = secrets_in([url], environment).hide
            raise Misuse(f"--targets sql: {target} refuses the query: {hide(server_message(error))}") from error


def _rows(connection: Connection, query: str, settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the rows. Who typed the query vouches for it, and it is written for the session's own search_path."""
    with pinned(connection, limits(settings)):
        vouched(connection)
        connection.execute(_AS_ALWAYS)
        # Row by row, for nobody knows how many there are; closed here, which cancels a query that goes on.
        found = cast("Generator[Sequence[object], None, None]", connection.cursor().stream(query.encode()))
        with closing(found) as rows:
            for place, row in enumerate(rows, start=1):
                if len(row) not in (1, _COLUMNS):
                    raise Misuse(
                        f"--targets sql: the query has {len(row)} columns; it needs one, the URL, or two, URL and name"
                    )
                if place > MOST:
                    raise Misuse(
                        f"--targets sql: the query returns more than {MOST:,} rows, the most that one fleet may have"
                    )
                yield _texts(place, row)


def _texts(place: int, row: Sequence[object]) -> tuple[str, str]:
    for what, value in zip(("URL", "name"), row, strict=False):
        if not isinstance(value, str) or not value.strip():
            is_a = "NULL" if value is None else "empty" if isinstance(value, str) else f"a {type(value).__name__}"
            raise Misuse(f"--targets sql: row {place} of the query: its {what} is {is_a}, and must be a text")
    url, name = (str(row[0]).strip(), str(row[1]).strip()) if len(row) == _COLUMNS else (str(row[0]).strip(), "")
    return url, name
