"""Drills: the record that a rehearsal leaves, and whether the last good one is young and quick enough (`--max-age`)."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rollproof.commands.drill_records import Drill, Record, Refused, now, told, who
from rollproof.model.errors import Misuse
from rollproof.model.timestamps import in_words, shown
from rollproof.rehearsal.record import Rehearsed

TOLERANCE = timedelta(minutes=5)
"""By how much two machines' clocks may differ before a record is of the future."""
_AGE = re.compile(r"(\d{1,5}(?:\.\d{1,5})?)\s*([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_SHOWN = 5


@dataclass(frozen=True)
class Wanted:
    """What is asked of the records of a `project`: how old the last good one may be, and how long a rollback may take."""

    project: str
    max_age: timedelta
    rto_seconds: float | None = None


@dataclass(frozen=True)
class Judged:
    """What the records say: a word, the exit code, and a sentence; `further` are lines to know."""

    word: str
    exit_code: int
    sentence: str
    further: tuple[str, ...] = ()


def age(text: str) -> timedelta:
    """Return an age that was typed: `30d`, `12h`, `4w`. Raises `Misuse` for anything else."""
    found = _AGE.fullmatch(text.strip().lower())
    if not found or float(found[1]) <= 0:
        raise Misuse(f"--max-age {text}: write a number and h, d or w, as in --max-age 30d")
    return float(found[1]) * _UNITS[found[2]]


def of_rehearsal(rehearsals: Sequence[Rehearsed], verdict: str, project: str, source_kind: str, report: bytes) -> Drill:
    """Return the record of rehearsals on all servers: the slowest rollback, the longest wait, and the most WAL count."""
    first = rehearsals[0]
    figures = [stage.figures for one in rehearsals for stage in one.stages if stage.figures]
    revisions = dict.fromkeys(stage.revision for one in rehearsals for stage in one.stages if stage.revision)
    return Drill(
        kind="rehearsal",
        when=now(),
        project=project,
        verdict=verdict,
        source=first.source,
        source_kind=source_kind,
        servers=tuple(one.server for one in rehearsals),
        tool=first.tool,
        revisions=tuple(revisions),
        left_out=tuple(dict.fromkeys(part for one in rehearsals for part in one.parts)),
        seconds=sum(one.seconds for one in rehearsals),
        rollback_seconds=max(one.rollback_seconds for one in rehearsals),
        longest_wait_seconds=max((lock.waited for each in figures for lock in each.locks), default=0.0),
        wal_bytes=max((each.wal_bytes for each in figures), default=0),
        report_sha256=hashlib.sha256(report).hexdigest(),
        by=who(),
    )


def judged(kept: Sequence[Record], refused: Sequence[Refused], wanted: Wanted, here: datetime) -> Judged:
    """Return what the records say of the last good drill; `here` is the time now, by this machine's clock."""
    ours = [each for each in kept if each.drill.project == wanted.project]
    further = (*_others(kept, wanted), *map(str, refused[:_SHOWN]))
    future = [each for each in ours if each.drill.ended > here + TOLERANCE]
    if future:
        return Judged("INCONCLUSIVE", 7, _of_the_future(future[-1], here), further)
    good = [each for each in ours if each.drill.is_good]
    if not good:
        return Judged("OVERDUE", 1, f"no good drill of {wanted.project} is recorded", (*_why_not(ours), *further))
    last = good[-1]
    later = [each for each in ours if each.drill.ended > last.drill.ended]
    further = (
        *told(last.drill),
        f"record: {last.path}{', signed' if last.is_signed else ''}",
        *_why_not(later),
        *further,
    )
    old = here - last.drill.ended
    ago = f"the last good drill of {wanted.project} was {in_words(max(0.0, old.total_seconds()))} ago ({shown(last.drill.ended)})"
    allowed = in_words(wanted.max_age.total_seconds())
    if old > wanted.max_age:
        return Judged("OVERDUE", 1, f"{ago}, and {allowed} are allowed: rehearse now", further)
    return _in_time(good, wanted, ago, further)


def _in_time(good: Sequence[Record], wanted: Wanted, ago: str, further: tuple[str, ...]) -> Judged:
    objective = wanted.rto_seconds
    if objective is None:
        return Judged("IN TIME", 0, ago, further)
    timed = [each.drill.rollback_seconds for each in good if each.drill.rollback_seconds is not None]
    if not timed:
        why = (
            "no good drill tells how long the rollback takes (a restore does not), and [drill] rto_seconds asks for it"
        )
        return Judged("INCONCLUSIVE", 7, f"{ago}, but {why}: rehearse", further)
    took = f"the rollback took {timed[-1]:,.1f} s, and the objective is {objective:g} s"
    if timed[-1] > objective:
        return Judged("TOO SLOW", 1, f"{ago}, but {took}", further)
    return Judged("IN TIME", 0, f"{ago}; {took}", further)


def _of_the_future(record: Record, here: datetime) -> str:
    ahead = in_words((record.drill.ended - here).total_seconds())
    return (
        f"{record.path} is {ahead} in the future, so one of two clocks is wrong and no age is known: "
        "set this machine's clock, or remove that record if the other one was wrong"
    )


def _why_not(some: Sequence[Record]) -> Iterator[str]:
    """Yield, of the newest drills that do not count, why not."""
    for each in some[: -_SHOWN - 1 : -1]:
        if not each.drill.is_good:
            part = each.drill.left_out[:1]
            why = f"of a part only: {part[0]}" if part else each.drill.verdict
            yield f"does not count: {each.drill.kind} of {shown(each.drill.ended)}: {why}"


def _others(kept: Sequence[Record], wanted: Wanted) -> Iterator[str]:
    others = sorted({each.drill.project for each in kept} - {wanted.project})
    if others:
        yield f"not counted: records of other projects ([drill] name is {wanted.project}): {', '.join(others[:_SHOWN])}"


def lines(judged: Judged) -> Iterator[str]:
    """Yield what is printed: what is known, and last the word."""
    yield from judged.further
    yield f"{judged.word}: {judged.sentence}"
    yield f"exit code {judged.exit_code}"
