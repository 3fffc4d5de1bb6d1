"""What an older server than the reference's cannot make, however it is said. Pure."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from rollproof.model.names import tokens
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides

_BROUGHT: Mapping[str, tuple[tuple[int, str], ...]] = MappingProxyType(
    {
        "collations": ((17, "PROVIDER builtin"), (16, "RULES ")),
        "columns": ((18, r"\) VIRTUAL"), (18, "NOT NULL NOT VALID")),
        "constraints": (
            (18, "NOT ENFORCED"),
            (18, "WITHOUT OVERLAPS|PERIOD "),
            (15, "NULLS NOT DISTINCT"),
            (15, r"ON DELETE SET (?:NULL|DEFAULT) \("),
        ),
        "indexes": ((15, "NULLS NOT DISTINCT"),),
        "sequences": ((15, "unlogged"),),
        "views": ((15, "security_invoker"),),
    }
)
"""The major that brought it, and how its description is known, by facet."""


def too_new(made: Iterable[Object], sides: Sides) -> str:
    """Return why the subject's server cannot make one of these objects as the reference has it; "" if it can."""
    major = sides.after.version // 10_000
    if sides.before.version // 10_000 <= major:
        return ""
    for of in made:
        told = "".join(text for kind, text in tokens(sides.before.description(of) or "") if kind in {"word", "sign"})
        for since, pattern in _BROUGHT.get(of.facet, ()):
            if since > major and (found := re.search(pattern, told)):
                return f"PostgreSQL {since} brought {found[0].strip(') (')}, and the server is PostgreSQL {major}"
    return ""
