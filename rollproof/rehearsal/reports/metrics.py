"""What a rehearsal came to as metrics: the verdict, how long its stages and its rollback took, the last good drill."""

from collections import Counter
from collections.abc import Iterator

from rollproof.model.phase import PARTLY
from rollproof.rehearsal.record import ABOVE, CLOSED
from rollproof.rehearsal.reports.told import Told
from rollproof.report.metric_text import Sample
from rollproof.report.metrics import Beside, ended
from rollproof.verdict.run_verdict import OTHER_VERDICTS

WORDS = ("VERIFIED", f"{PARTLY}VERIFIED", "NOT RESTORED", ABOVE, CLOSED, "INCONCLUSIVE", "MISUSE")
"""Every word that the verdict of a rehearsal can be."""
_MOST_NAMED = 50  # stages: a staircase has some for each revision


def samples(told: Told, beside: Beside) -> Iterator[Sample]:
    """Yield the metrics of a rehearsal; of several servers the times of all together, and the slowest rollback's."""
    yield from ended(told.verdict, told.exit_code, beside, WORDS)
    yield Sample("run_duration_seconds", sum(one.seconds for one in told.rehearsals))
    yield Sample("rollback_duration_seconds", max((one.rollback_seconds for one in told.rehearsals), default=0.0))
    took = Counter[str]()
    for stage in (stage for one in told.rehearsals for stage in one.stages):
        took[stage.name] += stage.seconds  # type: ignore[assignment] # a counter of seconds
    yield from (Sample("stage_duration_seconds", took[name], {"stage": name}) for name in [*took][:_MOST_NAMED])


def never_made(kind: str, beside: Beside) -> Iterator[Sample]:
    """Yield the metrics of a rehearsal that could not begin, for it was a `misuse`, or is `inconclusive`."""
    word, code, _ = OTHER_VERDICTS[kind]
    return ended(word, code, beside, WORDS)
