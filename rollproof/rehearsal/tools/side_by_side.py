"""Steps of one app that follow the same step, which its tool can only take back together."""

from collections.abc import Sequence

from rollproof.rehearsal.tools.listing import Named
from rollproof.rehearsal.tools.step import Step

BESIDE = " + "
"""What stands between the revisions of steps that go together."""


def as_one(steps: Sequence[Step]) -> Step:
    """Return steps as one: all up in their order, and all down in the opposite one."""
    if len(steps) == 1:
        return steps[0]
    way = all(step.down for step in steps)
    return Step(
        revision=BESIDE.join(step.revision for step in steps),
        up=tuple(command for step in steps for command in step.up),
        down=tuple(command for step in reversed(steps) for command in step.down) if way else (),
        irreversible=next((f"{step.revision}: {step.irreversible}" for step in steps if step.irreversible), ""),
        refusal=steps[-1].refusal,
    )


def app_of(revision: str) -> str:
    """Return the app of a revision `app.name`."""
    return revision.partition(".")[0]


def joined(found: Sequence[Named], steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps; those from one to another that stands beside it are one, for the way down from either is from both."""
    groups: list[list[int]] = []
    for at in range(len(found)):
        beside = _beside(found, at)
        first = next((n for n, group in enumerate(groups) if beside in group), len(groups))
        together = [number for group in groups[first:] for number in group]
        groups[first:] = [[*together, at]]
    return tuple(as_one([steps[number] for number in group]) for group in groups)


def _beside(found: Sequence[Named], at: int) -> int | None:
    """Return the first earlier step of the same app that has a parent in it in common; none, as a rule."""
    mine = _parents(found[at])
    others = (n for n in range(at) if app_of(found[n].revision) == app_of(found[at].revision))
    return next((n for n in others if _parents(found[n]) & mine or not (mine or _parents(found[n]))), None)


def _parents(each: Named) -> frozenset[str]:
    return frozenset(parent for parent in each.parents if app_of(parent) == app_of(each.revision))
