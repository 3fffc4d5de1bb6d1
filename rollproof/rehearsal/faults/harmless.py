"""Changes that leave a database as it was: what a restore, a rebuild, or a change that was taken back does to it."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import psycopg

_CHANGES = Path(__file__).with_name("harmless.toml")


class Harmless(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One such change: a query for its statements, and those before and after them; `since` is the first major that has it."""

    name: str
    each: str
    first: str = ""
    last: str = ""
    since: int = 0

    def statements(self, connection: psycopg.Connection) -> tuple[str, ...]:
        """Return the statements that make it on the objects that are there now; the session's search path is empty."""
        if connection.info.server_version < self.since * 10_000:
            return ()
        rows = connection.execute(f"WITH relations AS ({_written()['relations']}) {self.each}".encode())
        return tuple(str(text) for (text,) in rows if text)


@cache
def harmless_changes() -> tuple[Harmless, ...]:
    """Return all of them, in the order in which they are made."""
    return msgspec.convert(_written()["change"], tuple[Harmless, ...])


@cache
def _written() -> dict[str, Any]:
    return tomllib.loads(_CHANGES.read_text("utf-8"))
