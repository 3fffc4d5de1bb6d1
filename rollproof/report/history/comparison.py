"""What changed between two runs: causes that are new, gone or otherwise, tables and their rows, durations. Pure.

What is found is named by check and subject, as everywhere. What the later run did not look for is not gone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from rollproof.model.finding import Finding, FindingId
from rollproof.model.provenance import SHORT
from rollproof.verdict.outcome import Outcome, Report
from rollproof.verdict.overview import Cause, overview
from rollproof.verdict.run_verdict import not_read

_DECIDED = ("verified", "warning", "not restored")
_GOOD_OR_BAD = (0, 1)  # exit codes
_WITHOUT_FINDINGS = ("not restored", "broken", "misuse")


@dataclass(frozen=True)
class Told:
    """A cause that one of the runs found, in a few words, at the places that are meant; `was` is how the earlier run told it.

    `heals`: it is a warning.
    """

    words: str
    places: tuple[str, ...]
    check: str
    severity: str
    was: str = ""
    heals: bool = False


@dataclass(frozen=True)
class TableRows:
    """A table whose number of rows is another one: in the `earlier` and the `later` run; None: it was not there, or not read."""

    name: str
    earlier: int | None
    later: int | None


@dataclass(frozen=True)
class Side:
    """One of the two runs in short; `name` is that of its folder. `decided`: it came to a word that says good or bad."""

    name: str
    verdict: str
    phase: str
    database: str
    reference: str
    started: str
    seconds: float
    decided: bool = True

    @property
    def subject(self) -> tuple[str, str]:
        """What it is about: the phase, and the database."""
        return self.phase, self.database


@dataclass(frozen=True)
class Comparison:
    """What changed from the `earlier` to the `later` run.

    `new` causes were looked for before and not found, `first_asked` ones are found by a run after one that did not look for them or
    could not tell, `gone` ones were looked for and not found again, `otherwise` are found in both and differ in
    what they are, `same` did not change. `undecided` were found before, and the later run did not look or could not tell.
    `reservations` say what else is not the same about the two.
    """

    earlier: Side
    later: Side
    new: tuple[Told, ...] = ()
    gone: tuple[Told, ...] = ()
    otherwise: tuple[Told, ...] = ()
    same: tuple[Told, ...] = ()
    undecided: tuple[Told, ...] = ()
    first_asked: tuple[Told, ...] = ()
    tables: tuple[TableRows, ...] = ()
    reservations: tuple[str, ...] = ()

    @property
    def is_nothing(self) -> bool:
        """Whether the two found the same."""
        return not (self.new or self.gone or self.otherwise or self.undecided or self.first_asked or self.tables)


def compared(earlier: Report, later: Report, names: tuple[str, str]) -> Comparison:
    """Return what changed between two reports, whose folders have these names."""
    before, after = _Found(earlier), _Found(later)
    lost = {each for each in before.roots if each not in after.states}
    gone = {each for each in lost if after.has_decided(each, before.parameters[each])}
    found = [each for each in after.roots if each not in before.states]
    new = {each for each in found if before.has_decided(each, after.parameters[each])}
    differ = {each for each, state in after.states.items() if before.states.get(each, state) != state}
    return Comparison(
        _side(earlier, names[0]),
        _side(later, names[1]),
        new=after.told(new),
        first_asked=after.told(each for each in found if each not in new),
        gone=before.told(gone),
        otherwise=after.told(differ, before),
        same=after.told(each for each in after.roots if each in before.states and each not in differ),
        undecided=before.told(lost - gone),
        tables=tuple(_tables(earlier, later)),
        reservations=tuple(_reservations(earlier, later, gone)),
    )


class _Found:
    """What one run found, each thing by check and subject; `states` tells what it was, of consequences too."""

    def __init__(self, report: Report) -> None:
        self._asked: dict[str, list[Outcome]] = {}
        self._whole = report.selection.whole
        self.states: dict[FindingId, object] = {}
        self.parameters: dict[FindingId, str] = {}
        for outcome in report.outcomes:
            self._asked.setdefault(outcome.check, []).append(outcome)
            for named, state in _states(outcome):
                self.states[named] = state
                self.parameters[named] = outcome.parameter
        seen = overview(report)
        self._causes = (*seen.causes, *seen.warnings)
        self._silent = {_case(each): each for each in report.outcomes if _is_silent(each)}

    @cached_property
    def roots(self) -> tuple[FindingId, ...]:
        """What follows from nothing else, the worst first."""
        return tuple(dict.fromkeys([*self._silent, *(_id(root) for cause in self._causes for root in cause.roots)]))

    def has_decided(self, found: FindingId, parameter: str) -> bool:
        """Tell whether this run looked whether something is still so, and knows it."""
        asked = self._asked.get(found.check, [])
        same = [each for each in asked if each.parameter == parameter]
        if not (same or (asked and self._whole)):
            return False
        return all(
            each.kind in _DECIDED and found.subject not in {one.subject for one in each.unknown}
            for each in same or asked
        )

    def told(self, chosen: Iterable[FindingId], before: "_Found | None" = None) -> tuple[Told, ...]:
        """Return these of its roots by cause, the worst first; with what they were `before`."""
        wanted = set(chosen)
        silent = (
            Told(each.reason or each.kind, (each.parameter,) if each.parameter else (), each.check, each.severity)
            for named, each in self._silent.items()
            if named in wanted
        )
        causes = ((cause, [root for root in cause.roots if _id(root) in wanted]) for cause in self._causes)
        return (*silent, *(_told(cause, some, before) for cause, some in causes if some))

    @cached_property
    def words(self) -> Mapping[FindingId, str]:
        """How this run tells each of its roots."""
        return {_id(root): cause.words_at(_place(cause, root)) for cause in self._causes for root in cause.roots}


def _states(outcome: Outcome) -> Iterator[tuple[FindingId, object]]:
    if _is_silent(outcome):
        yield _case(outcome), outcome.kind
    for each in outcome.findings:
        yield _id(each), (each.expected, each.actual) if each.compared else each.sentence


def _is_silent(outcome: Outcome) -> bool:
    """Tell whether a case is bad without a finding: an error, or a check of the user's own that failed."""
    return outcome.kind in _WITHOUT_FINDINGS and not outcome.findings


