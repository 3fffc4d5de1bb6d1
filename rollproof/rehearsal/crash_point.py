"""One place where a run was cut, and what came of it."""

from dataclasses import dataclass
from typing import Literal

from rollproof.model.finding import Finding
from rollproof.rehearsal.proxy.sent import Cut


@dataclass(frozen=True)
class CrashPoint:
    """The migration (or the rollback: `of`) was cut at a statement; what the rollback, run once and once more, then left.

    `text` is the statement. `left` says what the cut had left behind, `codes` are the exit codes of the rollback's runs after
    it. `findings` are what is not as before the migration; `trouble` is a sentence if the rollback failed, and `warning` one if
    it brought all back, but there is something to know. Of the `seconds` it took, `theirs` were the tool's.
    """

    of: Literal["migration", "rollback"]
    cut: Cut
    text: str
    findings: tuple[Finding, ...] = ()
    trouble: str = ""
    warning: str = ""
    left: str = ""
    codes: tuple[int, ...] = ()
    seconds: float = 0.0
    theirs: float = 0.0

    @property
    def is_good(self) -> bool:
        """Whether the rollback brought all back."""
        return not (self.findings or self.trouble)
