"""Objects that are made by the statement of another one: a partition's copy of a trigger, an identity's sequence. Pure."""

import re
from collections.abc import Callable, Mapping

from rollproof.model.names import NAME, PATH
from rollproof.repair.objects import Object
from rollproof.repair.partitioning import partition
from rollproof.repair.sides import Side

_TRIGGER = re.compile(r"(?:[A-Z ]+ )?\(inherited\) CREATE ")
_INHERITED = re.compile(r".* \(inherited\)", re.DOTALL)
_IDENTITY = re.compile(rf"[a-zA-Z0-9 -]+ IDENTITY OF {PATH}\.{NAME}")
_WITH_THE_WHOLE = ("CHECK", "FOREIGN KEY")


def comes_with_another(of: Object, side: Side) -> bool:
    """Tell whether an object is made by the statement that creates another one, or joins the two."""
    description = side.description(of)
    rule = _RULES.get(of.facet)
    return description is not None and rule is not None and rule(of, description, side)


def _column(of: Object, description: str, side: Side) -> bool:
    return _INHERITED.fullmatch(description) is not None or partition(of.relation, side) is not None


def _constraint(of: Object, description: str, side: Side) -> bool:
    """A partition's check or foreign key is its whole's, if that has one of the same kind and name."""
    known = partition(of.relation, side)
    if known is None:
        return _INHERITED.fullmatch(description) is not None
    theirs = side.description(Object(of.facet, known.whole + of.identity.removeprefix(of.relation)))
    return theirs is not None and any(
        theirs.startswith(kind) and description.startswith(kind) for kind in _WITH_THE_WHOLE
    )


_RULES: Mapping[str, Callable[[Object, str, Side], bool]] = {
    "columns": _column,
    "constraints": _constraint,
    "indexes": lambda of, _, side: side.has(Object("constraints", of.identity)),
    "operators": lambda _, description, __: description.startswith("SHELL OPERATOR"),
    "sequences": lambda _, description, __: _IDENTITY.fullmatch(description) is not None,
    "triggers": lambda _, description, __: _TRIGGER.match(description) is not None,
}
"""By facet."""
