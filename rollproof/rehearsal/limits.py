"""Figures held against limits: `--max-rollback-seconds`, `--max-lock-seconds`, `--max-wal-bytes`."""

from collections.abc import Iterator, Sequence

from rollproof.rehearsal.costs.forecast import Forecast
from rollproof.rehearsal.outage import NAME as FORECAST
from rollproof.rehearsal.record import Stage, Word
from rollproof.settings.rehearsal import Rehearsal

MEASURED = {"migrate": "migration", "rollback": "rollback"}
"""The stages whose figures count, by what they are: not those that run it once more, or beside a writer."""


def held_to(asked: Rehearsal, stages: Sequence[Stage]) -> Iterator[Stage]:
    """Yield a stage for each limit that was set: good, bad, or undecided where nothing was measured."""
    ran = [stage for stage in stages if stage.name in MEASURED and stage.ran]
    if asked.max_rollback_seconds is not None:
        yield _rollback(asked.max_rollback_seconds, [stage for stage in ran if MEASURED[stage.name] == "rollback"])
    if asked.max_lock_seconds is not None:
        locked = [_locked(asked.max_lock_seconds, stage) for stage in ran]
        forecast = [_forecast(asked.max_lock_seconds, each) for stage in stages for each in stage.forecasts]
        unforeseen = [stage.sentence for stage in stages if stage.name == FORECAST and stage.word == "warning"]
        yield _worst("lock seconds", iter([*locked, *forecast, *(("undecided", 0.0, why) for why in unforeseen)]))
    if asked.max_wal_bytes is not None:
        yield _worst("WAL bytes", (_wal(asked.max_wal_bytes, stage) for stage in ran))


_Judged = tuple[Word, float, str]
"""A word, the figure, and a sentence."""


def _worst(name: str, judged: Iterator[_Judged]) -> Stage:
    ordered = sorted(judged, key=lambda each: (each[0] == "bad", each[0] == "undecided", each[1]))
    word, _, sentence = ordered[-1] if ordered else ("undecided", 0.0, "nothing was run, so nothing was measured")
    return Stage(name, word, sentence, is_limit=True)


def _rollback(limit: float, ran: Sequence[Stage]) -> Stage:
    seconds = sum(each.seconds for stage in ran for each in stage.ran)
    sentence = f"the rollback took {seconds:.1f} s; --max-rollback-seconds allows {limit:g}"
    judged: list[_Judged] = [("bad" if seconds > limit else "good", seconds, sentence)] if ran else []
    return _worst("rollback seconds", iter(judged))


def _locked(limit: float, stage: Stage) -> _Judged:
    who = f"{stage.revision} {MEASURED[stage.name]}".strip()
    if why := _why_not(stage, "locks"):
        return "undecided", 0.0, f"how long the {who} kept others waiting could not be measured: {why}"
    longest = stage.figures.longest if stage.figures else None
    waited = longest.waited if longest else 0.0
    whom = (
        ("readers and writers" if longest.reader_waited else "writers") + f" of {longest.table}"
        if longest
        else "others"
    )
    told = f"the {who} kept {whom} waiting for {waited:.1f} s; --max-lock-seconds allows {limit:g}"
    return "bad" if waited > limit else "good", waited, told


def _forecast(limit: float, each: Forecast) -> _Judged:
    told = f"{each.sentence}; --max-lock-seconds allows {limit:g}"
    word: Word = "bad" if each.seconds > limit else "good" if each.scale else "undecided"
    return word, each.seconds, told


def _wal(limit: int, stage: Stage) -> _Judged:
    who = f"{stage.revision} {MEASURED[stage.name]}".strip()
    if why := _why_not(stage, "WAL"):
        return "undecided", 0, f"how much WAL the {who} wrote could not be measured: {why}"
    written = stage.figures.wal_bytes if stage.figures else 0
    told = f"the {who} wrote {written:,} bytes of WAL; --max-wal-bytes allows {limit:,}"
    return "bad" if written > limit else "good", written, told


def _why_not(stage: Stage, what: str) -> str:
    return stage.figures.why_not(what) if stage.figures else "nobody looked"
