"""Statements that change triggers, policies, rules and event triggers into what they were. Pure."""

import re
from collections.abc import Mapping

from rollproof.model.compare import Difference
from rollproof.model.names import table_of
from rollproof.repair.clauses.pieces import before_word, last_name
from rollproof.repair.firing import USUAL, enabled, fires, parts_of
from rollproof.repair.makers import Alter
from rollproof.repair.objects import Object
from rollproof.repair.sides import Sides
from rollproof.repair.step import Altered, Refused

_PLAIN = "CREATE TRIGGER "
_POLICY = re.compile(r"(?P<head>(?:PERMISSIVE|RESTRICTIVE) FOR \w+) (?P<roles>TO .*)", re.DOTALL)


def _trigger(difference: Difference, sides: Sides) -> Altered | Refused | None:
    """Change a trigger; what those of partitions are follows the partitioned table's, but for whether they fire."""
    of = Object("triggers", difference.identity)
    (words, inherited, was), (_, inherits, now) = fires(difference.before or ""), fires(difference.after or "")
    if difference.before is None:
        return Altered(()) if inherits else None  # it goes with the partitioned table's
    if inherited or was == now:
        return Altered((enabled(of, words),))
    if not (was.startswith(_PLAIN) and now.startswith(_PLAIN)) or any(parts_of(of, sides.after)):
        return None
    replace = was.replace(_PLAIN, "CREATE OR REPLACE TRIGGER ", 1)
    return Altered((f"{replace};", *([enabled(of, words)] if words != USUAL else [])))


def _rule(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    if difference.before is None:
        return None
    of = Object("rules", difference.identity)
    (words, _, was), (_, _, now) = fires(difference.before), fires(difference.after or "")
    replace = was.replace("CREATE RULE ", "CREATE OR REPLACE RULE ", 1)
    return Altered((*([] if was == now else [replace]), enabled(of, words)))


def _policy(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    """Change roles and conditions; neither a condition nor what it is about can be taken away."""
    was, now = (_POLICY.fullmatch(text or "") for text in (difference.before, difference.after))
    if not (was and now) or was["head"] != now["head"]:
        return None
    if any(_conditions(now["roles"])[part] and not _conditions(was["roles"])[part] for part in (0, 1)):
        return None
    table, name = table_of(difference.identity), last_name(difference.identity)
    return Altered((f"ALTER POLICY {name} ON {table} {was['roles']};",))


def _conditions(roles: str) -> tuple[str, str]:
    """Return both conditions of a policy; "" where there is none."""
    using, check = before_word(before_word(roles, "USING")[1], "WITH")
    return using, check or before_word(before_word(roles, "USING")[0], "WITH")[1]


def _event_trigger(difference: Difference, sides: Sides) -> Altered | Refused | None:  # noqa: ARG001
    (words, _, was), (_, _, now) = fires(difference.before or ""), fires(difference.after or "")
    if difference.before is None or was != now:
        return None
    state = (enabled(Object("event_triggers", difference.identity), words),)
    return Altered((), prepare=state) if words == "DISABLE" else Altered(state)  # it may forbid what the script does


ALTERS: Mapping[str, Alter] = {
    "triggers": _trigger,
    "rules": _rule,
    "policies": _policy,
    "event_triggers": _event_trigger,
}
"""By facet."""
