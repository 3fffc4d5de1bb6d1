"""What a check raises when it found something: a failure, a warning, or a doubt, with its fields; the text is made of them."""

from rollproof.model.errors import Inconclusive, RollproofError
from rollproof.model.finding import Finding, RowReport, Statement, Unknown
from rollproof.model.plain_text import plain_text


class Shown(RollproofError):  # noqa: N818 (it is a finding, not a malfunction)
    """Bad news with fields; its text is made when somebody asks for it."""

    def __init__(  # noqa: PLR0913, PLR0917 (its fields)
        self,
        findings: tuple[Finding, ...],
        rows: tuple[RowReport, ...] = (),
        statements: tuple[Statement, ...] = (),
        advice: tuple[str, ...] = (),
        unknown: tuple[Unknown, ...] = (),
        reason: str = "",
    ) -> None:
        super().__init__(findings, rows, statements, advice, unknown, reason)
        self.findings = findings
        self.rows = rows
        self.statements = statements
        self.advice = advice
        self.unknown = unknown
        self.reason = reason

    def __str__(self) -> str:
        return plain_text(self)


class NotRestored(Shown, AssertionError):  # noqa: N818 (the same)
    """The database is not as it should be: `findings`, which rows differ, statements that repair it, and advice in words.

    Findings that heal are told beside the others.
    """


class Warned(Shown):
    """All that was found heals by itself or by one harmless statement; with `--strict` it is a failure."""


class Undecided(Shown, Inconclusive):
    """Something could not be read or decided (`unknown`, or the `reason`), and nothing worse than warnings was found."""


def doubts(error: Inconclusive) -> tuple[tuple[Unknown, ...], str]:
    """Return what an error says is unknown, by subject, and the reason that is about no single subject."""
    return (error.unknown, error.reason) if isinstance(error, Undecided) else ((), str(error))