def _case(outcome: Outcome) -> FindingId:
    return FindingId(outcome.check, outcome.parameter)


def _id(finding: Finding) -> FindingId:
    return FindingId(finding.check, finding.subject)


def _told(cause: Cause, some: list[Finding], before: _Found | None) -> Told:
    places = cause.places if len(some) == len(cause.roots) else tuple(sorted({_place(cause, each) for each in some}))
    was = before.words.get(_id(some[0]), "") if before else ""
    words = cause.words_at(places[0]) if len(places) == 1 else cause.words
    return Told(words, places, cause.check, cause.severity, was, cause.heals)


def _place(cause: Cause, root: Finding) -> str:
    """Return which of its places a root of a cause is about."""
    around = (
        each for each in cause.places if root.subject == each or root.subject.startswith((f"{each}.", f"{each} "))
    )
    return max(around, key=len, default=root.subject)


def _side(report: Report, name: str) -> Side:
    decided = report.exit_code in _GOOD_OR_BAD
    told = (report.verdict, report.phase, report.subject, report.reference, report.started, report.seconds)
    return Side(name, *told, decided)


def _tables(earlier: Report, later: Report) -> Iterator[TableRows]:
    """Yield the tables whose rows changed in number; none if one of the runs did not write them down."""
    before, after = ({each.name: each.after for each in report.tables} for report in (earlier, later))
    if before and after:
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                yield TableRows(name, before.get(name), after.get(name))


def _reservations(earlier: Report, later: Report, gone: Iterable[FindingId]) -> Iterator[str]:
    for what, was, now in (
        ("phase", earlier.phase, later.phase),
        ("database", earlier.subject, later.subject),
        ("reference", _reference(earlier), _reference(later)),
        ("rollproof", earlier.provenance.client.rollproof, later.provenance.client.rollproof),
        ("server", earlier.provenance.subject.version, later.provenance.subject.version),
    ):
        if was != now:
            yield f"another {what}: {was or 'none'}, then {now or 'none'}"
    for which, report in (("earlier", earlier), ("later", later)):
        if not report.selection.whole:
            yield f"the {which} run was of a part: {report.selection}"
        if report.unread:
            yield f"the {which} run: {not_read(report.unread)}"
    for each in later.waived:
        waived = sum(one.check == each.check and fnmatchcase(one.subject, each.identity) for one in gone)
        if waived:
            yield f"not found again because a waiver accepts it: {each.check} {each.identity} ({each.reason})"


def _reference(report: Report) -> str:
    """Return what a run was held against, by its seal where it has one: the same file may hold another baseline."""
    seal = report.provenance.reference.sha256
    return f"{report.reference} of SHA-256 {seal[:SHORT]}…" if seal else report.reference
