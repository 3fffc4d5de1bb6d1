"""The facts in question, looked at in the tool's own session, and what each statement changed of them."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from rollproof.catalog.capture import Scope, facts_seen
from rollproof.catalog.queries import SQL
from rollproof.model.names import respelled
from rollproof.rehearsal.blame.origin import Place
from rollproof.rehearsal.blame.pieces import first_word
from rollproof.rehearsal.blame.trail import Change, Key, Seen, changes
from rollproof.rehearsal.blame.watched import Asked, Watched
from rollproof.rows.row_hash import row_hash
from rollproof.rows.tables import Relation, relations
from rollproof.server.reader import Connection
from rollproof.server.transactions import Limits, pins
from rollproof.sources.source import CONTENT

_HARMLESS = frozenset({"BEGIN", "START", "SAVEPOINT", "RELEASE", "SHOW", "DEALLOCATE", "LISTEN", "DISCARD"})
_AS_OURSELVES = b"SET LOCAL SESSION AUTHORIZATION DEFAULT"
_AS_NOBODY_ELSE = b"SET LOCAL ROLE NONE"
_KEY = b"""
SELECT quote_ident(a.attname)
FROM pg_catalog.pg_index AS i
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[])
WHERE i.indrelid = $1::int8::oid AND i.indisprimary
"""

Caller = Callable[[], tuple[Path, int] | None]


def readable(key: Key) -> bool:
    """Tell whether a fact is one that a query of ours reads."""
    return key[0] in CONTENT or (SQL / f"{key[0]}.sql").exists()


@dataclass(frozen=True)
class Look:
    """Looks at facts (`keys`) in a session, which stays as it is."""

    scope: Scope
    keys: frozenset[Key]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of tables whose content is looked at, those columns that are looked at one by one, those of the primary key first."""

    @property
    def tables(self) -> frozenset[str]:
        """The tables whose rows are looked at."""
        return frozenset(identity for facet, identity in self.keys if facet in CONTENT)

    def first(self, connection: Connection) -> "Look":
        """Return what looks at the columns, too, that the tables have now."""
        with _aside(connection, b"I"):
            found = relations(connection, self.scope.names(connection)) if self.tables else {}
            columns = {name: _key_first(connection, found[name]) for name in self.tables & found.keys()}
        return replace(self, columns=columns)

    def at(self, connection: Connection, status: bytes) -> Seen:
        """Return the facts as the session sees them. Raises what the server raises."""
        with _aside(connection, status):
            facts = facts_seen(connection, self.scope, {facet for facet, _ in self.keys} - {*CONTENT})
            rows = dict(self._rows(connection))
        catalogue = {key: facts[key[0]].get(key[1]) for key in self.keys if key[0] not in CONTENT}
        return catalogue | {key: rows.get(key) for table in self.tables for key in self.of_rows(table)}

    def of_rows(self, table: str) -> tuple[Key, ...]:
        """Return what is looked at of a table's rows, what tells most first: their number, each column, and all of it."""
        each = (part_of(table, column) for column in self.columns.get(table, ()))
        return ("rows", table), *each, ("content", table)

    def _rows(self, connection: Connection) -> Iterator[tuple[Key, str]]:
        found = relations(connection, self.scope.names(connection)) if self.tables else {}
        for table in self.tables & found.keys():
            yield from self._of_one(connection, found[table])

    def _of_one(self, connection: Connection, relation: Relation) -> Iterator[tuple[Key, str]]:
        own, version = dict(relation.columns), connection.info.server_version
        known = self.columns.get(relation.name, ())
        there = [column for column in known if column in own]
        groups = [[(column, own[column])] for column in there] + [[(each, own[each]) for each in there]]
        sums = ", ".join(f"sum({row_hash('x', group, version)})::text" for group in groups)
        select = f"SELECT count(*)::text, {sums} FROM {relation.source} AS x"
        number, *prints = connection.execute(select.encode()).fetchone() or ()
        yield ("rows", relation.name), str(number)
        for column, told in zip(there, prints, strict=False):
            yield part_of(relation.name, column), str(told)
        yield ("content", relation.name), f"{prints[-1]} {'' if len(there) == len(known) else there}"


def _key_first(connection: Connection, relation: Relation) -> tuple[str, ...]:
    key = {respelled(str(name)) for (name,) in connection.execute(_KEY, (relation.oid,)).fetchall()}
    return tuple(sorted((column for column, _ in relation.columns), key=lambda column: column not in key))


def part_of(table: str, column: str) -> Key:
    """Return what stands for one column of a table's rows."""
    return "content", f"{table}\0{column}"


@contextmanager
def _aside(connection: Connection, status: bytes) -> Iterator[None]:
    """As ourselves, with all settings pinned, in a transaction or a savepoint that is rolled back."""
    inside = status == b"T"
    connection.execute(b"SAVEPOINT rollproof" if inside else b"BEGIN")
    try:
        connection.execute(_AS_OURSELVES)
        connection.execute(_AS_NOBODY_ELSE)
        connection.execute(pins(connection, Limits()).encode())
        yield
    finally:
        connection.execute(b"ROLLBACK TO SAVEPOINT rollproof" if inside else b"ROLLBACK")
        if inside:
            connection.execute(b"RELEASE SAVEPOINT rollproof")


@dataclass
class Recorder:
    """An observer of a run's sessions, who writes down what each statement changed; `stage` and `run` say what is being run.

    `until` is when it stops looking (`time.monotonic`); `trouble` is then why, and also where looking failed.
    """

    look: Look
    caller: Caller
    until: float
    stage: str = ""
    run: int = 0
    trail: list[Change] = field(default_factory=list)
    trouble: str = ""
    _seen: dict[int, Seen] = field(default_factory=dict)
    _last: int = 0
    _places: dict[int, tuple[Path, int] | None] = field(default_factory=dict)
    _one_at_a_time: "threading.RLock" = field(default_factory=threading.RLock)

    def begins(self, run: int, stage: str) -> None:
        """Hear that a command is about to be run."""
        self.run, self.stage, self._last = run, stage, 0
        self._seen.clear()
        self._places.clear()

    def before(self, session: Watched) -> None:
        """Look at what others did, when it is another session's turn."""
        with self._one_at_a_time:
            if session.counted.number != self._last and session.status != b"E":
                self._last = session.counted.number
                self._looked(session, ())

    def sends(self, asked: Asked) -> None:
        """Ask from where it is sent."""
        with self._one_at_a_time:
            self._places[asked.number] = self.caller()

    def after(self, session: Watched, asked: Asked) -> None:
        """Look at what the statement did."""
        with self._one_at_a_time:
            if session.status != b"E" and not _is_harmless(asked.text):
                file, line = self._places.get(asked.number) or (None, None)
                self._looked(session, [Place(self.stage, asked.number, asked.text, file, line, asked.part)])

    def _looked(self, session: Watched, by: Iterable[Place]) -> None:
        if self.trouble:
            return
        if time.monotonic() > self.until:
            self.trouble = "it could not be traced: looking at the database after each statement takes too long"
            return
        try:
            with session.beside.lent(session.status) as connection:
                seen = self.look.at(connection, session.status)
        except Exception as error:  # noqa: BLE001 (whatever it is, the tool's run must go on)
            self.trouble = f"it could not be traced: {error}"
            return
        number = session.counted.number
        for place in by:
            self.trail += changes(self.run, place, self._seen.get(number, seen), seen)
        self._seen[number] = seen


def _is_harmless(text: str) -> bool:
    word = first_word(text)
    return word in _HARMLESS or (word == "SET" and "CONSTRAINTS" not in text.upper())
