"""Rows that are in another database than the one that is repaired: fetched into files, which the script loads by psql's own COPY.

A file is in the text format of COPY, and for the eyes of its owner alone. What is in memory at once is one row.
"""

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from psycopg import Copy

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.printable_sql import pasteable
from rollproof.rows.paired_tables import Pair
from rollproof.rows.row_diff import EXTRA, REPEATED, RowChange, both_sides, find_changes
from rollproof.rows.row_hash import Type
from rollproof.rows.row_lookup import Lookup
from rollproof.rows.tables import ScannableTable
from rollproof.system.files import NO_LINK, keep_from_others

DEFAULT = "rollproof-values"
"""The folder that is made where none is named; with a number if there is one already."""
_PLACE = re.compile(r"\(\d+,\d+\)")
_NAMED = 5  # keys of added rows that are kept to be named
_LONGEST = 80  # letters of a table's name in that of a file


class ValueFiles:
    """The files of one script in a folder, which is made when the first is written.

    Raises `Misuse` if the folder holds anything, or its name cannot stand in a script.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._named = folder
        self._folder: Path | None = None
        self._number = 0

    def create(self, table: str, what: str) -> "ValueFile":
        """Return a new, empty file for rows of a table."""
        self._folder = self._folder or _made(self._named)
        self._number += 1
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", table)[:_LONGEST]
        path = self._folder / f"{self._number:03}-{plain}.{what}"
        return ValueFile(path, f"rollproof_{what}_{self._number}")


@dataclass(frozen=True)
class ValueFile:
    """A file with rows, and the name of the temporary table into which it is loaded."""

    path: Path
    name: str

    @property
    def source(self) -> str:
        """The temporary table, as in FROM."""
        return f"pg_temp.{self.name}"

    def load(self, table: str, columns: str, encoding: str) -> tuple[str, ...]:
        """Return what loads it: a temporary table like those columns of the table, and psql's command."""
        quoted = str(self.path).replace("'", "''")
        copy = f"\\copy {self.source} FROM '{quoted}' WITH (ENCODING '{encoding}')"
        if "\n" in copy or pasteable(copy) != copy:
            raise Misuse(f"--values-dir: a script cannot name the file {self.path!s}: choose a plainer folder")
        return (
            f"CREATE TEMPORARY TABLE {self.name} ON COMMIT DROP AS SELECT {columns} FROM ONLY {table} AS t WITH NO DATA;",
            copy,
        )


def _made(named: Path | None) -> Path:
    folder = (named or _free()).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if next(folder.iterdir(), None):
            raise Misuse(
                f"--values-dir {folder} holds files already, and none is overwritten: name another, or empty it"
            )
    except OSError as error:
        raise Misuse(f"--values-dir {folder} cannot be used: {error.strerror}") from error
    return folder


def _free() -> Path:
    number = 1
    while (folder := Path(f"{DEFAULT}-{number}" if number > 1 else DEFAULT)).exists():
        number += 1
    return folder


@dataclass
class Fetched:
    """How many rows of each kind there are, in which columns they differ, and the files.

    `kept` has the rows as they were, all of them where `added` is None, else those that differ; `added` has each of
    those of which there are more than there were.
    """

    kept: ValueFile
    added: ValueFile | None
    encoding: str
    counts: Counter[str] = field(default_factory=Counter)
    changed: set[str] = field(default_factory=set)
    keys_added: list[str] = field(default_factory=list)


_VAGUE = {"tsquery", "regproc", "regoper", "xml"}  # what binds closer, arguments, a declaration are not in their text


def _require_exact(held: ScannableTable, columns: Sequence[str]) -> None:
    """Raise `Inconclusive` if the text of a column's values is not all that they are."""
    if vague := [name for name, type_ in held.relation.columns if name in columns and _is_vague(type_)]:
        raise Inconclusive(
            f"its rows are in another database, and the text of {', '.join(vague)} does not tell all of a value"
        )


