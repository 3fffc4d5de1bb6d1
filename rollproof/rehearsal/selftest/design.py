"""What rollproof sees and holds for no difference by its own rules, whatever is configured: such a fault is not missed."""

from collections.abc import Iterable, Iterator

from rollproof.model.compare import Difference, compare
from rollproof.model.facets import facets
from rollproof.model.no_loss import no_loss
from rollproof.rehearsal.faults.fault import Fault
from rollproof.sources.recorded import Recorded
from rollproof.sources.shared_objects import of_other_databases

_ACCEPTED = "accepted: "


def accepted(fault: Fault, notes: Iterable[str]) -> str:
    """Return what a verification's notes say of a fact that any migration may change, a tool's own books; "" if nothing."""
    told = (note for note in notes if note.startswith(f"{_ACCEPTED}{fault.facet} {fault.identity}: "))
    return next((f"rollproof itself accepts it: {note.removeprefix(_ACCEPTED)}" for note in told), "")


def differences(before: Recorded, after: Recorded) -> tuple[Difference, ...]:
    """Return the facts that differ, of all that a check compares."""
    return tuple(_differences(before, after))


def _differences(before: Recorded, after: Recorded) -> Iterator[Difference]:
    for facet, row in facets().items():
        if row.holds != "input" and facet in before.recorded and facet in after.recorded:
            yield from compare(facet, before.recorded[facet], after.recorded[facet])


def forgiven(found: Iterable[Difference], before: Recorded, after: Recorded) -> str:
    """Return why all of these differences count as none; "" if one of them does, or there are none."""
    why = [(each, _rule(each, before, after)) for each in found]
    if not why or not all(rule for _, rule in why):
        return ""
    first, rule = next(((each, rule) for each, rule in why if each.facet != "pg_dump"), why[0])
    return f"rollproof itself accepts it: {first.facet} {first.identity}: {rule}"


def _rule(found: Difference, before: Recorded, after: Recorded) -> str:
    if no_loss(found.facet, old=False)(found):
        return f"{found.after} in place of {found.before} loses nothing"
    if of_other_databases(found.facet, before, after)(found):
        return "it holds nothing in this database, and concerns others alone"
    return ""
