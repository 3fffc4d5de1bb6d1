"""Differences that a plan neither undoes nor names: none may be passed over in silence. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator

from rollproof.model.compare import Difference
from rollproof.repair.objects import Object, is_attached
from rollproof.repair.step import Step, Unmended

REASON = "rollproof made no statement for it: verify again after the script, and repair again"
_FOLLOWS = "column_order"  # it is right once its columns are, of which something is said then


def unnamed(
    differences: Iterable[Difference],
    steps: Iterable[Step],
    refused: Collection[Unmended],
    object_of: Callable[[Difference], Object],
    goes_along: Callable[[Object], bool],
) -> Iterator[Unmended]:
    """Yield the differences that no step undoes, that are not refused, and whose objects neither are made nor go along."""
    told = {each.difference for each in refused}
    made: set[Object] = set()
    changed: set[Object] = set()
    about = {object_of(each.difference).relation for each in refused}
    for step in steps:
        about.add(step.of.relation)
        told.update(step.mends)
        (made if step.verb in ("create", "drop") else changed).update((step.of, *step.brings))
    for each in differences:
        of = object_of(each)
        if each.facet == _FOLLOWS and of.relation in about:
            continue
        is_known = of in made or (of in changed and not is_attached(each.facet, each.identity))
        if each not in told and not is_known and not goes_along(of):
            yield Unmended(each, REASON)
