"""A baseline as a program has it: facts of one moment, in memory or from a file."""

import datetime
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rollproof.api.errors import told_plainly
from rollproof.api.handed_over import handed_over
from rollproof.api.surroundings import Config, configured
from rollproof.commands.taken import take
from rollproof.commands.verification import key_of, recorded
from rollproof.model.errors import Inconclusive, Misuse, NotChecked
from rollproof.model.printable import one_line
from rollproof.model.snapshot import Snapshot
from rollproof.model.timestamps import read, shown
from rollproof.settings.configuration import Configured
from rollproof.settings.reference import Reference
from rollproof.sources.baseline import save
from rollproof.sources.moment import Moment, Unheard
from rollproof.sources.recorded import Recorded
from rollproof.sources.signature import read_key
from rollproof.system.deadline import Deadline

IN_MEMORY = "a baseline in memory"


class Baseline:
    """What a database was at one moment: `facts` by their facet. Made by `capture` and `load`."""

    __module__ = "rollproof"

    def __init__(self, recorded: Recorded) -> None:
        self._recorded = recorded

    @property
    def database(self) -> str:
        """The name of the database."""
        return self._snapshot.origin.database

    @property
    def taken(self) -> datetime.datetime:
        """When it was taken, by the server's clock."""
        told = read(self._snapshot.origin.taken)
        if told is None:
            raise Inconclusive(f"the baseline does not tell when it was taken: {self._snapshot.origin.taken}")
        return told

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables' names with their schema, as SQL writes them, sorted."""
        return self._snapshot.tables

    @property
    def _snapshot(self) -> Snapshot:
        return self._recorded.snapshot

    @told_plainly
    def facts(self, facet: str) -> Mapping[str, str]:
        """Return the facts of a facet, such as "columns", "indexes" or "rows": the object's name → its description.

        Raises `Misuse` if there is no such facet, `Inconclusive` if it could not be read.
        """
        with _told():
            return Moment(self._recorded).facts(facet)

    @told_plainly
    def row_count(self, table: str) -> int:
        """Return how many rows a table had. Raises `Misuse` if there is no such table, `Inconclusive` if it could not be read."""
        with _told():
            return Moment(self._recorded).row_count(table)

    @told_plainly
    def save(self, path: str | os.PathLike[str], *, sign: str | os.PathLike[str] | None = None) -> None:
        """Write it as `rollproof capture` does, sealed; with `sign`, signed with the key in that file.

        Raises `Misuse` if the file cannot be written.
        """
        key = read_key(os.fspath(sign), "sign") if sign else None
        save(self._snapshot, Path(path), key)

    def __repr__(self) -> str:
        origin = self._snapshot.origin
        return f"<rollproof.Baseline of {one_line(origin.database)}, taken {shown(origin.taken)}>"


@contextmanager
def _told() -> Iterator[None]:
    """Tell a name that nobody knows as a mistake of the program, and what this baseline never had as unknown."""
    try:
        yield
    except Unheard as error:
        raise Misuse(str(error)) from error
    except NotChecked as error:
        raise Inconclusive(str(error)) from error


@told_plainly
def capture(target: Any, *, config: Config = None) -> Baseline:
    """Take a baseline of a database, read-only, at one instant.

    Raises `Inconclusive` if something cannot be read, `Misuse` if `target` is no database, or holds changes that are not
    committed, or has no table.
    """
    handed = handed_over(target)
    handed.require_committed("when the baseline is taken")
    return taken(configured(handed.address, config))


def taken(asked: Configured) -> Baseline:
    """Take a baseline of the database that is configured."""
    settings = asked.settings
    found = take(settings, os.environ, Deadline(settings.max_duration))
    if found.holes:
        raise Inconclusive("\n".join(["no baseline was taken, because this could not be read:", *found.holes]))
    return Baseline(Recorded(found.snapshot, IN_MEMORY))


@told_plainly
def load(path: str | os.PathLike[str], *, config: Config = None) -> Baseline:
    """Return the baseline in a file. Raises `Misuse` if it was changed since it was sealed, or is none."""
    key = key_of(configured("", config).settings)
    found = recorded(Reference("baseline", os.fspath(path)), allow_empty=True, key=key)
    assert found, "a file is a baseline, or no good"
    return Baseline(found)
