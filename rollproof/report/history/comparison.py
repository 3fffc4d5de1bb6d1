"""What changed between two runs: causes that are new, gone or otherwise, tables and their rows, durations. Pure.

What is found is named by check and subject, as everywhere. A finding that the later run did not look for is not gone.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from rollproof.model.finding import Finding, FindingId
from rollproof.verdict.outcome import Outcome, Report
from rollproof.verdict.overview import Cause, overview

_UNDECIDED = ("inconclusive", "not checked", "misuse", "broken")


@dataclass(frozen=True)
class Told:
    """A cause in one of the runs, in a few words, at the places where it changed; `was` is how the earlier run told it."""

    words: str
    places: tuple[str, ...]
    check: str
    severity: str
    was: str = ""


@dataclass(frozen=True)
class TableRows:
    """A table whose number of rows is another one: in the `earlier` and in the `later` run; None: it was not there, or not read."""

    name: str
    earlier: int | None
    later: int | None


@dataclass(frozen=True)
class Side:
    """One of the two runs in short; `name` is that of its folder."""

    name: str
    verdict: str
    phase: str
    database: str
    reference: str
    started: str
    seconds: float
    is_whole: bool


@dataclass(frozen=True)
class Comparison:
    """What changed from the `earlier` to the `later` run.

    `new` causes were not found before, `gone` ones were looked for and not found again, `otherwise` are found in both and differ in
    what they are, `same` did not change. `undecided` were found before, and the later run did not look or could not tell.
    `reservations` say why the two may not be comparable.
    """

    earlier: Side
    later: Side
    new: tuple[Told, ...] = ()
    gone: tuple[Told, ...] = ()
    otherwise: tuple[Told, ...] = ()
    same: tuple[Told, ...] = ()
    undecided: tuple[Told, ...] = ()
    tables: tuple[TableRows, ...] = ()
    reservations: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the two found the same."""
        return not (self.new or self.gone or self.otherwise or self.undecided or self.tables)


def compared(earlier: Report, later: Report, names: tuple[str, str]) -> Comparison:
    """Return what changed between two reports, whose folders have these names."""
    before, after = _Found(earlier), _Found(later)
    gone_or_unknown = before.told(before.ids - after.ids)
    is_gone = {each: after.decides(each, before) for each in before.ids - after.ids}
    both = before.ids & after.ids
    differ = {each for each in both if before.state(each) != after.state(each)}
    return Comparison(
        _side(earlier, names[0]),
        _side(later, names[1]),
        new=after.told(after.ids - before.ids),
        gone=before.told(each for each, gone in is_gone.items() if gone) if gone_or_unknown else (),
        otherwise=tuple(_with_was(each, before) for each in sorted(differ & after.roots) for each in after.each({each})),
        same=after.told(both - differ),
        undecided=before.told(each for each, gone in is_gone.items() if not gone),
        tables=tuple(_tables(earlier, later)),
        reservations=tuple(_reservations(earlier, later)),
    )


class _Found:
    """What one run found, by check and subject."""

    def __init__(self, report: Report) -> None:
        seen = overview(report)
        self.report = report
        self.causes = (*seen.causes, *seen.warnings)
        self.outcomes = {_id(finding): outcome for outcome in report.outcomes for finding in outcome.findings}
        self._findings = {_id(finding): finding for outcome in report.outcomes for finding in outcome.findings}
        self.roots = {_id(root) for cause in self.causes for root in cause.roots}

    @property
    def ids(self) -> set[FindingId]:
        """All that was found, consequences too: what was a cause may follow from another one in the next run."""
        return set(self._findings)
