"""What the facts mean together. Pure: no connection, no clock, no printing; sorting happens here and nowhere else."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from rollproof.model.names import canonical
from rollproof.model.printable import one_line, visible
from rollproof.model.snapshot import Facts

NOT_RESTORED = "not restored"
TO_KNOW = "to know about, and no failure"
_AS_IT_IS = {"comments", "settings", "security_labels", "pg_dump"}  # what a person wrote, or a witness
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
    if before is None or after is None or facet in _AS_IT_IS:
        return False
    # Options of foreign servers and tables are a person's words, up to the end.
    mark = "OPTIONS (" if facet.startswith("foreign_") else "\0"
    was, now = (text.partition(mark) for text in (before, after))
    return was[2] == now[2] and canonical(was[0]) == canonical(now[0])


def sentence(facet: str, differences: Iterable[Difference], limit: int = 20, *, word: str = NOT_RESTORED) -> str:
    """Return a failure as text: how many, then each with its before and after, at most `limit` of them."""
    found = list(differences)
    lines = [f"{facet}: {len(found)} {word}", *(f"- {difference}" for difference in found[:limit])]
    if len(found) > limit:
        lines.append(f"- and {len(found) - limit:,} more, all in result.json")
    return "\n".join(lines)


def ahead(difference: Difference) -> bool:
    """Tell whether a sequence stands where it stood or further on, and keeps what it promised.

    One that cycles promises nothing, for it comes back to numbers that were given out: whatever followed it is no loss, and
    one that cycles now and did not is a loss wherever it stands. Turned round, it has no further on. A sequence that is
    missing or was left behind is the news of `sequences`.
    """
    if difference.before is None or difference.after is None:
        return True
    (was, *of_old), (now, *anew) = difference.before.split(), difference.after.split()
    if "cycles" in of_old or "cycles" in anew:
        return "cycles" in of_old
    if of_old != anew:
        return False
    return int(now) <= int(was) if "descending" in anew else int(now) >= int(was)


def same_but_for_version(difference: Difference) -> bool:
    """Tell whether a collation is as it was, but for the version that baselines of rollproof 0.2.0 told with it."""
    was, now = ((text or "").partition(" VERSION '")[0] for text in (difference.before, difference.after))
    return was == now


def told_more(difference: Difference) -> bool:
    """Tell whether one side says of an extension's member only that it is one: a baseline of rollproof 0.2.0 knew no more."""
    texts = {difference.before or "", difference.after or ""}
    return "member" in texts and all(text.startswith("member") for text in texts)


_LACKS = "not analysed: "
NOBODY_LOOKED = ("never analysed", "empty")  # no row has ever been looked at
_NAME = re.compile(r'(?:"(?:[^"]|"")*"|[^",])+')


def analysed_as_well(difference: Difference) -> bool:
    """Tell whether the planner knows about a table all that it knew; a table that is not there is the news of `tables`."""
    if difference.before is None or difference.after is None:
        return True
    if difference.before in NOBODY_LOOKED or difference.after in NOBODY_LOOKED:
        return difference.before in NOBODY_LOOKED
    return _lacking(difference.after) <= _lacking(difference.before)


def _lacking(description: str) -> set[str]:
    return {name.strip() for name in _NAME.findall(description.partition(_LACKS)[2])}
