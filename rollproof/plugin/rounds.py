"""One round of a watch: definitions compared by the checks that read no rows, figures of the database, endpoints, services."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from rollproof.commands.prepare import Plan, Prepared
from rollproof.commands.stopwatch import Stopwatch
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.plugin.within import checked
from rollproof.probes.database_figures import Figures, figures
from rollproof.probes.endpoints.application import tried_once
from rollproof.probes.sequence_headroom import headroom_of
from rollproof.probes.services.judged import findings
from rollproof.probes.services.looks import Seen as Course
from rollproof.probes.services.looks import looks
from rollproof.probes.services.status import Status
from rollproof.settings.configuration import secrets_of
from rollproof.system.deadline import Deadline
from rollproof.verdict.outcome import Outcome, Report
from rollproof.verdict.rounds import Round, Seen

SELECTED = ("-m", "{phase} and structure and not (dump or scan or content or traffic or http)")
LEFT_OUT = ("plans", "lookups", "bloat", "visibility_map", "wraparound")
"""Checks whose answer changes while the application works: it is of one moment, and says nothing of a rollback that holds."""
LONGEST = 120.0
"""Seconds after which a round is given up, unless --max-duration says so."""


@dataclass(frozen=True)
class Look:
    """A round, and what stands in no line about it: the report of its definitions, and the room that sequences have left."""

    round: Round
    report: Report | None = None
    headroom: tuple[tuple[str, float], ...] = ()
    services: Mapping[str, Status | Inconclusive] = field(default_factory=dict)
    ended: float = field(default_factory=time.monotonic)


def look(plan: Plan, number: int, before: Look | None) -> Look:
    """Return what is seen now; `before` is the round before it.

    What cannot be asked is told in the round; the first one raises `Misuse` if the reference is of something else.
    """
    began, at = time.monotonic(), datetime.now(tz=UTC).strftime("%H:%M:%SZ")
    deadline = Deadline(plan.settings.max_duration or LONGEST)
    seen = _of_database(
        replace(plan, request=replace(plan.request, deadline=deadline), watch=Stopwatch()), Round(number, at)
    )
    services = looks(plan.settings.services, deadline) if plan.settings.services else {}
    one = replace(
        seen.round,
        endpoints=tuple(_hidden(plan, _endpoints(plan, deadline))),
        services=tuple(_hidden(plan, _services(plan, services, before))),
        seconds=time.monotonic() - began,
    )
    return replace(seen, round=one, services=services)


def _of_database(plan: Plan, one: Round) -> Look:
    try:
        prepared = plan.opened()
    except (Inconclusive, Misuse) as error:
        if isinstance(error, Misuse) and one.number == 1:
            raise
        return Look(replace(one, trouble=plan.request.hide(str(error)).splitlines()[0]))
    try:
        return _asked(plan, prepared, one)
    except Inconclusive as error:
        return Look(replace(one, trouble=plan.request.hide(str(error)).splitlines()[0]))
    finally:
        prepared.sides.close()


def _asked(plan: Plan, prepared: Prepared, one: Round) -> Look:
    seen: Figures = prepared.sides.after.view.ask(figures)
    marks, expression = SELECTED
    report = checked(
        plan, prepared, marks, expression.format(phase=plan.request.phase), "-k", f"not ({' or '.join(LEFT_OUT)})"
    )
    cases = [each for each in report.outcomes if each.kind != "not checked"]
    one = replace(
        one,
        cases=len(cases),
        findings=tuple(_findings(cases)),
        undecided=sum(each.kind not in ("verified", "warning", "not restored") for each in cases),
        figures=seen,
    )
    return Look(one, report, tuple(headroom_of(prepared.sides.after).items()))


def _findings(cases: list[Outcome]) -> Iterator[str]:
    for case in (each for each in cases if each.kind == "not restored"):
        roots = [each for each in case.findings if each.follows_from is None]
        yield from (f"{case.check}: {each.sentence}" for each in roots or case.findings)


def _hidden(plan: Plan, seen: Iterator[Seen]) -> Iterator[Seen]:
    """Yield what was seen without any secret: what an application or a manager says may quote one anywhere."""
    hide = secrets_of(plan.settings, plan.environment).hide
    yield from (replace(each, why=hide(each.why)) for each in seen)


def _endpoints(plan: Plan, deadline: Deadline) -> Iterator[Seen]:
    tried = tried_once(plan.settings.endpoints, plan.environment, plan.request.phase.name, deadline)
    yield from (Seen(each.name, each.good, each.why, each.is_login, each.seconds) for each in tried)


def _services(plan: Plan, now: Mapping[str, Status | Inconclusive], before: Look | None) -> Iterator[Seen]:
    """Yield each service of which the phase wants a state; one that was started again since the round before is not good."""
    for service in plan.settings.services:
        wanted, last = service.wanted(plan.request.phase.name), now[service.name]
        if wanted == "any":
            continue
        if isinstance(last, Inconclusive):
            yield Seen(service.name, good=False, why=str(last).splitlines()[0])
            continue
        first = before.services.get(service.name, last) if before else last
        since = time.monotonic() - before.ended if before else 0.0
        came = Course(first if isinstance(first, Status) else last, last, since)
        wrong = [each.sentence for each in findings(service, wanted, came) if not each.heals]
        yield Seen(service.name, good=not wrong, why="; ".join(wrong))
