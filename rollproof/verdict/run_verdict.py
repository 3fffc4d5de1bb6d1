"""The verdict of a run, from what its cases said and how it ended: word, exit code, sentence. Pure."""

import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from rollproof.model.amounts import counted
from rollproof.model.phase import PARTLY, Essential, Phase
from rollproof.verdict.outcome import GOOD, KINDS, Outcome
from rollproof.verdict.selected import Selected

OTHER_VERDICTS: Mapping[str, tuple[str, int, str]] = {
    "broken": (
        "BROKEN",
        3,
        "a check ended in an error of rollproof's own, so nothing is vouched for; please report it",
    ),
    "misuse": ("MISUSE", 4, "the configuration does not fit what was found"),
    "inconclusive": ("INCONCLUSIVE", 7, "nothing was found wrong, but not everything could be decided"),
    "not checked": ("NOTHING CHECKED", 5, "nothing was compared, and silence is not proof"),
}
"""The verdicts that are no phase's own, by the kind of outcome: word, exit code, sentence."""


class Verdict(NamedTuple):
    """What a run comes to: READY, NOT RESTORED, …; the exit code; and the sentence that explains it."""

    word: str
    exit_code: int
    sentence: str


@dataclass(frozen=True)
class Ending:
    """How a run ended, whatever its cases said.

    `checks` are those whose cases were wanted, `trouble` is why a side could not be read at all, `outside` what went wrong
    outside of all cases. Without `any_table` nothing is essential, for there is nothing to compare. `unread` is the number of
    tables that were not read, because nobody wrote to them.
    """

    phase: Phase
    selection: Selected
    checks: frozenset[str] = frozenset()
    any_table: bool = True
    trouble: str = ""
    signal: int = 0
    interrupted: bool = False
    outside: Literal["broken", "misuse"] | None = None
    unread: int = 0


def verdict(outcomes: Sequence[Outcome], ending: Ending) -> Verdict:
    """Return what the outcomes come to; a run that did not come to its end is INTERRUPTED, whatever they say."""
    if ending.signal or ending.interrupted:
        return Verdict("INTERRUPTED", 128 + (ending.signal or signal.SIGINT), _interrupted(outcomes, ending))
    return _of_all(outcomes, ending)


def _interrupted(outcomes: Sequence[Outcome], ending: Ending) -> str:
    by = f"ended by {signal.Signals(ending.signal).name}" if ending.signal else "ended"
    selection = ending.selection
    if not selection.ran:
        return f"{by} before the first case was asked; nothing was checked"
    if not selection.whole:
        return f"{by} after {selection.ran:,} of {selection.cases:,} cases; what is not listed was not checked"
    said = _of_all(outcomes, ending)
    return f"{by} when all {selection.cases:,} cases had been asked; what they said is {said.word}: {said.sentence}"


def _of_all(outcomes: Sequence[Outcome], ending: Ending) -> Verdict:
    if ending.trouble:
        return Verdict("INCONCLUSIVE", 7, "the database or the reference could not be read at all")
    kinds = {outcome.kind for outcome in outcomes} | ({ending.outside} if ending.outside else set())
    worst = min(kinds, key=KINDS.index, default="not checked")
    found = _verdicts(ending.phase)[worst]
    if worst in GOOD and (lacking := _lacking(outcomes, ending)):
        worst, found = "inconclusive", Verdict(*OTHER_VERDICTS["inconclusive"][:2], _without(lacking))
    if worst != "not checked" and not ending.selection.whole:
        word = PARTLY + found.word if worst in GOOD else found.word
        found = found._replace(word=word, sentence=f"{ending.selection}: {found.sentence}")
    return found._replace(sentence=found.sentence + _counted(outcomes) + _unread(ending.unread))


def _verdicts(phase: Phase) -> dict[str, Verdict]:
    """Return the verdict by the worst kind among the outcomes."""
    good, bad = Verdict(phase.good, 0, phase.good_sentence), Verdict(phase.bad, 1, phase.bad_sentence)
    others = {kind: Verdict(*each) for kind, each in OTHER_VERDICTS.items()}
    return {**others, "not restored": bad, **dict.fromkeys(GOOD, good)}


def _lacking(outcomes: Sequence[Outcome], ending: Ending) -> tuple[Essential, ...]:
    """Return the essential questions of the phase that no check answered."""
    if not ending.any_table:
        return ()
    return ending.phase.missing(ending.checks, {outcome.check for outcome in outcomes if outcome.kind in GOOD})


def _without(lacking: Sequence[Essential]) -> str:
    whats = "; ".join(f"{each.what} ({' or '.join(each.checks)})" for each in lacking)
    ways = dict.fromkeys(each.way for each in lacking)
    out = " or ".join(check for each in lacking for check in each.checks)
    return (
        f"nothing was found wrong, but nobody can say {whats}: {'; '.join(ways)}; "
        f"or leave that out knowingly, by -k 'not ({out})', and the verdict is of a part"
    )


def _counted(outcomes: Sequence[Outcome]) -> str:
    warnings = sum(outcome.kind == "warning" for outcome in outcomes)
    return f", with {warnings:,} warning{'s' if warnings > 1 else ''}" if warnings else ""


def _unread(number: int) -> str:
    return f"; {not_read(number)}" if number else ""


def not_read(number: int) -> str:
    """Return that so many tables were not read, and by whose word, as every output says it."""
    return f"{counted(number, 'table')} not read, by the server's own counters"
