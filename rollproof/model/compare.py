"""What the facts mean together. Pure: no connection, no clock, no printing; sorting happens here and nowhere else."""

from dataclasses import dataclass

from rollproof.model.facets import traits
from rollproof.model.names import canonical
from rollproof.model.snapshot import Facts


@dataclass(frozen=True, order=True)
class Difference:
    """One fact that is not as it was."""

    facet: str
    identity: str
    before: str | None  # None: there was no such fact
    after: str | None  # None: there is no such fact any more


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
