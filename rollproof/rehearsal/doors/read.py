"""Where an application's statements come from, each word of `--statements`."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rollproof.model.errors import Misuse, did_you_mean
from rollproof.rehearsal.doors.log_file import from_log_file
from rollproof.rehearsal.doors.script import from_files, without_places
from rollproof.rehearsal.doors.source import LOG, STATISTICS, from_log, from_statistics
from rollproof.rehearsal.doors.statement import Statement
from rollproof.system.files import from_home, is_there

_LOG_FILE = "log:"
_VALUES = 20  # so many different sets of parameters of a statement are kept


@dataclass(frozen=True)
class Read:
    """The statements, each once, and what was passed over in reading them."""

    statements: tuple[Statement, ...]
    notes: tuple[str, ...] = ()


def read_statements(wheres: Sequence[str], source_url: str | None, folder: Path, named: str = "--statements") -> Read:
    """Return the statements of an application, from the places that the option `named` names.

    A path is taken from `folder`, a database is the one at `source_url`. Raises `Misuse` if one of the places cannot be read, or if
    there is no statement in it.
    """
    notes: list[str] = []
    found: list[Statement] = []
    for where in wheres:
        try:
            here = tuple(_from(where, source_url, folder, notes))
        except Misuse as error:
            raise Misuse(f"{named} {where}: {error}") from error
        if not here:
            raise Misuse(f"{named} {where}: there is no statement in it, so no door can be tried")
        found.extend(here)
    return Read(tuple(_once(found)), tuple(notes))


def _from(where: str, source_url: str | None, folder: Path, notes: list[str]) -> Iterator[Statement]:
    if where == STATISTICS:
        return from_statistics(source_url, notes)
    if where == LOG:
        return from_log(source_url, notes)
    if where.startswith(_LOG_FILE):
        return from_log_file(folder / from_home(where.removeprefix(_LOG_FILE)), source_url, notes)
    path = folder / from_home(where)
    if not is_there(path):
        asked = did_you_mean(where, (STATISTICS, LOG))
        raise Misuse(
            f"there is no such file; name a file or a folder of SQL, pg_stat_statements, log, or log:FILE{asked}"
        )
    return from_files(path, notes)


def _once(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield each statement once, with all its calls and some of its parameters."""
    known: dict[Statement, Statement] = {}
    for each in statements:
        key = without_places(each)
        first = known.get(key)
        known[key] = _together(first, each) if first else each
    yield from known.values()


def _together(first: Statement, other: Statement) -> Statement:
    values = tuple(dict.fromkeys((*first.values, *other.values)))[:_VALUES]
    return replace(first, calls=first.calls + other.calls, values=values)
