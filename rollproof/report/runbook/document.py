"""What a runbook is made of. In a text, what stands between backticks is code; everything else is escaped where it is rendered."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rollproof.model.printable import one_line
from rollproof.model.printable_sql import pasteable


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Points:
    """A list; `boxes` are ticked by hand."""

    items: tuple[str, ...]
    boxes: bool = False


@dataclass(frozen=True)
class Code:
    """What is pasted: into a shell, or into psql."""

    language: Literal["shell", "sql"]
    text: str


@dataclass(frozen=True)
class Table:
    """A table; texts as in prose."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Part = Prose | Points | Code | Table


@dataclass(frozen=True)
class Section:
    """A heading, of `level` 2 or 3, and what stands below it."""

    title: str
    parts: tuple[Part, ...] = ()
    level: int = 2


def code(text: str) -> str:
    """Return text as code within prose: on one line, and nothing in it ends it."""
    return f"`{word(text) or ' '}`"


def word(text: str) -> str:
    """Return text as words within prose: on one line, and nothing in it begins code."""
    return one_line(text).replace("`", "'")


def points(items: Iterable[str]) -> Points:
    """Return a list of these."""
    return Points(tuple(items))


def boxes(items: Iterable[str]) -> Points:
    """Return a list with boxes to tick."""
    return Points(tuple(items), boxes=True)


def shell(*lines: str) -> Code:
    """Return commands for a shell."""
    return Code("shell", "\n".join(lines))


def sql(*statements: str) -> Code:
    """Return statements for psql; whatever a name holds, each stays the statement that it is."""
    return Code("sql", "\n".join(map(pasteable, statements)))
