"""Definitions that a migration lost; what a change between the migrated types adds or takes away is no loss. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial

from rollproof.catalog.queries import queries
from rollproof.model.compare import Difference, compare
from rollproof.model.facets import facets_where
from rollproof.model.failure import Undecided
from rollproof.model.finding import Finding, Unknown
from rollproof.model.names import table_of
from rollproof.model.no_loss import gain, no_loss
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.equivalence import sort_out
from rollproof.sources.shared_objects import of_other_databases
from rollproof.sources.source import Source
from rollproof.sources.table_groups import TableGroup

CHECK = "nothing_lost"
LOSABLE = facets_where(lambda row: row.holds == "definitions" and row.losable)
"""The facets of which a migration can take something away."""


def losable(version: int) -> list[str]:
    """Return the facets of a server of this version of which a migration can take something away."""
    return [facet for facet in queries(version) if facet in LOSABLE]


OnPurpose = Callable[[str, Difference], bool]
"""Whether the migration announced a difference in a facet."""
_CAST = re.compile(
    r'::(?:"(?:[^"]|"")*"|[\w.])+(?: varying| precision| with(?:out)? time zone)?(?:\(\d+(?:, ?\d+)?\))?(?:\[\])*'
)


def ignoring_types(types: Iterable[str]) -> Callable[[str], str]:
    """Return the function that takes from a definition what a change between these types may add or take away.

    These are the types themselves, casts, and the parentheses that stand around casts.
    """
    words = "|".join(re.escape(type_) for type_ in sorted(types, key=len, reverse=True))
    if not words:
        return lambda text: text
    named = re.compile(rf"(?<!\w)(?:{words})(?!\w)")
    return lambda text: re.sub(r"[()\s]+", " ", named.sub("(type)", _CAST.sub("", text))).strip()


def _nothing(_facet: str, _found: Difference) -> bool:
    return False


def _no_loss(facet: str, before: Source, after: Source) -> Callable[[Difference], bool]:
    rules = (of_other_databases(facet, before, after), no_loss(facet, old=before.old), gain(facet))
    return lambda found: any(is_so(found) for is_so in rules)


def losses(  # noqa: PLR0913, PLR0917 (one comparison, and all that is forgiven in it)
    facet: str, before: Source, after: Source, group: TableGroup, types: Iterable[str], on_purpose: OnPurpose = _nothing
) -> Iterator[Finding]:
    """Yield what is missing of a facet or differs by more than these types; what is new or `on_purpose` is no loss.

    Raises `Inconclusive` at the end if something could not be read on either side.
    """
    plain, told = ignoring_types(types), facet_pair(facet, before, after)
    was, now = told.before.known(facet, group), told.after.known(facet, group)
    forgiven = (_no_loss(facet, before, after), partial(on_purpose, facet))
    renamed = {plain(identity): text for identity, text in now.facts.items()}
    certain, doubtful = told.sort_out(each for each in compare(facet, was.facts, now.facts) if each.before is not None)
    unsure: dict[str, str] = {}
    for found in certain:
        of_a_view = facet == "columns" and table_of(found.identity) not in before.tables  # whose definition tells of it
        if of_a_view or found.identity in now.unknown or any(is_so(found) for is_so in forgiven):
            continue
        is_now = found.after if found.after is not None else renamed.get(plain(found.identity))
        if is_now is None or plain(found.before or "") != plain(is_now):
            meant = sort_out([found], after)
            unsure |= meant.unknown
            if meant.other:
                yield _loss(facet, Difference(CHECK, found.identity, found.before, is_now))
    if unknown := {**was.unknown, **now.unknown, **unsure, **{each.identity: told.doubt(each) for each in doubtful}}:
        raise Undecided((), unknown=tuple(Unknown(f"{facet} {key}", unknown[key]) for key in sorted(unknown)))


def _loss(facet: str, found: Difference) -> Finding:
    sentence = f"{found.identity} {'is missing' if found.after is None else 'changed'} ({facet})"
    told = Finding.of(found, sentence=sentence, heals=facet == "planner_statistics")
    return replace(told, subject=f"{facet} {found.identity}")
