"""Differences, collapsed: those that follow from no other, each with its consequences, its origin and what mends it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rollproof.model.finding import Finding, FindingId, Statement
from rollproof.model.plain_text import before_and_after
from rollproof.rehearsal.blame.origin import Origin, Place
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.rehearsal.reports.told import ToldFinding, ToldPlace, ToldRoot
from rollproof.verdict.causes import causes
from rollproof.verdict.outcome import Report

_BAD = ("not restored", "broken")


def roots(
    findings: Sequence[Finding], origins: Mapping[FindingId, Origin], mends: Iterable[Statement], folder: Path
) -> tuple[ToldRoot, ...]:
    """Return findings as roots; the one with most consequences first. Places are told as seen from the `folder`."""
    statements: dict[str, list[Statement]] = {}
    for each in mends:
        for subject in dict.fromkeys((each.mends, each.mends.partition(" (")[0])):  # a leftover is told with its kind
            statements.setdefault(subject, []).append(each)
    return tuple(_root(root, rest, origins, statements, folder) for root, rest in _collapsed(findings))


def found(stage: Stage) -> tuple[Finding, ...]:
    """Return what a stage found, whether it asked for two states or ran all checks; what heals by itself is left out."""
    outcomes = stage.report.outcomes if stage.report else ()
    told = [each for outcome in outcomes if outcome.kind in _BAD for each in outcome.findings]
    return tuple(each for each in (*stage.findings, *told) if not each.heals)


def mending(rehearsed: Rehearsed) -> tuple[Statement, ...]:
    """Return all statements that the checks after the rollback name to repair what they found."""
    reports = (stage.report for stage in rehearsed.stages if stage.report and stage.compared)
    return tuple(dict.fromkeys(each for report in reports for each in _statements(report)))


def _statements(report: Report) -> Iterable[Statement]:
    return (each for outcome in report.outcomes for each in outcome.statements)


def _collapsed(findings: Sequence[Finding]) -> list[tuple[Finding, list[Finding]]]:
    above = {_id(each): each.follows_from for each in findings if each.follows_from}
    if not above:
        return [(root.finding, [each.finding for each in root.consequences]) for root in causes(findings)]
    hanging: dict[FindingId, list[Finding]] = {}
    for each in findings:
        if each.follows_from:
            hanging.setdefault(_top(_id(each), above), []).append(each)
    first = [each for each in findings if not each.follows_from]
    known = {_id(each) for each in first}
    first += [each for top, some in hanging.items() if top not in known for each in some]
    told = [(each, hanging.pop(_id(each), [])) for each in first]
    return sorted(told, key=lambda root: -len(root[1]))


def _top(found: FindingId, above: Mapping[FindingId, FindingId]) -> FindingId:
    met = {found}
    while (cause := above.get(found)) and cause not in met:
        met.add(found := cause)
    return found


def _id(finding: Finding) -> FindingId:
    return FindingId(finding.check, finding.subject)


def _root(
    finding: Finding,
    rest: Sequence[Finding],
    origins: Mapping[FindingId, Origin],
    statements: Mapping[str, Sequence[Statement]],
    folder: Path,
) -> ToldRoot:
    before, after = before_and_after(finding) if finding.compared else (None, None)
    known = next((origins[each] for each in map(_id, (finding, *rest)) if each in origins), None) or Origin()
    origin = replace(known, made=_seen_from(known.made, folder), undone=_seen_from(known.undone, folder))
    return ToldRoot(
        finding.check,
        finding.subject,
        finding.sentence,
        before,
        after,
        tuple(ToldFinding(each.check, each.subject, each.sentence) for each in rest),
        str(origin),
        _place(origin.made),
        _place(origin.undone),
        _mends([finding, *rest], statements),
    )


def _mends(findings: Iterable[Finding], statements: Mapping[str, Sequence[Statement]]) -> tuple[str, ...]:
    """Return the statements, in the order to run them in; of those that only remark something, none if there are others."""
    met = dict.fromkeys(each for finding in findings for each in statements.get(finding.subject, ()))
    ordered = [each.sql for each in sorted(met, key=lambda each: each.place)]
    commands = [sql for sql in ordered if not sql.lstrip().startswith("--")]
    return tuple(dict.fromkeys(commands or ordered))


def _place(place: Place | None) -> ToldPlace | None:
    if place is None:
        return None
    file = "" if place.file is None else place.file.as_posix()
    return ToldPlace(place.stage, place.number, place.text, file, place.line)


def _seen_from(place: Place | None, folder: Path) -> Place | None:
    """Return a place whose file is told as seen from a folder, if it is inside."""
    if place is None or place.file is None or not place.file.is_relative_to(folder):
        return place
    return replace(place, file=place.file.relative_to(folder))
