"""How many of a phase's cases were run, and what left out the others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Selected:
    """Of the `cases` that the phase has, `ran` were asked; `by` says what left out the others."""

    ran: int
    cases: int
    by: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing was left out."""
        return self.ran >= self.cases

    def __str__(self) -> str:
        if not self.cases:
            return "none: it never came to the cases"
        if self.whole:
            return f"all {self.cases:,} cases"
        return f"{self.ran:,} of {self.cases:,} cases ({'; '.join(self.by)})"
