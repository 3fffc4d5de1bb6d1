"""What the facts mean together. Pure: no connection, no clock, no printing; sorting happens here and nowhere else."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from rollproof.snapshot import Facts

NOT_RESTORED = "not restored"
HEALS = "to know about: it heals by itself, or by one harmless statement"
_SHORT = 4  # lines; of longer texts only the lines that changed are shown, each with its neighbours


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
        if min(len(text.splitlines()) for text in (self.before, self.after)) > _SHORT:
            return f"{self.identity} changed\n{_changed_lines(self.before, self.after)}"
        return f"{self.identity} changed\n  before  {self.before}\n  after   {self.after}"


def _changed_lines(before: str, after: str) -> str:
    lines = [*difflib.unified_diff(before.splitlines(), after.splitlines(), n=1, lineterm="")][2:]
    return "\n".join(f"  {'…' if line.startswith('@@') else line}" for line in lines)


def compare(facet: str, before: Facts, after: Facts) -> tuple[Difference, ...]:
    """Return the differences of one facet, sorted by identity; () if all is as it was."""
    identities = sorted(before.keys() | after.keys())
    return tuple(
        Difference(facet, identity, before.get(identity), after.get(identity))
        for identity in identities
        if before.get(identity) != after.get(identity)
    )


def sentence(facet: str, differences: Iterable[Difference], limit: int = 20, *, word: str = NOT_RESTORED) -> str:
    """Return a failure as text: how many, then each with its before and after, at most `limit` of them."""
    found = list(differences)
    lines = [f"{facet}: {len(found)} {word}", *(f"- {difference}" for difference in found[:limit])]
    if len(found) > limit:
        lines.append(f"- and {len(found) - limit:,} more, all in result.json")
    return "\n".join(lines)


def ahead(difference: Difference) -> bool:
    """Tell whether a sequence stands where it stood or further on; one that cycles has no further on.

    A sequence that is missing or was left behind is the news of `sequences`.
    """
    if difference.before is None or difference.after is None:
        return True
    was, now = difference.before.split(), difference.after.split()
    if "cycles" in was[1:] and "cycles" in now[1:]:
        return True
    further = int(now[0]) - int(was[0])
    return further <= 0 if "descending" in was[1:] else further >= 0


_LACKS = "not analysed: "


def analysed_as_well(difference: Difference) -> bool:
    """Tell whether the planner knows about a table all that it knew; a table that is not there is the news of `tables`."""
    if difference.before is None or difference.after is None:
        return True
    if difference.before == "empty" or difference.after == "analysed":
        return True
    was, now = (set(text.removeprefix(_LACKS).split(", ")) for text in (difference.before, difference.after))
    return difference.before.startswith(_LACKS) and difference.after.startswith(_LACKS) and now <= was
