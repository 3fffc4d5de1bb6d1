"""Rounds of a watch after a rollback: what each saw, what is red, and what only may become so. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile

from rollproof.probes.database_figures import Figures
from rollproof.settings.watch import Watch

_SHOWN = 3  # of what is red, in the sentence that says so
_ENOUGH = 100  # transactions that ended, or blocks that were read, before a share of them says anything


@dataclass(frozen=True)
class Seen:
    """An endpoint or a service that was asked in a round: whether it is as it should be, and if not, why."""

    name: str
    good: bool
    why: str = ""
    is_login: bool = False
    seconds: float | None = None


@dataclass(frozen=True)
class Round:
    """What one round saw; `at` is when it began, `seconds` how long it took.

    `trouble` is why the database could not be asked. Of the `cases` of definitions, `findings` are what failed, as sentences, and
    `undecided` how many nobody could decide.
    """

    number: int
    at: str
    seconds: float = 0.0
    trouble: str = ""
    cases: int = 0
    findings: tuple[str, ...] = ()
    undecided: int = 0
    figures: Figures | None = None
    endpoints: tuple[Seen, ...] = ()
    services: tuple[Seen, ...] = ()


@dataclass(frozen=True)
class Rates:
    """What all rounds together come to: shares are of 1, None where nothing was counted."""

    answers: int = 0
    error_rate: float | None = None
    logins: int = 0
    login_success: float | None = None
    deadlocks: int = 0
    transactions: int = 0
    rollback_ratio: float | None = None
    blocks: int = 0
    cache_hit_ratio: float | None = None


def rates(rounds: Sequence[Round]) -> Rates:
    """Return what the rounds come to; statistics that were reset between two rounds count from there."""
    answers = [each for one in rounds for each in one.endpoints]
    logins = [each for each in answers if each.is_login]
    known = [one.figures for one in rounds if one.figures]
    deadlocks, committed, rolled_back, hit, read = (
        sum(max(0, which(after) - which(before)) for before, after in pairwise(known)) for which in _COUNTERS
    )
    return Rates(
        len(answers),
        _share(sum(not each.good for each in answers), len(answers)),
        len(logins),
        _share(sum(each.good for each in logins), len(logins)),
        deadlocks,
        committed + rolled_back,
        _share(rolled_back, committed + rolled_back),
        hit + read,
        _share(hit, hit + read),
    )


_COUNTERS: tuple[Callable[[Figures], int], ...] = (
    lambda one: one.deadlocks,
    lambda one: one.committed,
    lambda one: one.rolled_back,
    lambda one: one.hit,
    lambda one: one.read,
)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def red(rounds: Sequence[Round], limits: Watch) -> tuple[str, ...]:
    """Return what is red after the last of the rounds, each as a sentence; nothing if the watch may go on."""
    last = rounds[-1]
    lasting = (
        f"{sentence}{_in_a_row(limits.rounds)}"
        for key, sentence in passing(last, limits).items()
        if streak(rounds, key, limits) >= limits.rounds
    )
    return (*last.findings, *lasting, *_rates_above(rates(rounds), limits))


def _in_a_row(rounds: int) -> str:
    return f", in {rounds} rounds in a row" if rounds > 1 else ""


def streak(rounds: Sequence[Round], key: str, limits: Watch) -> int:
    """Return in how many rounds in a row, the last one among them, something was wrong that may pass by itself."""
    return sum(1 for _ in takewhile(lambda each: key in passing(each, limits), reversed(rounds)))


def passing(one: Round, limits: Watch) -> Mapping[str, str]:
    """Return what a round saw that is wrong and may pass by itself: what it is about → a sentence."""
    found = {"database": f"the database cannot be asked: {one.trouble}"} if one.trouble else {}
    found |= {f"endpoint {each.name}": each.why for each in one.endpoints if not each.good}
    found |= {f"service {each.name}": each.why for each in one.services if not each.good}
    return found | (dict(_figures_above(one.figures, limits)) if one.figures else {})


def _figures_above(seen: Figures, limits: Watch) -> Iterator[tuple[str, str]]:
    share = seen.connections / seen.limit if seen.limit > 0 else 1.0
    if share > limits.max_connections_share:
        yield (
            "connections",
            f"{seen.connections} of {seen.limit} connections are taken, above the limit of {limits.max_connections_share:.0%}",
        )
    for what, value, most in (
        ("a session is idle in a transaction", seen.idle_in_transaction, limits.max_idle_in_transaction_seconds),
        ("a transaction has lasted", seen.transaction, limits.max_transaction_seconds),
        ("a session has waited for a lock", seen.lock_wait, limits.max_lock_wait_seconds),
        ("a replica is behind", seen.replica_lag, limits.max_replica_lag_seconds),
    ):
        if value is not None and most is not None and value > most:
            yield what, f"{what} for {value:,.0f} s, above the limit of {most:g} s".replace("behind for", "behind by")


def _rates_above(seen: Rates, limits: Watch) -> Iterator[str]:
    some = limits.min_answers
    if seen.deadlocks > limits.max_deadlocks:
        yield f"{seen.deadlocks} deadlocks since the watch began, above the limit of {limits.max_deadlocks}"
    for what, share, counted, enough, least, most in (
        ("answers of endpoints are errors", seen.error_rate, seen.answers, some, None, limits.max_error_rate),
        ("logins succeeded", seen.login_success, seen.logins, some, limits.min_login_success, None),
        (
            "transactions were rolled back",
            seen.rollback_ratio,
            seen.transactions,
            _ENOUGH,
            None,
            limits.max_rollback_ratio,
        ),
        ("blocks were in the cache", seen.cache_hit_ratio, seen.blocks, _ENOUGH, limits.min_cache_hit_ratio, None),
    ):
        if share is None or counted < enough:
            continue
        if most is not None and share > most:
            yield f"{share:.1%} of {counted:,} {what}, above the limit of {most:.1%}"
        if least is not None and share < least:
            yield f"{share:.1%} of {counted:,} {what}, below the limit of {least:.1%}"


@dataclass(frozen=True)
class Watched:
    """What a watch came to: its word, exit code and sentence; `reds` are what ended it."""

    word: str
    exit_code: int
    sentence: str
    reds: tuple[str, ...] = ()


STEADY, NOT_STEADY, UNDECIDED, INTERRUPTED = "STEADY", "NOT STEADY", "INCONCLUSIVE", "INTERRUPTED"
WORDS = (STEADY, NOT_STEADY, UNDECIDED, INTERRUPTED)
"""Every word that a watch can come to."""


def watched(rounds: Sequence[Round], reds: Sequence[str], limits: Watch, *, number: int = 0) -> Watched:
    """Return what the rounds come to; `number` is the signal that ended them, 0 if none did.

    Without anything red it is STEADY only if the last round could decide everything, and saw nothing wrong.
    """
    seen = f"{len(rounds)} round{'s' if len(rounds) != 1 else ''}"
    if reds:
        more = f"; and {len(reds) - _SHOWN} more" if len(reds) > _SHOWN else ""
        sentence = f"red in round {rounds[-1].number}: {'; '.join(reds[:_SHOWN])}{more}"
        return Watched(NOT_STEADY, 1, sentence, tuple(reds))
    if number:
        return Watched(INTERRUPTED, 128 + number, f"ended by a signal after {seen}; nothing was red until then")
    doubt = _doubt(rounds, limits)
    if doubt:
        return Watched(UNDECIDED, 7, f"nothing was red in {seen}, but {doubt}")
    return Watched(STEADY, 0, f"nothing was red in {seen}")


def _doubt(rounds: Sequence[Round], limits: Watch) -> str:
    if not rounds:
        return "no round was made"
    last = rounds[-1]
    if last.trouble:
        return f"in the last one the database could not be asked: {last.trouble}"
    if last.undecided:
        return f"{last.undecided} of {last.cases} cases of definitions could not be decided; rollproof verify says why"
    if wrong := [*passing(last, limits).values()]:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        return f"there were too few to tell whether this lasts: {'; '.join(wrong[:_SHOWN])}{more}"
    return "" if last.cases else "no definition was compared"
