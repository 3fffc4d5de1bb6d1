"""What each statement changed of the facts that are asked about, and which statements a difference comes from. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rollproof.rehearsal.blame.origin import Origin, Place

Key = tuple[str, str]
"""A fact: its facet, and its identity."""
Seen = Mapping[Key, str]
"""Facts as a session saw them at one moment: all those of the facets in question."""


@dataclass(frozen=True)
class Change:
    """A statement (`place`) that made a fact another one; the `run`th command run, from 0, is what it belongs to."""

    run: int
    place: Place
    key: Key
    before: str | None
    after: str | None


@dataclass
class Trail:
    """The changes of the facts (`keys`) that are asked about, by name, and those of the same objects under other names."""

    keys: frozenset[Key]
    by_name: list[Change] = field(default_factory=list)
    by_object: list[Change] = field(default_factory=list)
    _now: dict[Key, Key] = field(default_factory=dict)  # what a fact is called, if not as it was
    _made: dict[Key, tuple[int, Place]] = field(default_factory=dict)  # what last made a fact as it is, under any name

    def hear(self, run: int, place: Place, before: Seen, after: Seen) -> None:
        """Hear what was seen before and after a statement."""
        if before is after:
            return
        self._remember(run, place, before, after)
        for key in sorted(self.keys):
            self.by_name += self._changes(run, place, key, before.get(key), after.get(key))
            self._follow(run, place, key, before, after)

    def _remember(self, run: int, place: Place, before: Seen, after: Seen) -> None:
        """Remember what made each fact as it is; a rename did not make what was there already since something made it."""
        moved = {
            renamed: self._made.pop(key)
            for key in [key for key in self._made if key in before and key not in after]
            if (renamed := _renamed(key, before, after))
        }
        self._made |= {key: (run, place) for key, _ in after.items() - before.items()} | moved

    def _changes(self, run: int, place: Place, key: Key, was: str | None, now: str | None) -> Iterator[Change]:
        if was != now:
            run, place = self._made[key] if was is None and key in self._made else (run, place)
            yield Change(run, place, key, was, now)

    def _follow(self, run: int, place: Place, key: Key, before: Seen, after: Seen) -> None:
        at = self._now.get(key, key)
        was, now = before.get(at), after.get(at)
        if was is None and at != key and key in after:
            at = self._now[key] = key  # it is there again, as another one
            now = after[key]
        elif was is not None and now is None and (renamed := _renamed(at, before, after)):
            self._now[key] = renamed
            return
        self.by_object += self._changes(run, place, key, was, now)

    def origin(self, key: Key, expected: str | None, last: int) -> Origin | None:
        """Return where a fact comes from that should be as `expected` after the `last` run; None if nothing changed it."""
        return origin(key, expected, self.by_object, last) or origin(key, expected, self.by_name, last)


def _renamed(key: Key, before: Seen, after: Seen) -> Key | None:
    """Return the fact that a rename made of this one: the same but for one name; None if there is none, or several."""
    facet, identity = key
    old = identity.split(".")
    new = ((each, each[1].split(".")) for each in after if each[0] == facet and each not in before)
    found = [each for each, parts in new if _is_same(old, parts, before[key], after[each])]
    return found[0] if len(found) == 1 else None


def _is_same(old: Sequence[str], new: Sequence[str], was: str, now: str) -> bool:
    differ = [(one, other) for one, other in zip(old, new, strict=False) if one != other]
    return len(old) == len(new) and len(differ) == 1 and was.replace(*differ[0]) == now.replace(*differ[0])


def origin(key: Key, expected: str | None, trail: Iterable[Change], last: int) -> Origin | None:
    """Return where a fact comes from that should be as `expected` after the `last` run; None if no statement was seen to change it.

    What took it away from how it should be, and was not taken back since, has made it; what then changed it in the last run has
    undone it wrongly. Where it was taken away as a whole and brought back as something else, the latter is meant.
    """
    since = _not_taken_back(expected, (each for each in trail if each.key == key))
    making = [each for each in since if each.run < last]
    undoing = [each for each in since if each.run == last]
    if not making:
        return Origin(None, _meant(undoing, 0)) if undoing else None
    return Origin(_meant(making, 0), _meant(undoing, -1) if undoing else None)


def _not_taken_back(expected: str | None, about: Iterable[Change]) -> list[Change]:
    """Return the changes of a fact but those after which it went back to how it had been."""
    since: list[Change] = []
    for each in about:
        values = [expected, *(change.after for change in since)]
        if each.after in values:
            del since[values.index(each.after) :]
        else:
            since.append(each)
    return since


def _meant(some: Sequence[Change], otherwise: int) -> Place:
    """Return what brought a fact back last, if anything did, else the first (0) or the last (-1) statement."""
    back = [each for each in some if each.before is None]
    return back[-1].place if back and some[-1].after is not None else some[otherwise].place
