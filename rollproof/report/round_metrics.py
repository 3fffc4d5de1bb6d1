"""The rounds of a watch as metrics."""

from collections.abc import Iterator, Sequence

from rollproof.probes.database_figures import Figures
from rollproof.report.metric_text import Sample
from rollproof.report.metrics import MOST_NAMED, Beside, ended, headroom, named
from rollproof.verdict.rounds import WORDS, Round, Watched, rates


def samples(rounds: Sequence[Round], came: Watched, beside: Beside) -> Iterator[Sample]:
    """Yield the metrics of a watch, as far as it has come."""
    yield from ended(came.word, came.exit_code, beside, WORDS)
    yield from headroom(beside.headroom)
    if not rounds:
        return
    last, seen = rounds[-1], rates(rounds)
    yield Sample("watch_rounds", len(rounds))
    yield from _of_round(last)
    yield from _if_known("watch_error_ratio", seen.error_rate)
    yield from _if_known("watch_login_success_ratio", seen.login_success)
    if last.figures:
        yield from _figures(last.figures)
        yield Sample("database_deadlocks", seen.deadlocks)
        yield from _if_known("database_rollback_ratio", seen.rollback_ratio)
        yield from _if_known("database_cache_hit_ratio", seen.cache_hit_ratio)


def _of_round(last: Round) -> Iterator[Sample]:
    yield Sample("run_duration_seconds", last.seconds)
    yield Sample("watch_integrity_findings", len(last.findings))
    yield Sample("watch_undecided_cases", last.undecided)
    yield from _up(last)
    yield Sample("database_up", not last.trouble)


def _up(last: Round) -> Iterator[Sample]:
    up = [(each.good, each.name) for each in last.endpoints]
    yield from (Sample("endpoint_up", good, {"endpoint": name}) for good, name in named(up))
    for each in last.endpoints[:MOST_NAMED]:
        if each.seconds is not None:
            yield Sample("endpoint_answer_seconds", each.seconds, {"endpoint": each.name})
    runs = [(each.good, each.name) for each in last.services]
    yield from (Sample("service_up", good, {"service": name}) for good, name in named(runs))


def _figures(seen: Figures) -> Iterator[Sample]:
    yield Sample("database_connections", seen.connections)
    yield Sample("database_connections_limit", seen.limit)
    yield Sample("database_longest_transaction_seconds", seen.transaction or 0.0)
    yield Sample("database_idle_in_transaction_seconds", seen.idle_in_transaction or 0.0)
    yield Sample("database_lock_wait_seconds", seen.lock_wait or 0.0)
    yield from _if_known("database_replica_lag_seconds", seen.replica_lag)


def _if_known(name: str, value: float | None) -> Iterator[Sample]:
    if value is not None:
        yield Sample(name, value)
