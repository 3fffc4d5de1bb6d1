"""Roots and groups in sentences that anybody understands: `812 targets lack index orders_x of public.orders`. Pure."""

from rollproof.model.amounts import counted
from rollproof.verdict.fleet.root import LEFT_BEHIND, MISSING, Root
from rollproof.verdict.fleet.target_groups import SharedRoot, TargetGroup
from rollproof.verdict.run_verdict import not_read

_BROKEN = 3
_OWN_ERROR = "and a check ended in an error of rollproof's own"
"""Said beside what differs: without it nobody knows why that is worse than NOT RESTORED."""


def group_words(group: TargetGroup) -> str:
    """Return what a group's targets have in common, in one sentence without an end."""
    if not group.exit_code:
        unread = f"; {not_read(group.unread)}" if group.unread else ""
        return f"{counted(len(group.targets), 'target')} {group.verdict}{unread}"
    if not group.roots:
        return f"{counted(len(group.targets), 'target')}: {group.reasons[0] if group.reasons else group.verdict}"
    first = root_words(group.roots[0], len(group.targets))
    others = len(group.roots) - 1 + group.left_out
    told = f"{first}, and {counted(others, 'more difference')}" if others else first
    return f"{told}; {_OWN_ERROR}" if group.exit_code == _BROKEN else told


def shared_words(found: SharedRoot, of: int) -> str:
    """Return how many targets have a root, among so many that were verified."""
    alone = (
        f"; {found.alone:,} of them {'differs' if found.alone == 1 else 'differ'} in nothing else"
        if found.alone
        else ""
    )
    number = f"{found.targets:,} of {counted(of, 'target')}"
    return _words(found.root, number, one=found.targets == 1) + alone


def root_words(root: Root, targets: int) -> str:
    """Return what so many targets lack, have too much, or what is wrong in them."""
    return _words(root, counted(targets, "target"), one=targets == 1)


def _words(root: Root, number: str, *, one: bool) -> str:
    if root.change == MISSING:
        return f"{number} {'lacks' if one else 'lack'} {root.thing}"
    if root.change == LEFT_BEHIND:
        return f"{number} still {'has' if one else 'have'} {root.thing}, which was left behind"
    return f"in {number}: {root}"
