"""What a self-test came to as metrics: the verdict, and how many faults came to which word."""

from collections.abc import Iterator
from dataclasses import replace

from rollproof.rehearsal.selftest.outcome import VERDICTS
from rollproof.rehearsal.selftest.reports.told import ToldSelfTest
from rollproof.report.metric_text import Sample
from rollproof.report.metrics import Beside, ended
from rollproof.verdict.run_verdict import OTHER_VERDICTS

_WORDS = (*VERDICTS, OTHER_VERDICTS["misuse"][0])


def samples(told: ToldSelfTest, beside: Beside) -> Iterator[Sample]:
    """Yield the metrics of a self-test; one that did not try all is good, but not whole."""
    yield from _ended(told.verdict, told.exit_code, beside, is_whole=told.is_whole)
    yield Sample("run_duration_seconds", told.seconds)
    yield from (Sample("selftest_faults", number, {"word": word}) for word, number in told.total.words.items())
    yield Sample("selftest_untried_faults", told.listed - told.tried)
    yield Sample("selftest_false_alarms", sum(bool(each.found) for each in told.harmless))


def never_made(kind: str, beside: Beside) -> Iterator[Sample]:
    """Yield the metrics of a self-test that could not begin, for it was a `misuse`, or is `inconclusive`."""
    word, code, _ = OTHER_VERDICTS[kind]
    return _ended(word, code, beside, is_whole=False)


def _ended(verdict: str, exit_code: int, beside: Beside, *, is_whole: bool) -> Iterator[Sample]:
    """Yield what is known of every run, but for the last good one: no self-test is kept, so nobody knows."""
    for each in ended(verdict, exit_code, beside, _WORDS):
        if each.name == "run_good":
            yield replace(each, value=bool(each.value) and is_whole)
        elif each.name != "last_good_run_timestamp_seconds":
            yield each
