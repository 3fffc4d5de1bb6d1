"""What somebody asks of a self-test, beside the settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from rollproof.model.errors import Misuse
from rollproof.rehearsal.faults.fault import Fault

SAMPLE = 50
"""How many rows of each table are copied, if nobody says."""


@dataclass(frozen=True)
class Asked:
    """The `source` that is copied with `sample` rows of each table, the `seconds` after which nothing more is tried (None: no end).

    `only` are patterns with `*` and `?`: a fault is tried if one of them is its kind, its facet, its name, its identity or its key.
    """

    source: str
    sample: int = SAMPLE
    seconds: float | None = None
    only: tuple[str, ...] = ()

    def chosen(self, faults: Sequence[Fault]) -> tuple[Fault, ...]:
        """Return the faults that are wanted. Raises `Misuse` for a pattern that no fault fits."""
        for pattern in self.only:
            if not any(_fits(pattern, fault) for fault in faults):
                kinds = ", ".join(dict.fromkeys(fault.kind for fault in faults)) or "none"
                raise Misuse(
                    f"--only {pattern}: no fault of this database fits; --list shows all, of the kinds {kinds}"
                )
        return tuple(fault for fault in faults if self.wants(fault))

    def wants(self, fault: Fault) -> bool:
        """Tell whether a fault is to be tried."""
        return not self.only or any(_fits(pattern, fault) for pattern in self.only)


def _fits(pattern: str, fault: Fault) -> bool:
    texts = (fault.kind, fault.facet, fault.name, fault.identity, fault.key)
    return any(fnmatchcase(text, pattern) for text in texts)
