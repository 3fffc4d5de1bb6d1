"""One way through many faults: together where they do not touch each other; then those that are not told, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.batches import Batch, batches
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.outcome import Tried
from rollproof.rehearsal.selftest.reasons import reasons
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.selftest.trial import looked_again, planted, tried
from rollproof.system.deadline import NEVER, Deadline

ENOUGH = 100
"""So many faults that are not told are looked into before more are planted: a run that ends early knows why, too."""
KEPT = 0.25
"""Which part of the time is kept for those."""
FEW = 16
"""So many of them are looked into at once where the time is bounded."""


@dataclass
class Course:
    """A way through faults on a `ground`, until a `deadline`. `notes` are things to know."""

    ground: Ground
    sight: Sight
    deadline: Deadline = NEVER
    notes: list[str] = field(default_factory=list)

    def along(self, groups: Iterable[Batch]) -> Iterator[Tried]:
        """Try the faults of these batches, as long as there is time."""
        untold: list[Fault] = []
        for group in groups:
            if self.deadline.left <= KEPT * (self.deadline.seconds or 0):
                break
            yield from self._together(group.faults, untold)
            if len(untold) >= ENOUGH:
                yield from self._explained(untold)
                untold = []
        yield from self._explained(untold)

    def _together(self, faults: Sequence[Fault], untold: list[Fault]) -> Iterator[Tried]:
        trial = tried(self.ground, self.sight, faults)
        for fault in faults:
            if checks := trial.told(fault):
                yield Tried(fault, "seen", checks=checks)
            elif fault not in trial.refused:
                untold.append(fault)
            elif why := self._refused(fault):
                yield Tried(fault, "not planted", why)
            else:
                untold.append(fault)
        if any(each.is_shared for each in faults):
            self._look_around(faults)

    def _refused(self, fault: Fault) -> str:
        """Return why a fault cannot be planted without others either."""
        with planted(self.ground, [fault]) as refused:
            return refused.get(fault, "")

    def _explained(self, untold: Sequence[Fault]) -> Iterator[Tried]:
        """Say of each whether it is seen without the others, and why not."""
        for group in batches(untold, most=FEW if self.deadline.seconds else ENOUGH):
            if self.deadline.left <= 0:
                return
            yield from reasons(self.ground, self.sight, group.faults)
            if any(each.is_shared for each in group.faults):
                self._look_around(group.faults)

    def _look_around(self, faults: Sequence[Fault]) -> None:
        """See whether all is as it was again, where what all databases share was changed."""
        trial = looked_again(self.sight)
        if new := [f"{each.check}: {each.subject}" for each in trial.news]:
            whose = ", ".join(sorted({fault.name for fault in faults if fault.is_shared}))
            self.notes.append(f"not all could be taken away again of {whose}: {', '.join(new)}")
