"""A cause: findings that follow from nothing else and read alike, with all that follows from them, as a value. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from rollproof.model.finding import Finding, RowReport, Statement

FIRST = "-- first: "
"""How `repairs` begins the comment about what must be mended before."""


@dataclass(frozen=True)
class Cause:
    """Findings that follow from nothing else and read alike, but for the `places` they are about: one thing to understand.

    `words` say it without the place; what stands at one place, `words_at` says. `consequences` follow from any of the `roots`;
    `statements` mend both, in the order to run them in, and are to be reviewed: what would drop something is commented out. `rows`
    say which rows differ there, `advice` what to do beside or instead of statements. `heals`: it is a warning.
    """

    words: str
    roots: tuple[Finding, ...]
    places: tuple[str, ...]
    check: str
    family: str
    severity: str
    heals: bool = False
    consequences: tuple[Finding, ...] = ()
    statements: tuple[Statement, ...] = ()
    rows: tuple[RowReport, ...] = ()
    advice: tuple[str, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def anchor(self) -> str:
        """The name by which a page links to it: the same in every run that finds the same."""
        named = "\n".join([self.words, *(f"{root.check} {root.subject}" for root in self.roots)])
        return f"cause-{sha256(named.encode('utf-8', 'backslashreplace')).hexdigest()[:10]}"

    def words_at(self, place: str) -> str:
        """Return what is said of it at one of its places, with whole names where `words` leave a part of them out."""
        return self.said.get(place, self.words)


def in_order(statement: Statement) -> tuple[bool, bool, bool, int]:
    """Return what statements are sorted by: what must be done before, then by their places in the script, then the others.

    What would drop something is commented out, and last: a statement may first take from it what is to stay.
    """
    first = statement.sql.startswith(FIRST)
    return not first, statement.sql.startswith("--") and not first, statement.place == 0, statement.place
