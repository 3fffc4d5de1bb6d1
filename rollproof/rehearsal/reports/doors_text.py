"""Doors as lines of text: a small table of who lives where, and below it each statement and command that is not simply taken."""

from collections.abc import Iterator, Sequence
from itertools import islice

from rollproof.model.plain_text import more
from rollproof.model.printable import harmless
from rollproof.rehearsal.reports.told_doors import SCHEMAS, ToldDoors
from rollproof.report.columns import wrapped

REMARKS = 12
"""How many statements are printed; rehearsal.json has all."""
_TEXT = 160  # letters of a statement
_SAID = 10  # lines of what a command said


def doors_table(doors: ToldDoors) -> Iterator[str]:
    """Yield the table: an application in each line, a schema in each column."""
    cells = [["", *(f"{schema} schema" for schema in SCHEMAS)]]
    for application, corners in doors.table:
        cells.append([f"{application} application", *(corner.word for corner in corners)])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()


def doors_lines(doors: ToldDoors, width: int, remarks: int | None = REMARKS) -> Iterator[str]:
    """Yield the table, and what is to be said of at most so many `remarks`; None: of all."""
    yield from (f"    {line}" for line in doors_table(doors))
    for each in islice(doors.remarks, remarks):
        origin = f"{each.door.origin}: " if each.door.origin else ""
        yield from _wrapped(f"  - {each.where} {each.word}: {origin}{_short(each.door.text)}", width)
        yield from _wrapped(f"    {each.sentence}", width) if each.sentence else ()
    if remarks is not None:
        yield from more(len(doors.remarks), "  - and {} more statements, all in rehearsal.json", remarks)
    for corner, command in doors.failed:
        yield from _wrapped(f"  - {corner.name} {corner.word}: {command.command} {command.ending}", width)
        yield from _tail(command.said.splitlines())
    for note in doors.notes:
        yield from _wrapped(f"    {note}", width)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TEXT else f"{line[:_TEXT]}…"


def _tail(said: Sequence[str]) -> Iterator[str]:
    yield from (f"    | {harmless(line)}" for line in said[-_SAID:])


def _wrapped(text: str, width: int) -> Iterator[str]:
    return wrapped(text, text[: len(text) - len(text.lstrip(" "))], "      ", width)
