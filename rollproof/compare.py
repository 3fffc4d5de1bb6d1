"""What the facts mean together. Pure: no connection, no clock, no printing; sorting happens here and nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass

from rollproof.snapshot import Facts


@dataclass(frozen=True, order=True)
class Difference:
    """One fact that is not as it was."""

    facet: str
    identity: str
    before: str | None  # None: there was no such fact
    after: str | None  # None: there is no such fact any more

    def __str__(self) -> str:
        if self.after is None:
            return f"{self.identity} is missing\n  before  {self.before}"
        if self.before is None:
            return f"{self.identity} was left behind\n  after   {self.after}"
        return f"{self.identity} changed\n  before  {self.before}\n  after   {self.after}"


def compare(facet: str, before: Facts, after: Facts) -> tuple[Difference, ...]:
    """Return the differences of one facet, sorted by identity; () if all is as it was."""
    identities = sorted(before.keys() | after.keys())
    return tuple(
        Difference(facet, identity, before.get(identity), after.get(identity))
        for identity in identities
        if before.get(identity) != after.get(identity)
    )


def sentence(facet: str, differences: Iterable[Difference], limit: int = 20) -> str:
    """Return a failure as text: how many, then each with its before and after, at most `limit` of them."""
    found = list(differences)
    lines = [f"{facet}: {len(found)} not restored", *(f"- {difference}" for difference in found[:limit])]
    if len(found) > limit:
        lines.append(f"- and {len(found) - limit:,} more, all in result.json")
    return "\n".join(lines)
