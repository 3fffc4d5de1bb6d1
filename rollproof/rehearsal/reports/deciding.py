"""The run of all checks that decided a rehearsal, as the report that every verification leaves; it never says better than that."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version

from rollproof.model.finding import Finding
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.model.provenance import THROW_AWAY
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.verdict.measured import Stage as Took
from rollproof.verdict.measured import TableRead
from rollproof.verdict.outcome import Outcome, Report
from rollproof.verdict.selected import Selected

_PRECEDENCE = (1, 7, 0)
_SEVERITY = "critical"


def deciding(rehearsals: Sequence[Rehearsed]) -> Report:
    """Return the report of the first bad run of all checks, else of the last one; where no run of them decided, what did."""
    one = min(rehearsals, key=lambda each: (_PRECEDENCE.index(each.exit_code), not each.parts))
    stage = _first_bad(one) or one.worst or _last(one)
    if stage and stage.report and stage.report.exit_code == one.exit_code:
        return _thrown_away(_as_rehearsed(stage.report, one))
    return _thrown_away(_of_stage(one, stage))


def _thrown_away(report: Report) -> Report:
    """Return the report with a word that its database is gone: no command can ask it again, or repair it."""
    subject = replace(report.provenance.subject, note=f"{THROW_AWAY}database")
    return replace(report, provenance=replace(report.provenance, subject=subject))


def _first_bad(one: Rehearsed) -> Stage | None:
    return next((stage for stage in one.stages if stage.word == "bad" and stage.report), None)


def _last(one: Rehearsed) -> Stage | None:
    return next((stage for stage in reversed(one.stages) if stage.name == DEFAULT_PHASE.name and stage.report), None)


def _as_rehearsed(report: Report, one: Rehearsed) -> Report:
    report = replace(report, stages=(*_timed(one), *report.stages))
    if one.exit_code or not one.parts:
        return report
    notes = (*(f"left out of the rehearsal: {each}" for each in one.parts), *report.notes)
    return replace(report, verdict=one.verdict, sentence="all that was tried is as it was", notes=notes)


def _of_stage(one: Rehearsed, stage: Stage | None) -> Report:
    """Return the report of a stage in which not all checks were run: what it found is told as theirs would be."""
    outcomes = (*_outcomes(stage.findings if stage else ()), *_cut(one))
    name = f"{stage.revision} {stage.name}".strip() if stage else "no stage"
    told = stage.sentence if stage else "nothing was rolled back and compared, so nothing is proved"
    first = (told.splitlines() or ["the rollback did not put the database back"])[0]
    return replace(
        _about(one),
        verdict=one.verdict,
        sentence=f"{name}: {first}",
        exit_code=one.exit_code,
        phase=name,
        started=one.started,
        seconds=one.seconds,
        trouble="" if outcomes else told,
        notes=(*(f"left out of the rehearsal: {each}" for each in one.parts), *one.notes),
        outcomes=outcomes,
        selection=Selected(len(outcomes), len(outcomes)),
        stages=_timed(one),
    )


def _about(one: Rehearsed) -> Report:
    """Return what the last run of all checks knew that is so in any stage: nothing that it measured."""
    known = next((each.report for each in reversed(one.stages) if each.report), _blank())
    names = tuple(TableRead(table.name) for table in known.tables)
    return replace(known, tables=names, recommendation=None, not_configured=(), answers=(), agreement=(), waived=())


def _timed(one: Rehearsed) -> tuple[Took, ...]:
    return tuple(Took(f"{stage.revision} {stage.name}".strip(), stage.seconds) for stage in one.stages if stage.seconds)


def _blank() -> Report:
    about = ("a throw-away database", "itself, before the migration")
    return Report("", "", 7, *about, "", version("rollproof"), "", 0.0, "", (), {}, {}, (), Selected(0, 0))


def _cut(one: Rehearsed) -> tuple[Outcome, ...]:
    named = ((each, f"{each.of} cut {each.cut.how} {each.cut.number}") for each in one.lost)
    return tuple(replace(_outcome("crash", each.findings), parameter=name, reason=each.trouble) for each, name in named)


def _outcomes(findings: Sequence[Finding]) -> tuple[Outcome, ...]:
    checks = dict.fromkeys(each.check for each in findings)
    return tuple(
        replace(_outcome("", [each for each in findings if each.check == check]), check=check) for check in checks
    )


def _outcome(check: str, findings: Sequence[Finding]) -> Outcome:
    return Outcome(check, "", "not restored", _SEVERITY, findings=tuple(findings))
