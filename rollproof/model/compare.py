"""What the facts mean together. Pure: no connection, no clock, no printing; sorting happens here and nowhere else."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from rollproof.model.facets import traits
from rollproof.model.names import canonical
from rollproof.model.printable import one_line, visible
from rollproof.model.snapshot import Facts

NOT_RESTORED = "not restored"
TO_KNOW = "to know about, and no failure"
_SHORT = 4  # lines; of longer texts only the lines that changed are shown, each with its neighbours


@dataclass(frozen=True, order=True)
class Difference:
    """One fact that is not as it was."""

    facet: str
    identity: str
    before: str | None  # None: there was no such fact
    after: str | None  # None: there is no such fact any more

    def __str__(self) -> str:
        name = one_line(self.identity)
        before, after = _shown(self.before, self.after)
        if self.after is None:
            return f"{name} is missing\n  before  {_inside(before)}"
        if self.before is None:
            return f"{name} was left behind\n  after   {_inside(after)}"
        if min(len(text.split("\n")) for text in (before, after)) > _SHORT:
            return f"{name} changed\n{_changed_lines(before, after)}"
        return f"{name} changed\n  before  {_inside(before)}\n  after   {_inside(after)}"


def _shown(*texts: str | None) -> list[str]:
    """Return texts as they may be read side by side: where one of them needs codes, a real backslash is doubled in all."""
    told = [text or "" for text in texts]
    if not all(visible(text) == text for text in told):
        told = [visible(text.replace("\\", "\\\\")) for text in told]
    return told


def _inside(text: str) -> str:
    """Return text whose further lines stand below its first, so that none looks like a line of ours."""
    return text.replace("\n", "\n          ")


def _changed_lines(before: str, after: str) -> str:
    lines = [*difflib.unified_diff(before.split("\n"), after.split("\n"), n=1, lineterm="")][2:]
    return "\n".join(f"  {'…' if line.startswith('@@') else line}" for line in lines)


def compare(facet: str, before: Facts, after: Facts) -> tuple[Difference, ...]:
    """Return the differences of one facet, sorted by identity; () if all is as it was.

    That two servers quote the same name by different keyword lists is no difference.
    """
    identities = sorted(before.keys() | after.keys())
    return tuple(
        Difference(facet, identity, before.get(identity), after.get(identity))
        for identity in identities
        if before.get(identity) != after.get(identity) and not _same(facet, before.get(identity), after.get(identity))
    )


def _same(facet: str, before: str | None, after: str | None) -> bool:
    row = traits(facet)
    if before is None or after is None or row.verbatim:
        return False
    was, now = (text.partition(row.verbatim_from or "\0") for text in (before, after))
    return was[2] == now[2] and canonical(was[0]) == canonical(now[0])


def sentence(facet: str, differences: Iterable[Difference], limit: int = 20, *, word: str = NOT_RESTORED) -> str:
    """Return a failure as text: how many, then each with its before and after, at most `limit` of them."""
    found = list(differences)
    lines = [f"{facet}: {len(found)} {word}", *(f"- {difference}" for difference in found[:limit])]
    if len(found) > limit:
        lines.append(f"- and {len(found) - limit:,} more, all in result.json")
    return "\n".join(lines)
