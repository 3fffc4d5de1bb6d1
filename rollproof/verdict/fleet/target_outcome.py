"""What one target of a fleet came to, in short: what is kept of it while others are verified, and all reports are made of."""

from collections.abc import Iterator
from dataclasses import dataclass

from rollproof.verdict.outcome import Report
from rollproof.verdict.overview import Overview, overview

MOST_ROOTS = 200
"""Roots of one target that are kept one by one; its own report has all."""


@dataclass(frozen=True, order=True)
class Root:
    """A finding that follows from nothing else, as it reads in every target that has it.

    In a schema that stands for a target `subject` and `words` have `{schema}` in place of its name.
    """

    check: str
    subject: str
    words: str
    severity: str


@dataclass(frozen=True)
class TargetOutcome:
    """What a target came to: the verdict of its own report, or why there is none.

    `name` is the target's in the list, `server` what its sessions are counted by. `roots` are those that count, `left_out` how
    many more there are; `headline` says how many tables differ. `ended` is UTC in ISO 8601; `attempts` says how often it was tried;
    `earlier` that an earlier run verified it (`--resume`). `folder` is that of its own report, relative to the fleet's; "" if it
    has none. `baseline` is the SHA-256 of what it was held against.
    """

    name: str
    server: str
    verdict: str
    exit_code: int
    sentence: str
    headline: str = ""
    roots: tuple[Root, ...] = ()
    left_out: int = 0
    warnings: int = 0
    seconds: float = 0.0
    ended: str = ""
    attempts: int = 1
    earlier: bool = False
    folder: str = ""
    baseline: str = ""


def roots_of(report: Report, schema: str | None = None) -> tuple[Root, ...]:
    """Return what a report's causes are about, sorted; the name of the `schema` that stands for the target is taken out."""
    return tuple(sorted(set(_roots(overview(report), schema))))


def _roots(seen: Overview, schema: str | None) -> Iterator[Root]:
    for cause in seen.causes:
        for root in cause.roots:
            yield Root(root.check, _without(root.subject, schema), _without(root.sentence, schema), cause.severity)


def _without(text: str, schema: str | None) -> str:
    return text.replace(f"{schema}.", "{schema}.") if schema else text
