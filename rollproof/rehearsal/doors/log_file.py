"""A server's log in a file, as statements of an application."""

from collections.abc import Iterator
from pathlib import Path

from rollproof.model.errors import Misuse
from rollproof.rehearsal.doors.log_lines import entries
from rollproof.rehearsal.doors.log_statements import LogStatements
from rollproof.rehearsal.doors.statement import Statement
from rollproof.server.connection import Target
from rollproof.system.files import require_regular


def from_log_file(path: Path, url: str | None, notes: list[str]) -> Iterator[Statement]:
    """Yield the statements that a log tells of: those of the source's database, if there is one and the log names databases.

    Raises `Misuse` if the file cannot be read, or tells of no statement.
    """
    read = LogStatements(path.name, Target.parse(url).parameters.get("dbname", "") if url else "")
    found = False
    try:
        require_regular(path)
        with path.open(encoding="utf-8", errors="replace", newline="") as lines:
            for each in read.statements(entries(lines)):
                found = True
                yield each
    except OSError as error:
        raise Misuse(f"it cannot be read: {error.strerror}") from error
    notes.extend(read.notes())
    if not found:
        raise Misuse(
            f"it tells of no statement{read.elsewhere}; the server writes them with log_statement = 'all' "
            "or log_min_duration_statement = 0, in English (lc_messages = 'C')"
        )
