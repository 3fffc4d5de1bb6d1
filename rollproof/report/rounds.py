"""A watch as text: a line for each round, and what all of them came to."""

from collections.abc import Iterator, Sequence

from rollproof.model.amounts import counted
from rollproof.probes.database_figures import Figures
from rollproof.settings.watch import Watch
from rollproof.verdict.rounds import Round, Seen, passing, rates, streak

_MOST_SHOWN = 20


def line(one: Round) -> str:
    """Return a round on one line: when, how long it took, and what was seen of each thing that was asked."""
    parts = [_definitions(one), *_answers("endpoint", one.endpoints), *_answers("service", one.services)]
    parts += _figures(one.figures) if one.figures else ()
    return f"{one.at} round {one.number}, {one.seconds:.1f} s: {'; '.join(parts)}"


def alarms(reds: Sequence[str]) -> Iterator[str]:
    """Yield a line for each thing that is red, of many the first ones."""
    yield from (f"  RED: {each}" for each in reds[:_MOST_SHOWN])
    if (more := len(reds) - _MOST_SHOWN) > 0:
        yield f"  and {more} more: the report of the last round has all of them"


def warnings(rounds: Sequence[Round], limits: Watch) -> Iterator[str]:
    """Yield what the last round saw that is red only if it lasts."""
    for key, sentence in passing(rounds[-1], limits).items():
        times = streak(rounds, key, limits)
        if times < limits.rounds:
            yield f"  WARNING, {times} of {limits.rounds} rounds in a row that make it red: {sentence}"


def _definitions(one: Round) -> str:
    if one.trouble:
        return "DATABASE NOT ASKED"
    words = [f"{one.cases} cases of definitions"]
    words += [f"{len(one.findings)} NOT AS THEY WERE"] if one.findings else []
    words += [f"{one.undecided} undecided"] if one.undecided else []
    return ", ".join(words) if len(words) > 1 else f"{words[0]} as they were"


def _answers(what: str, seen: Sequence[Seen]) -> Iterator[str]:
    if seen:
        good = sum(each.good for each in seen)
        slowest = max((each.seconds for each in seen if each.seconds is not None), default=None)
        within = "" if slowest is None else f" in {slowest:.2f} s"
        yield f"{good} of {counted(len(seen), what)} good{within}"


def _figures(seen: Figures) -> Iterator[str]:
    yield f"{seen.connections} of {seen.limit} connections"
    if seen.hidden:
        yield f"times of {counted(seen.hidden, 'session')} hidden from this role"
    yield f"longest transaction {_seconds(seen.transaction)}"
    if seen.waiting:
        yield f"{counted(seen.waiting, 'session')} waiting for locks, the longest {_seconds(seen.lock_wait)}"
    if seen.replica_lag is not None:
        yield f"replica behind by {_seconds(seen.replica_lag)}"


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:,.1f} s"


def summary(rounds: Sequence[Round]) -> Iterator[str]:
    """Yield what all rounds came to, in lines."""
    if not rounds:
        return
    came = rates(rounds)
    yield f"rounds: {len(rounds)}, the longest {max(each.seconds for each in rounds):.1f} s"
    if silent := sum(bool(each.trouble) for each in rounds):
        yield f"database: not asked in {counted(silent, 'round')}"
    if came.error_rate is not None:
        yield f"endpoints: {came.error_rate:.1%} errors in {counted(came.answers, 'answer')}"
    if came.login_success is not None:
        yield f"logins: {came.login_success:.1%} of {came.logins} successful"
    yield from _of_figures(rounds)
    if came.rollback_ratio is not None:
        ended = f"{came.transactions:,} ended, ours among them; {came.rollback_ratio:.1%} rolled back"
        yield f"transactions: {ended}; {counted(came.deadlocks, 'deadlock')}"
    if came.cache_hit_ratio is not None:
        yield f"cache: {came.cache_hit_ratio:.1%} of the blocks were in it"


def _of_figures(rounds: Sequence[Round]) -> Iterator[str]:
    known = [each.figures for each in rounds if each.figures]
    if known:
        most = max(known, key=lambda each: each.connections)
        yield f"connections: at most {most.connections} of {most.limit}"
        for what, values in (
            ("longest transaction", [each.transaction for each in known]),
            ("longest wait for a lock", [each.lock_wait for each in known]),
            ("furthest replica behind by", [each.replica_lag for each in known]),
        ):
            if told := [each for each in values if each is not None]:
                yield f"{what}: {_seconds(max(told))}"
