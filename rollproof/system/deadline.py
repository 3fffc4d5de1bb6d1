"""The deadline of a run (`--max-duration`)."""

import time
from dataclasses import dataclass, field

from rollproof.model.errors import Inconclusive


@dataclass(eq=False)
class Deadline:
    """`seconds` (what --max-duration says) after `began`, a moment of `time.monotonic`; without `seconds`: never.

    It may also be `cut_short`. Its text is what is said of everything that is not known by then, always the same: it is
    read once.
    """

    seconds: float | None = None
    began: float = field(default_factory=time.monotonic)
    _cut: str = ""

    def cut_short(self, why: str) -> None:
        """End the run now. Takes no lock, so that a signal's handler may call it wherever the signal comes."""
        self._cut = why

    @property
    def left(self) -> float:
        """For how many more seconds the run may go on; less than 0 if it should have ended."""
        if self._cut:
            return 0
        return float("inf") if self.seconds is None else self.began + self.seconds - time.monotonic()

    def require(self) -> None:
        """Raise `Inconclusive` if it is reached."""
        if self.left <= 0:
            raise Inconclusive(str(self))

    def __str__(self) -> str:
        return (
            self._cut
            or f"--max-duration {self.seconds or 0:g} s was reached, and this was not known by then: raise it, and run again"
        )


NEVER = Deadline()
