"""Why a fault is not seen: it is verified once more with less in the way, until it is seen.

No reason is guessed: a waiver, a setting, the role or the reference is the reason if the fault is seen without it, and is not as
soon as it is back. Where it takes several, these are the fewest.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.design import accepted, differences, forgiven
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.obstacles import Obstacle
from rollproof.rehearsal.selftest.outcome import Tried
from rollproof.rehearsal.selftest.sight import NOTHING, Sight, Without
from rollproof.rehearsal.selftest.trial import Trial, looked, looked_again, planted
from rollproof.rehearsal.selftest.why import because
from rollproof.rehearsal.selftest.witness import Witness
from rollproof.verdict.outcome import Report

_CHANGES_NOTHING = "it changes nothing that pg_dump, pg_dumpall or the catalogue show"
_UNEXPLAINED = "nothing of the configuration explains it"


def reasons(ground: Ground, sight: Sight, unseen: Sequence[Fault]) -> tuple[Tried, ...]:
    """Return why each of these faults, which can be planted together, is not seen by the user's configuration.

    The throw-away database must be as it was, and is then.
    """
    if not unseen:
        return ()
    told = _together(ground, sight, unseen)
    return tuple(told.get(fault) or _alone(ground, sight, fault) for fault in unseen)


def fewest(obstacles: Sequence[Obstacle], sees: Callable[[Without], bool]) -> tuple[Obstacle, ...]:
    """Return the fewest obstacles without which something is seen that is seen without all of them.

    No obstacle of the answer can be left in its place. With more out of the way no less is seen; so halves are tried, not each.
    """

    def more(gone: Without, left: Sequence[Obstacle], *, is_new: bool) -> tuple[Obstacle, ...]:
        if is_new and sees(gone):
            return ()
        if len(left) == 1:
            return tuple(left)
        first, second = left[: len(left) // 2], left[len(left) // 2 :]
        of_second = more(gone | set(first), second, is_new=True)
        return more(gone | set(of_second), first, is_new=bool(of_second)) + of_second

    return more(NOTHING, obstacles, is_new=False) if obstacles else ()


@dataclass
class _Looks:
    """What is seen of faults that are planted together, each way of looking once; in the end the database is as it was."""

    ground: Ground
    sight: Sight
    faults: Sequence[Fault]
    is_alone: bool = False
    trials: dict[Without, Trial] = field(default_factory=dict)
    _planting: ExitStack = field(default_factory=ExitStack)
    _refused: dict[Fault, str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._put_back()

    def at(self, gone: Without) -> Trial:
        """Look without some obstacles."""
        if gone not in self.trials:
            self.trials[gone] = looked(self._eyes(gone), self._plant())
        return self.trials[gone]

    def sees(self, fault: Fault, gone: Without) -> bool:
        """Tell whether a fault is seen then; if it was planted alone, anything that is told counts."""
        trial = self.at(gone)
        if trial.told(fault) or not self.is_alone:
            return bool(trial.told(fault))
        return bool(trial.trouble or _news(trial, self.sight.without(gone)))

    def _eyes(self, gone: Without) -> Sight:
        """Return how to look, made on the database as it was: of what is planted no baseline may know."""
        if not self.sight.is_ready(gone) or (self.is_alone and not self.sight.without(gone).is_proved):
            self._put_back()
        eyes = self.sight.without(gone)
        if self.is_alone:
            eyes.unharmed  # noqa: B018 (now, while nothing is planted)
        return eyes

    def _plant(self) -> dict[Fault, str]:
        if self._refused is None:
            self._refused = self._planting.enter_context(planted(self.ground, self.faults))
        return self._refused

    def _put_back(self) -> None:
        self._planting.close()
        self._refused = None


def _together(ground: Ground, sight: Sight, batch: Sequence[Fault]) -> dict[Fault, Tried]:
    """Return what became of those that are seen, or explained, where they are."""
    with _Looks(ground, sight, batch) as looks:
        seen = {fault: checks for fault in batch if (checks := looks.at(NOTHING).told(fault))}
        blind = [fault for fault in batch if fault not in seen]
        explained = {fault: _found(looks, fault) for fault in blind if looks.sees(fault, sight.everything)}
    told = {fault: because(fault, found, ground, sight) for fault, found in explained.items()}
    return told | {fault: Tried(fault, "seen", checks=checks) for fault, checks in seen.items()}


def _found(looks: _Looks, fault: Fault) -> tuple[Obstacle, ...]:
    """Return the fewest obstacles of a fault that is seen without all; of many waivers those alone that accepted anything."""
    every = looks.sight.obstacles
    settings = tuple(each for each in every if each.waiver is None)
    left = settings
    if not looks.sees(fault, frozenset(settings)):
        report = looks.at(frozenset(settings)).report
        taken = {(each.check, each.identity) for each in (report.waived if report else ())}
        left = (*settings, *(each for each in every if each.waiver and _name(each) in taken))
        left = left if looks.sees(fault, frozenset(left)) else every
    return fewest(left, lambda gone: looks.sees(fault, gone))


def _name(obstacle: Obstacle) -> tuple[str, str]:
    waiver = obstacle.waiver
    assert waiver, "it is one"
    return waiver.check, waiver.identity or waiver.identity_pattern


def _alone(ground: Ground, sight: Sight, fault: Fault) -> Tried:
    with _Looks(ground, sight, [fault], is_alone=True) as looks:
        first = looks.at(NOTHING)
        if refused := first.refused.get(fault):
            return Tried(fault, "not planted", refused)
        is_seen = looks.sees(fault, NOTHING)
        is_blind = not is_seen and not looks.sees(fault, sight.everything)
        found = () if is_seen or is_blind else _found(looks, fault)
        report = looks.at(sight.everything).report if is_blind else None
    if is_seen:
        return _seen(fault, first, sight)
    return (
        _unexplained(ground, sight, fault, report.notes if report else ())
        if is_blind
        else because(fault, found, ground, sight)
    )


def _seen(fault: Fault, trial: Trial, sight: Sight) -> Tried:
    """Return that it is seen, by whatever is told. Raises `Inconclusive` if without it no verification can be made either."""
    if checks := trial.told(fault):
        return Tried(fault, "seen", checks=checks)
    if trial.trouble:
        looked_again(sight)
        return Tried(fault, "seen", f"no verification could be made any more: {trial.trouble.splitlines()[0]}")
    news = _news(trial, sight)
    check, subject = news[0]
    return Tried(fault, "seen", f"told as {check}: {subject}", tuple(dict.fromkeys(check for check, _ in news)))


def _news(trial: Trial, sight: Sight) -> list[tuple[str, str]]:
    """Return check and subject of what is told, found or undecided, and was not told before anything was planted."""
    old = set(_told(sight.unharmed))
    return [each for each in _told(trial.report) if each not in old] if trial.report else []


def _told(report: Report) -> list[tuple[str, str]]:
    found = [(each.check, finding.subject) for each in report.outcomes for finding in each.findings]
    doubts = [(each.check, unknown.subject) for each in report.outcomes for unknown in each.unknown]
    silent = [(each.check, each.reason) for each in report.outcomes if each.kind == "inconclusive" and not each.unknown]
    return found + doubts + silent


def _unexplained(ground: Ground, sight: Sight, fault: Fault, notes: Sequence[str]) -> Tried:
    """Tell a fault that rollproof accepts of any migration, and one that changes nothing, from one that is missed."""
    if why := accepted(fault, notes):
        return Tried(fault, "waived", why)
    clear = sight.clear
    try:
        before = Witness.of(ground.world)
        with planted(ground, [fault]):
            after = clear.now()
            shown = before.difference(Witness.of(ground.world))
    except Inconclusive as error:
        return Tried(
            fault, "missed", f"{_UNEXPLAINED}, and no other witness could be asked: {str(error).splitlines()[0]}"
        )
    found = differences(clear.baseline, after)
    if why := forgiven(found, clear.baseline, after):
        return Tried(fault, "waived", why)
    if not (found or shown):
        return Tried(fault, "not planted", _CHANGES_NOTHING)
    seen = f"rollproof reads it ({found[0].facet} {found[0].identity}), and no check tells it" if found else shown
    return Tried(fault, "missed", f"{_UNEXPLAINED}: {seen}")