def _is_vague(type_: Type) -> bool:
    return type_.builtin in _VAGUE or any(_is_vague(part) for _, part in type_.parts)


def fetch(
    pair: Pair, rows: int, columns: Sequence[str], files: ValueFiles, kind: Callable[[RowChange], str]
) -> Fetched:
    """Write the rows that differ between two databases to files; `rows` is about how many there are.

    Raises `Misuse` if a file cannot be written, `Inconclusive` if a server refuses.
    """
    _require_exact(pair.was, columns)
    table = pair.now.relation.name
    files_of = files.create(table, "rows"), files.create(table, "added")
    fetched = Fetched(*files_of, _encoding(pair.was))
    with _opened(files_of[0].path) as kept, _opened(files_of[1].path) as added:

        def take(some: Sequence[RowChange], look: Lookup) -> bool:
            fetched.counts.update(map(kind, some))
            fetched.changed |= look.by_column(both_sides(some)).keys()
            _write(pair.was, columns, _wanted(some, keyed=bool(pair.key), side=0), kept)
            more = _wanted(some, keyed=bool(pair.key), side=1)
            _write(pair.now, columns, more, added)
            if named := more[: _NAMED - len(fetched.keys_added)] if pair.key else []:
                fetched.keys_added += [", ".join(map(str, row.key)) for row in look.rows(pair.now, named).values()]
            return True

        find_changes(pair, rows, take)
    return fetched


def fetch_all(source: ScannableTable, columns: Sequence[str], files: ValueFiles) -> Fetched:
    """Write all rows of a table that is to be made again."""
    _require_exact(source, columns)
    table = source.relation.name
    fetched = Fetched(files.create(table, "rows"), None, _encoding(source))
    with _opened(fetched.kept.path) as kept:
        _copy(source, columns, "true", kept)
    return fetched


def _encoding(held: ScannableTable) -> str:
    """Return the encoding in which rows are read: what says nothing of its own is carried as it is."""
    own = held.view.ask(lambda it: it.info.parameter_status("server_encoding"))
    return own if own == "SQL_ASCII" else "UTF8"


def _opened(path: Path) -> IO[bytes]:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, 0o600)
    except OSError as error:
        raise Misuse(f"--values-dir: {path} cannot be written: {error.strerror}") from error
    keep_from_others(handle)
    return os.fdopen(handle, "wb")


def _wanted(some: Iterable[RowChange], *, keyed: bool, side: int) -> list[str]:
    """Return the places of rows that one side must bring: of one key once, without a key as often as such a row was there."""
    found: list[str] = []
    for each in some:
        place, here, there = (each.was, each.now)[side], each.rows[side], each.rows[1 - side]
        if place and side == 0:
            found += [place] * (1 if keyed else here)
        elif place and (each.kind == EXTRA or (each.kind == REPEATED and here > there)):
            found.append(place)
    return found


def _write(held: ScannableTable, columns: Sequence[str], places: Sequence[str], file: IO[bytes]) -> None:
    times = Counter(places)
    for number in sorted(set(times.values())):
        chosen = ", ".join(
            f'"{place}"' for place, count in times.items() if count == number and _PLACE.fullmatch(place)
        )
        for _ in range(number):
            _copy(held, columns, f"x.ctid = ANY ('{{{chosen}}}'::pg_catalog.tid[])", file)


def _copy(held: ScannableTable, columns: Sequence[str], condition: str, file: IO[bytes]) -> None:
    start = file.tell()
    values = ", ".join(f"x.{column}" for column in columns)
    query = f"COPY (SELECT {values} FROM {held.rows} AND {condition}) TO STDOUT"

    def write(copied: AbstractContextManager[Copy]) -> None:
        file.seek(start)  # a question may be asked again
        file.truncate()
        with copied as rows:
            for row in rows:
                file.write(row)

    try:
        held.ask(lambda it: write(it.cursor().copy(query.encode())))
        file.flush()
    except OSError as error:
        raise Misuse(f"--values-dir: the rows cannot be written: {error.strerror}") from error
