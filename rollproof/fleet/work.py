"""One job done, in whatever process: the function that an executor is given."""

import dataclasses
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from msgspec.structs import replace

from rollproof.commands.request import Request
from rollproof.commands.taken import take
from rollproof.fleet.job import Answer, Job, encoded, job_of
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.phase import PHASES
from rollproof.model.timestamps import shown
from rollproof.plugin.within import verified
from rollproof.report.formats import asked as formats
from rollproof.settings.configuration import Configured, secrets_of
from rollproof.sources.baseline import sealed, unsealed_content
from rollproof.sources.recorded import Recorded
from rollproof.system.deadline import Deadline
from rollproof.verdict.fleet.target_outcome import TargetOutcome, outcome_of
from rollproof.verdict.run_verdict import OTHER_VERDICTS


def done(content: bytes) -> bytes:
    """Do a job and return the answer, both as JSON. Whatever is wrong with a target is an outcome, and nothing is raised."""
    job, began = job_of(content), time.monotonic()
    hide = secrets_of(job.settings, os.environ).hide_credentials
    try:
        answer = _captured(job) if job.action == "capture" else _verified(job)
    except (Inconclusive, Misuse) as error:
        kind = "inconclusive" if isinstance(error, Inconclusive) else "misuse"
        word, code, _ = OTHER_VERDICTS[kind]
        answer = Answer(TargetOutcome(job.name, job.server, word, code, hide(str(error))))
    ended = shown(datetime.now(tz=UTC))
    outcome = dataclasses.replace(answer.outcome, seconds=time.monotonic() - began, ended=ended)
    return encoded(replace(answer, outcome=outcome))


def _captured(job: Job) -> Answer:
    taken = take(job.settings, os.environ, Deadline(job.settings.max_duration))
    if taken.holes and not job.partial:
        raise Inconclusive("\n".join(["nothing was written, because this could not be read:", *taken.holes]))
    content, seal = sealed(taken.snapshot)
    outcome = TargetOutcome(job.name, job.server, "CAPTURED", 0, "its baseline was taken", baseline=seal.sha256)
    return Answer(outcome, {"baseline.json": content})


def _verified(job: Job) -> Answer:
    snapshot, seal = unsealed_content(job.baseline, Path(job.reference), allow_empty=job.settings.allow_empty)
    configured = Configured(job.settings, None)
    secrets = secrets_of(job.settings, os.environ)
    report = verified(
        Request(
            configured,
            PHASES[job.phase],
            os.environ,
            Deadline(job.settings.max_duration),
            hide=secrets.hide_credentials,
            baseline=Recorded(snapshot, job.reference, seal),
        )
    )
    wanted = formats(f"{job.formats},json" if report.exit_code else "json")
    return Answer(
        outcome_of(report, job.name, job.server, job.schema, seal.sha256),
        {name: _bytes(render(report)) for name, render in wanted.items()},
    )


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "replace")
