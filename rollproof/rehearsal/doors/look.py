"""What one schema says of one statement, as values."""

from dataclasses import dataclass, field
from typing import Literal

from rollproof.rehearsal.doors.facts import Function, Relation
from rollproof.rehearsal.doors.written import Write


@dataclass(frozen=True)
class Type:
    """A type by its qualified name; the labels of an enum, or of the enum that its elements are."""

    name: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """The server's error: its SQLSTATE, its message and its hint."""

    state: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Check:
    """Whether the constants that a statement writes into a `table` fulfil a CHECK: `open` where they alone do not decide."""

    table: str
    text: str
    word: Literal["holds", "broken", "open"]


@dataclass(frozen=True)
class Look:
    """Why it was `refused`, if it was; why there is `nothing` to ask, if there is not.

    `parameters` and `results` are what the server tells of a prepared statement; `writes` which tables it writes, with which
    values; `relations` and `functions` what it needs. `unread` says why those are not known. `columns` are a COPY's that
    names none. `unfit` are the numbers of parameters of which a type refuses a value that the statement was called with.
    """

    refused: Refusal | None = None
    nothing: str = ""
    parameters: tuple[Type, ...] = ()
    results: tuple[tuple[str, str], ...] = ()
    writes: tuple[Write, ...] = ()
    relations: tuple[Relation, ...] = ()
    functions: tuple[Function, ...] = ()
    unread: str = ""
    columns: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    unfit: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Looks:
    """What a schema says of each statement, in their order, as `role` unless it names its own.

    `names` are of all that there is, each with its table and what it is.
    """

    looks: tuple[Look, ...]
    role: str = ""
    names: frozenset[tuple[str, str, str]] = field(default=frozenset(), repr=False)
