"""Accepted differences: exact, reasoned and mortal."""

import datetime
from collections.abc import Iterable, Sequence

import msgspec

from rollproof.compare import Difference


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One difference that is accepted until a day, that day included.

    `check` is the check's slug and `identity` the whole identity as the failure prints it; no patterns.
    """

    check: str
    identity: str
    reason: str
    until: datetime.date

    def __str__(self) -> str:
        return f"{self.check}: {self.identity} (until {self.until}: {self.reason})"


class Waivers:
    """The waivers of one run, and which of them were needed.

    `today` is passed in: the clock is not this module's business.
    """

    def __init__(self, waivers: Sequence[Waiver], today: datetime.date) -> None:
        self._alive = {(waiver.check, waiver.identity): waiver for waiver in waivers if waiver.until >= today}
        self.ended = tuple(waiver for waiver in waivers if waiver.until < today)
        self._used: set[Waiver] = set()

    def accept(self, differences: Iterable[Difference]) -> tuple[Difference, ...]:
        """Return the differences that no waiver accepts, and remember which waivers were needed."""
        rest = []
        for difference in differences:
            if waiver := self._alive.get((difference.facet, difference.identity)):
                self._used.add(waiver)
            else:
                rest.append(difference)
        return tuple(rest)

    @property
    def used(self) -> tuple[Waiver, ...]:
        """The waivers that accepted something."""
        return tuple(sorted(self._used, key=str))

    def unused(self, checks: Iterable[str]) -> tuple[Waiver, ...]:
        """Return the waivers, ended ones too, that accepted nothing although their check is among those that ran."""
        ran = set(checks)
        idle = [waiver for waiver in self._alive.values() if waiver not in self._used]
        return tuple(waiver for waiver in [*idle, *self.ended] if waiver.check in ran)
