"""What one target of a fleet came to, in short: what is kept of it while others are verified, and all reports are made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from rollproof.model.printable import one_line
from rollproof.verdict.fleet.root import Root, roots_of
from rollproof.verdict.fleet.schema_name import SHOWN, STAND_IN, SchemaName
from rollproof.verdict.outcome import Report
from rollproof.verdict.overview import overview

MOST_ROOTS = 200
"""Roots of one target that are kept one by one; its own report has all."""
MOST_DOUBTS = 5
_LONGEST = 500  # letters of a doubt
_DECIDED = (0, 1)  # exit codes of which the roots say all


@dataclass(frozen=True, slots=True)
class TargetOutcome:
    """What a target came to: the verdict of its own report, or why there is none.

    `name` is the target's in the list, `server` what its sessions are counted by, `address` how psql is told of it, without a
    secret; `schema` is the one that stands for the target. `roots` are those that count, `left_out` how many more there are,
    `digest` is that of all: targets of one digest have the same. `headline` says how many tables differ, `doubts` why nothing was
    decided. `unread` is the number of tables that were not read, by the server's own counters.
    `ended` is UTC in ISO 8601; `attempts` says how often it was tried; `earlier` that an earlier run verified it (`--resume`).
    `folder` is that of its own report, relative to the fleet's, "" if it has none, and `page` the page in it. `baseline` is the
    SHA-256 of what it was held against, `repair` that of the statements that would put its definitions back, "" if there are none,
    `report` that of its result.json.
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
    digest: str = ""
    doubts: tuple[str, ...] = ()
    schema: str = ""
    address: str = ""
    page: str = ""
    repair: str = ""
    unread: int = 0
    report: str = ""


def outcome_of(report: Report, name: str, server: str, schema: str | None = None, baseline: str = "") -> TargetOutcome:
    """Return what a target came to by its own report; `schema` is the raw name of the one that stands for it."""
    roots = roots_of(report, schema)
    return TargetOutcome(
        name,
        server,
        report.verdict,
        report.exit_code,
        report.sentence,
        overview(report).headline,
        roots[:MOST_ROOTS],
        max(len(roots) - MOST_ROOTS, 0),
        warnings=sum(each.kind == "warning" for each in report.outcomes),
        baseline=baseline,
        digest=_digest(roots),
        doubts=tuple(_doubts(report, schema))[:MOST_DOUBTS],
        schema=schema or "",
        unread=report.unread,
    )


def _digest(roots: Sequence[Root]) -> str:
    told = "\n".join(map(repr, roots))
    return sha256(told.encode("utf-8", "backslashreplace")).hexdigest()[:16] if roots else ""


def _doubts(report: Report, schema: str | None) -> Iterator[str]:
    """Yield why nothing was decided, each reason once: the first line of each, as one that many targets may share."""
    if report.exit_code in _DECIDED:
        return
    kinds = ("broken", "misuse", "inconclusive")
    told = [report.trouble, *(each.reason for each in report.outcomes if each.kind in kinds)]
    told += [doubt.reason for each in report.outcomes if each.kind in kinds for doubt in each.unknown]
    for text in dict.fromkeys(next(iter(text.strip().splitlines()), "") for text in told):
        shown = one_line(SchemaName(schema).out_of(text).replace(STAND_IN, SHOWN) if schema else text)
        if shown:
            yield shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…"
