"""Why a schema refuses a statement, or may refuse it, as a value."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Reason:
    """`refused`, or `in doubt`, and a clause that says why."""

    word: Literal["refused", "in doubt"]
    clause: str


def refused(clause: str) -> Reason:
    """Return a reason for which no value can make the statement work."""
    return Reason("refused", clause)


def doubt(clause: str) -> Reason:
    """Return a reason that holds for some values or rows only."""
    return Reason("in doubt", clause)
