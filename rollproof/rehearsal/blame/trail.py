"""What each statement changed of the facts that are asked about, and which statements a difference comes from. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rollproof.rehearsal.blame.origin import Origin, Place

Key = tuple[str, str]
"""A fact: its facet, and its identity."""
Seen = Mapping[Key, str | None]
"""Facts as a session saw them at one moment; None where there was none."""


@dataclass(frozen=True)
class Change:
    """A statement (`place`) that made a fact another one; the `run`th command run, from 0, is what it belongs to."""

    run: int
    place: Place
    key: Key
    before: str | None
    after: str | None


def changes(run: int, place: Place, before: Seen, after: Seen) -> Iterator[Change]:
    """Yield what a statement changed."""
    for key, now in after.items():
        if before[key] != now:
            yield Change(run, place, key, before[key], now)


def origin(key: Key, expected: str | None, trail: Iterable[Change], last: int) -> Origin | None:
    """Return where a fact comes from that should be as `expected` after the `last` run; None if no statement was seen to change it.

    What took it away from how it should be, and was not taken back since, has made it; what then changed it in the last run has
    undone it wrongly. Where it was taken away as a whole and brought back as something else, the latter is meant.
    """
    about = [each for each in trail if each.key == key]
    right = [number for number, each in enumerate(about) if each.after == expected]
    since = about[right[-1] + 1 :] if right else about
    making = [each for each in since if each.run < last]
    undoing = [each for each in since if each.run == last]
    if not making:
        return Origin(None, _meant(undoing, 0)) if undoing else None
    return Origin(_meant(making, 0), _meant(undoing, -1) if undoing else None)


def _meant(some: Sequence[Change], otherwise: int) -> Place:
    """Return what brought a fact back last, if anything did, else the first (0) or the last (-1) statement."""
    back = [each for each in some if each.before is None]
    return back[-1].place if back and some[-1].after is not None else some[otherwise].place
