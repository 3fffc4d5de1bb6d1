"""One `[[waiver]]` of `rollproof.toml`: a difference that somebody accepts, with a reason and an end date."""

import datetime
import re

import msgspec

from rollproof.model.names import respelled, typed
from rollproof.model.renamed import RENAMED

OF_OWN = "::"
"""What stands in the name of a check of the user's own (`tests/test_invoices.py::test_totals`), and in none of ours."""


class Waiver(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Differences that are accepted until a day, that day included.

    `check` is the check's slug; `identity` is one whole identity as the failure prints it, `identity_pattern` any number of
    them, where a star stands for any text, dots too. A pattern that matches more than `at_most` findings accepts none.
    A waiver of `leftovers` accepts objects, `public.x (table)`, and with each every fact that came with it, in every check.
    """

    check: str
    identity: str = ""
    reason: str = ""
    until: datetime.date = datetime.date.min
    identity_pattern: str = ""
    at_most: int = 0

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "identity", typed(self.identity))
        if self.check in RENAMED:
            raise ValueError(f"the check {self.check} is now called {RENAMED[self.check]}")
        if bool(self.identity) == bool(self.identity_pattern):
            raise ValueError("a waiver has either `identity` or `identity_pattern`")
        if not self.reason or self.until == datetime.date.min:
            raise ValueError("a waiver needs a `reason` and a last day, `until`")
        if bool(self.identity_pattern) != (self.at_most > 0):
            raise ValueError(
                "`at_most`, how many findings it may match, belongs to each `identity_pattern` and to no `identity`"
            )
        if self.identity_pattern and ("*" not in self.identity_pattern or not re.search(r"\w", self.identity_pattern)):
            raise ValueError("an `identity_pattern` has a star, which stands for any text, and more than stars")

    def __str__(self) -> str:
        return f"{self.check}: {self.identity or self.identity_pattern} (until {self.until}: {self.reason})"

    def matches(self, identity: str) -> bool:
        """Tell whether this is the identity, or one that the pattern means."""
        if self.identity:
            return self.identity == identity
        patterns = (
            self.identity_pattern,
            respelled(self.identity_pattern),
        )  # `json*` may mean json alone, or json_events
        return any(re.fullmatch(re.escape(each).replace(r"\*", ".*"), identity, re.DOTALL) for each in patterns)
