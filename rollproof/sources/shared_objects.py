"""Roles and tablespaces, which belong to the whole server: which differences concern other databases alone. Pure.

The queries end such a description in a remark. A role counts once it owns something here, may something here, or has settings
here; one that may something through its groups alone counts while it stays: its groups and settings are compared, but that it
came or went is a note.
"""

import re
from collections.abc import Callable, Mapping

from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import traits
from rollproof.model.names import names
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING

SHOWN = 5  # names in a note
_REMARK = re.compile(r" \((?:nothing in this database|through its groups alone)\)$")
_NOTHING = " (nothing in this database)"
_SETTING_OF = re.compile(r" FOR ROLE (?!ALL$)(.+?)(?: IN DATABASE)?$", re.DOTALL)
_TABLESPACE = re.compile(r"^(.+) \(tablespace\)(?: TO .+)?$", re.DOTALL)


def of_other_databases(facet: str, before: Source, after: Source) -> Callable[[Difference], bool]:
    """Return a function that tells whether a difference concerns other databases alone; none does if the reference has no roles."""
    known = traits(facet).shared
    if not known:
        return lambda _: False
    was, now = _facts(known, before), _facts(known, after)
    if was is None or now is None:
        return lambda _: False
    return lambda difference: _is_elsewhere(difference, was, now)


def as_if_here(facts: Mapping[str, str]) -> dict[str, str]:
    """Return facts of roles or tablespaces as if each concerned this database: on a server that has no other one it does."""
    return {identity: _REMARK.sub("", text) for identity, text in facts.items()}


def note_of_changes(facet: str, before: Source, after: Source) -> str | None:
    """Return a sentence about roles, or tablespaces, that came or went and are not compared; None if there are none."""
    was, now = _facts(facet, before) or {}, _facts(facet, after) or {}
    came, went = (
        [name for name in sorted(one.keys() - other.keys()) if _REMARK.search(one[name]) and len(names(name)) == 1]
        for one, other in ((now, was), (was, now))
    )
    if not came and not went:
        return None
    told = [f"{word} {_some(names)}" for word, names in (("came", came), ("went", went)) if names]
    return f"{facet} that hold nothing of their own in this database are not compared: {'; '.join(told)}"


def _is_elsewhere(difference: Difference, was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    texts = [text for text in (difference.before, difference.after) if text is not None]
    if len({_REMARK.sub("", text) for text in texts}) == 1 and len(texts) > 1:
        return True  # only the remark is another
    if all(text.endswith(_NOTHING) for text in texts):
        return True
    return any(_passes(name, was, now) for name in _names(difference))


def _names(difference: Difference) -> list[str]:
    """Return the roles, or the tablespace, that a fact is about."""
    if difference.facet == "roles":
        named = names(difference.identity)  # role, or role IN group
        return [named[0], named[-1]]
    found = (_SETTING_OF.search if difference.facet == "settings" else _TABLESPACE.search)(difference.identity)
    return [found[1]] if found else []


def _passes(name: str, was: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Tell whether a role or a tablespace came or went, and owns nothing in this database."""
    texts = [side[name] for side in (was, now) if name in side]
    if len(texts) == 1:
        return bool(_REMARK.search(texts[0]))
    return bool(texts) and all(text.endswith(_NOTHING) for text in texts)


def _facts(facet: str, side: Source) -> Mapping[str, str] | None:
    if side.unavailable(facet):
        return None
    try:
        return side.known(facet, EVERYTHING).facts
    except Inconclusive:
        return None


def _some(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
