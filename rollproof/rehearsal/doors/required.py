"""Which pairs must work (`--require-doors`): told apart from what is no pair, and from what nobody can answer."""

from rollproof.model.errors import Misuse
from rollproof.rehearsal.doors.door import PAIRS
from rollproof.settings.rehearsal import Rehearsal

_NAMES = tuple("/".join(pair) for pair in PAIRS)
_OPTIONS = {
    "old": ("--statements", "--old-application"),
    "new": ("--new-statements", "--new-application"),
}


def require_answerable(asked: Rehearsal) -> None:
    """Raise `Misuse` if what must work is no pair, or nothing of its application is given; or if a role is given for nothing."""
    for pair in asked.require_doors:
        if pair not in _NAMES:
            raise Misuse(
                f"--require-doors {pair}: that is no pair; write application/schema, one or more of {', '.join(_NAMES)}"
            )
        if not _is_given(asked, pair.partition("/")[0]):
            named = " or ".join(_OPTIONS[pair.partition("/")[0]])
            raise Misuse(
                f"--require-doors {pair}: nobody said what the {pair.partition('/')[0]} application does; pass {named}"
            )
    if asked.application_role and not asked.asks_doors:
        named = ", ".join(each for some in _OPTIONS.values() for each in some)
        raise Misuse(f"--application-role {asked.application_role}: of which application? pass one of {named}")


def _is_given(asked: Rehearsal, application: str) -> bool:
    if application == "old":
        return bool(asked.statements or asked.old_application)
    return bool(asked.new_statements or asked.new_application)
