"""One place where a run was cut, and what came of it."""

from dataclasses import dataclass

from rollproof.model.finding import Finding
from rollproof.rehearsal.proxy.sent import Cut


@dataclass(frozen=True)
class CrashPoint:
    """The migration (or the rollback: `of`) was cut at a statement; what the rollback, run once and once more, then left.

    `text` is the statement. `findings` are what is not as before the migration; `trouble` a sentence if the rollback failed.
    """

    of: str
    cut: Cut
    text: str
    findings: tuple[Finding, ...] = ()
    trouble: str = ""
