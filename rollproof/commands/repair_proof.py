"""What a repair script did to a clone of the database, and what is said of it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rollproof.model.amounts import counted
from rollproof.model.compare import Difference

_SHOWN = 10  # differences that are named one by one
Fact = tuple[str, str]
"""A facet and an identity."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What a script did to a clone.

    `found` are the differences of the database: `claimed` those that a statement mends, `left` those that a comment would mend,
    `unmended` those of which the script says why it does not mend them. `before` and `after` are those of the clone, before and
    after the script was run there. `refused` is what PostgreSQL said, and the statement that it said it of; `lacks` is what the
    clone has not. In words, it `does` so many of `what`.
    """

    where: str
    found: tuple[Difference, ...]
    claimed: frozenset[Fact]
    before: frozenset[Fact]
    after: tuple[Difference, ...]
    left: tuple[Difference, ...] = ()
    unmended: frozenset[Fact] = frozenset()
    refused: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    does: str = "heals"
    what: str = "difference"

    @property
    def worse(self) -> tuple[Difference, ...]:
        """The differences that are there only since the script was run."""
        known = self.before | {fact(each) for each in self.found}
        return tuple(each for each in self.after if fact(each) not in known)

    @property
    def healed(self) -> tuple[Difference, ...]:
        """Those that were on the clone, and are gone."""
        left = {fact(each) for each in self.after}
        return tuple(each for each in self.found if fact(each) in self.before - left)

    @property
    def stays(self) -> tuple[Difference, ...]:
        """Those that a statement was to mend, and that are there as before, or otherwise."""
        claimed = {fact(each) for each in self.found} & self.before & self.claimed
        return tuple(each for each in self.after if fact(each) in claimed)

    @property
    def unknown(self) -> tuple[Difference, ...]:
        """Those that a statement mends, and that the clone did not have in the first place."""
        return tuple(each for each in self.found if fact(each) in self.claimed - self.before)

    @property
    def exit_code(self) -> int:
        """0: it heals all that it says it mends; 1: it does not, or does harm; 7: that cannot be told."""
        if self.worse:
            return 1
        if self.refused:
            return 7 if self.lacks else 1
        return 1 if self.stays else 7 if self.unknown else 0

    def lines(self) -> Iterator[str]:
        """Yield what is said of it, one remark each."""
        healed, counting = len(self.healed), len(self._told)
        rest = counting - healed
        others = f"; the other {'one needs' if rest == 1 else f'{rest} need'} you, see below" if rest else ""
        yield f"Proven on {self.where}: {self.does} {healed} of {counted(counting, self.what)}{others}."
        yield from self.refused
        yield from _named("still there after the statement that was to mend it", self.stays)
        yield from _named("not proven, for the clone did not show it", self.unknown)
        yield from (f"the clone lacks: {each}" for each in self.lacks)
        yield from _named("left behind, and what removes it is a comment below", self.left)
        explained = {*map(fact, (*self.healed, *self.stays, *self.unknown, *self.left)), *self.unmended}
        yield from _named("not mended", [each for each in self._told if fact(each) not in explained])

    @property
    def _told(self) -> tuple[Difference, ...]:
        """The differences, without those of parts of what was left behind: they go with it."""
        known = {*map(fact, (*self.healed, *self.left)), *self.claimed, *self.unmended}
        return tuple(each for each in self.found if each.before is not None or fact(each) in known)

    def harm(self) -> str:
        """Return why the script is not printed; "" if it did no harm."""
        if not self.worse:
            return ""
        named = "\n".join(_named("new", self.worse))
        return (
            f"the script was run on {self.where}, and made it worse; it is not printed\n{named}\n"
            "without --prove it is printed; please report this"
        )


def _named(what: str, differences: Iterable[Difference]) -> Iterator[str]:
    told = list(differences)
    yield from (f"{what}: {each.facet} {each.identity}" for each in told[:_SHOWN])
    if len(told) > _SHOWN:
        yield f"{what}: {len(told) - _SHOWN} more"


def fact(difference: Difference) -> Fact:
    """Return what a difference is about."""
    return difference.facet, difference.identity
