"""One job done: a target captured or verified. `done` is the function that an executor is given."""

import dataclasses
import os
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from rollproof.commands.prepare import Prepared, planned
from rollproof.commands.request import Request
from rollproof.commands.schema_parts import Parts
from rollproof.commands.taken import take
from rollproof.commands.verification import sound
from rollproof.fleet.job import Answer, Job, digest_of_job, encoded, head_of, job_of
from rollproof.fleet.outage import may_pass, was_cut_off
from rollproof.fleet.repair import repair_of
from rollproof.fleet.target import file_name
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.phase import PHASES
from rollproof.model.redaction import without_values
from rollproof.model.schema_parts import REST
from rollproof.model.timestamps import shown
from rollproof.plugin.within import checked
from rollproof.report.formats import asked as formats
from rollproof.settings.configuration import Configured, secrets_of
from rollproof.sources.baseline import Seal, sealed, unsealed_content
from rollproof.system.deadline import Deadline
from rollproof.system.signals import SIGNALS
from rollproof.verdict.fleet.group_repair import OWN
from rollproof.verdict.fleet.target_groups import badness
from rollproof.verdict.fleet.target_outcome import TargetOutcome, outcome_of
from rollproof.verdict.outcome import Report
from rollproof.verdict.run_verdict import OTHER_VERDICTS


def done(content: bytes) -> bytes:
    """Do a job and return the answer, both as JSON. Whatever is wrong with a target is an outcome, and nothing is raised."""
    if strange := head_of(content).strange:
        return encoded(Answer(TargetOutcome("", "", "MISUSE", 4, strange), refused=strange))
    job = job_of(content)
    answer = _attempted(job, _captured if job.action == "capture" else _verified)
    return encoded(replace(answer, job=digest_of_job(content)))


def _attempted(job: Job, attempt: Callable[[Job], Answer]) -> Answer:
    """Return what an attempt comes to, whatever it raises."""
    began, hide = time.monotonic(), secrets_of(job.settings, os.environ).hide_credentials
    try:
        answer = attempt(job)
    except (Inconclusive, Misuse) as error:
        kind = "inconclusive" if isinstance(error, Inconclusive) else "misuse"
        answer = Answer(failed(job.name, job.server, kind, hide(str(error))), unreachable=may_pass(error))
    except Exception as error:  # noqa: BLE001 (whatever it is, other targets go on)
        trace = hide(without_values("".join(traceback.format_exception(error))))
        told = f"{type(error).__name__}: an error of rollproof's own, which says nothing about the database; error.txt has it"
        answer = Answer(failed(job.name, job.server, "broken", told), {"error.txt": _bytes(trace)})
    ended = shown(datetime.now(tz=UTC))
    outcome = dataclasses.replace(answer.outcome, seconds=time.monotonic() - began, ended=ended)
    return replace(answer, outcome=outcome)


def failed(name: str, server: str, kind: str, why: str) -> TargetOutcome:
    """Return the outcome of a target of which there is no report, by the `kind` of its verdict."""
    word, code, _ = OTHER_VERDICTS[kind]
    return TargetOutcome(name, server, word, code, why)


@dataclass(eq=False)
class _UntilASignal(Deadline):
    """The deadline of one target, which also ends when this process is told to: threads are not."""

    @property
    def left(self) -> float:
        return 0 if SIGNALS.number else super().left


def _captured(job: Job) -> Answer:
    taken = take(job.settings, os.environ, _UntilASignal(job.settings.max_duration))
    if taken.holes and not job.partial:
        raise Inconclusive(
            "\n".join(["nothing was written, because this could not be read:", *taken.holes, "or pass --partial"])
        )
    content, seal = sealed(taken.snapshot)
    outcome = TargetOutcome(job.name, job.server, "CAPTURED", 0, "its baseline was taken", baseline=seal.sha256)
    return Answer(outcome, {"baseline.json": content})


def _verified(job: Job) -> Answer:
    snapshot, seal = unsealed_content(job.baseline, Path(job.reference), allow_empty=job.settings.allow_empty)
    by_schema = job.schemas or job.but is not None
    if job.signed or by_schema:
        seal = Seal(job.sha256 or seal.sha256, signed=job.signed, carries_signature=job.signed)
    request = Request(
        Configured(job.settings, None),
        PHASES[job.phase],
        os.environ,
        _UntilASignal(job.settings.max_duration),
        hide=secrets_of(job.settings, os.environ).hide_credentials,
        baseline=sound(snapshot, seal, job.reference),
        together=True,
    )
    with ExitStack() as keep:
        plan = planned(request, keep)
        prepared = plan.opened(dumped=request.phase.asks_pg_dump and not by_schema)
        keep.callback(prepared.sides.close)
        return _by_schema(job, prepared) if by_schema else _judged(job, prepared)


def _judged(job: Job, prepared: Prepared) -> Answer:
    report = checked(prepared.plan, prepared, *(["-k", job.selected] if job.selected else []))
    script = _script(prepared) if report.exit_code == 1 else ""
    return _answer(job, report, script)


def _by_schema(job: Job, prepared: Prepared) -> Answer:
    """Verify each schema by itself, or all that belongs to none of those that the job leaves out."""
    if job.but is not None:
        return _judged(job, Parts(prepared, [job.but] if job.but else []).of(REST))
    groups = [(schema,) for schema in job.schemas]
    parts = Parts(prepared, groups)
    prepared.sides.after.begin()
    answers = [
        _attempted(replace(job, name=file_name(schema), schema=schema), partial(_part, parts)) for schema in job.schemas
    ]
    worst = min(answers, key=lambda each: badness(each.outcome.exit_code))
    return replace(worst, files={}, parts=tuple(answers), unreachable=any(each.unreachable for each in answers))


def _script(prepared: Prepared) -> str:
    """Return what would put the definitions right; the verdict stands without it."""
    with suppress(Inconclusive):
        return repair_of(prepared)
    return ""


def _part(parts: Parts, job: Job) -> Answer:
    return _judged(job, parts.of((str(job.schema),)))


def _answer(job: Job, report: Report, script: str) -> Answer:
    wanted = formats(f"{job.formats},json" if report.exit_code else "json")
    files = {name: _bytes(render(report)) for name, render in wanted.items()}
    files |= {OWN: _bytes(script)} if script else {}
    outcome = outcome_of(report, job.name, job.server, job.schema, job.sha256)
    return Answer(outcome, files, unreachable=was_cut_off(report))


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")
