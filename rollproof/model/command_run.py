"""A command of the user's that was run, and the test cases that it reported. Pure values; no text holds a secret."""

from dataclasses import dataclass
from typing import Literal

CaseKind = Literal["passed", "failure", "error", "skipped"]


@dataclass(frozen=True)
class InnerCase:
    """One test case of the command's own JUnit file, in JUnit's words."""

    group: str
    name: str
    seconds: float
    kind: CaseKind = "passed"
    message: str = ""
    text: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether it failed, or could not be run."""
        return self.kind in ("failure", "error")


@dataclass(frozen=True)
class CommandRun:
    """A command of [[commands]]: the exit status it ended with (None: it was ended at its limit), the `seconds` it took.

    `said` is the end of what it printed, `cases` are those of its JUnit file, and `trouble` is what is wrong with that file.
    """

    name: str
    status: int | None
    seconds: float
    said: str = ""
    cases: tuple[InnerCase, ...] = ()
    trouble: str = ""

    @property
    def in_words(self) -> str:
        """How it ended, and how many cases it reported."""
        ending = "was ended at its limit" if self.status is None else f"exit status {self.status}"
        bad = sum(case.is_bad for case in self.cases)
        skipped = sum(case.kind == "skipped" for case in self.cases)
        counted = f", {len(self.cases):,} tests, {bad:,} failed, {skipped:,} skipped" if self.cases else ""
        return f"command {self.name!r}: {ending} after {self.seconds:.1f} s{counted}"
