"""What each schema says of a statement, and which pairs work, as values."""

from dataclasses import dataclass
from typing import Literal

from rollproof.rehearsal.doors.statement import Statement
from rollproof.rehearsal.process import Ran

Side = Literal["old", "new"]
Word = Literal["works", "refused", "in doubt", "not asked"]
"""A schema that takes a statement only for some values leaves it in doubt; `not asked`: it cannot be prepared on any schema."""

PAIRS: tuple[tuple[Side, Side], ...] = (("old", "old"), ("old", "new"), ("new", "old"), ("new", "new"))
"""Each application on each schema."""


@dataclass(frozen=True)
class Answer:
    """What a schema says of a statement: a word, and the reason in one sentence."""

    word: Word
    sentence: str = ""


@dataclass(frozen=True)
class Door:
    """One statement of the `old` or the `new` application on the old and the new schema."""

    application: Side
    statement: Statement
    on_old: Answer
    on_new: Answer

    def on(self, schema: Side) -> Answer:
        """Return what a schema says of it."""
        return self.on_old if schema == "old" else self.on_new


@dataclass(frozen=True)
class Exercised:
    """The test commands of an application on a schema that were `ran`, and what went wrong; "" if they ended well.

    If it `is_undecided`, that says nothing about the schema.
    """

    ran: tuple[Ran, ...]
    trouble: str = ""
    is_undecided: bool = False


@dataclass(frozen=True)
class Corner:
    """One application on one schema: whether it works, and why not; `ran` are its commands that were run, with how they ended."""

    application: Side
    schema: Side
    word: Word
    sentence: str = ""
    ran: tuple[Ran, ...] = ()

    @property
    def name(self) -> str:
        """The pair, as `--require-doors` writes it."""
        return f"{self.application}/{self.schema}"


@dataclass(frozen=True)
class Doors:
    """All statements, and the four pairs, of which some are `required` to work, by their names."""

    doors: tuple[Door, ...] = ()
    corners: tuple[Corner, ...] = ()
    notes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
