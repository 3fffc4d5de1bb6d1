"""Differences that a plan neither undoes nor names: none may be passed over in silence. Pure."""

from collections.abc import Callable, Collection, Container, Iterable, Iterator

from rollproof.model.compare import Difference
from rollproof.repair.objects import Object, is_attached, objects_of
from rollproof.repair.step import Step, Unmended

REASON = "rollproof made no statement for it: verify again after the script, and repair again"
_FOLLOWS = "column_order"  # it is right once its columns are, of which something is said then


def unnamed(
    differences: Iterable[Difference],
    steps: Iterable[Step],
    refused: Collection[Unmended],
    object_of: Callable[[str, str], Object],
    goes_along: Callable[[Object], bool],
) -> Iterator[Unmended]:
    """Yield the differences that no step undoes, that are not refused, and whose objects neither are made nor go along."""
    told = {each.difference for each in refused}
    made: set[Object] = set()
    changed: set[Object] = set()
    about = {object_of(each.difference.facet, each.difference.identity).relation for each in refused}
    for step in steps:
        about.add(step.of.relation)
        told.update(step.mends)
        (made if step.verb in ("create", "drop") else changed).update((step.of, *step.brings))
    for each in differences:
        of = object_of(each.facet, each.identity)
        if each.facet == _FOLLOWS and of.relation in about:
            continue
        is_known = (
            of in made or _is_member(each, made) or (of in changed and not is_attached(each.facet, each.identity))
        )
        if each not in told and not is_known and not goes_along(of):
            yield Unmended(each, REASON)


def _is_member(each: Difference, made: Container[Object]) -> bool:
    """Tell whether it is about a member of an extension that is made, and so given to the extension as it was."""
    member = each.identity.partition(": ")[2] if each.facet == "extension_members" else ""
    return member != "" and any(of in made for of in objects_of("owners", member))
