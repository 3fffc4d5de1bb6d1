"""Differences that are no loss, by rules that `catalog/facets.toml` names. Pure."""

import re
from collections.abc import Callable, Mapping

from rollproof.model.compare import Difference
from rollproof.model.facets import traits

Rule = Callable[[Difference], bool]


def no_loss(facet: str, *, old: bool) -> Rule:
    """Return the rule by which a difference of a facet is no loss; some hold only for an `old` reference, of rollproof 0.2.0."""
    row = traits(facet)
    return RULES.get(row.harmless or (row.harmless_if_old if old else ""), _never)


def gain(facet: str) -> Rule:
    """Return the rule by which a migration only added to what a fact tells."""
    return RULES.get(traits(facet).gain, _never)


def _never(_: Difference) -> bool:
    return False


def ahead(difference: Difference) -> bool:
    """Tell whether a sequence stands where it stood or further on, and keeps what it promised.

    One that cycles promises nothing, for it comes back to numbers that were given out: whatever followed it is no loss, and
    one that cycles now and did not is a loss wherever it stands. Turned round, it has no further on. A sequence that is
    missing or was left behind is the news of `sequences`.
    """
    if difference.before is None or difference.after is None:
        return True
    (was, *of_old), (now, *anew) = difference.before.split(), difference.after.split()
    if "cycles" in of_old or "cycles" in anew:
        return "cycles" in of_old
    if of_old != anew:
        return False
    return int(now) <= int(was) if "descending" in anew else int(now) >= int(was)


def same_but_for_version(difference: Difference) -> bool:
    """Tell whether a collation is as it was, but for the version that baselines of rollproof 0.2.0 told with it."""
    was, now = ((text or "").partition(" VERSION '")[0] for text in (difference.before, difference.after))
    return was == now


def told_more(difference: Difference) -> bool:
    """Tell whether an extension's member is one still; a baseline of rollproof 0.2.0 tells no more of it."""
    return difference.before == "member" and (difference.after or "").startswith("member")


_LACKS = "not analysed: "
NOBODY_LOOKED = ("never analysed", "empty")  # no row has ever been looked at
_NAME = re.compile(r'(?:"(?:[^"]|"")*"|[^",])+')


def analysed_as_well(difference: Difference) -> bool:
    """Tell whether the planner knows about a table all that it knew; a table that is not there is the news of `tables`."""
    if difference.before is None or difference.after is None:
        return True
    if difference.before in NOBODY_LOOKED or difference.after in NOBODY_LOOKED:
        return difference.before in NOBODY_LOOKED
    return _lacking(difference.after) <= _lacking(difference.before)


def _lacking(description: str) -> set[str]:
    return {name.strip() for name in _NAME.findall(description.partition(_LACKS)[2])}


def collation_version(difference: Difference) -> bool:
    """Tell whether it is the version of the database's default collation, which `collation_versions` tells since 0.3.0."""
    return difference.identity == "collation version"


_LABEL = re.compile(r"'(?:[^']|'')*'")
_NOT_NULL = re.compile(r'(?: CONSTRAINT (?:"(?:[^"]|"")*"|\S+))? NOT NULL')


def more_labels(difference: Difference) -> bool:
    """Tell whether an enum has all its labels in their order, and others between them or after them."""
    if not all(text and text.startswith("ENUM (") for text in (difference.before, difference.after)):
        return False
    now = iter(_LABEL.findall(difference.after or ""))
    return all(label in now for label in _LABEL.findall(difference.before or ""))


def not_null(difference: Difference) -> bool:
    """Tell whether a column is as it was, and takes no NULL any more."""
    was, now = difference.before or "", difference.after or ""
    return "NOT NULL" not in was and was == _NOT_NULL.sub("", now, count=1)


_WORD = r'(?:"(?:[^"]|"")*"|[^\s".,;()]+)'
_POLICY = re.compile(
    rf"(CREATE POLICY {_WORD} ON {_WORD}\.{_WORD}(?: AS RESTRICTIVE)?(?: FOR [A-Z]+)? TO )({_WORD}(?:, {_WORD})*)(.*)",
    re.DOTALL,
)


def same_roles(difference: Difference) -> bool:
    """Tell whether a policy is as it was, but for the order of its roles: pg_dump lists them as they lie in `pg_authid`.

    Any change of a role, a new password too, moves it there.
    """
    was, now = (_POLICY.fullmatch(text or "") for text in (difference.before, difference.after))
    return bool(was and now) and _by_roles(was) == _by_roles(now)


def _by_roles(policy: re.Match[str] | None) -> tuple[str, ...]:
    return (policy[1], policy[3], *sorted(re.findall(_WORD, policy[2]))) if policy else ()


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        ahead,
        analysed_as_well,
        collation_version,
        more_labels,
        not_null,
        same_but_for_version,
        same_roles,
        told_more,
    )
}
"""Every rule by its name."""
