"""Definitions that differ in casts and brackets only: the subject's planner decides whether they mean the same.

What PostgreSQL prints is no fixed point: read and printed again (a dump restored, a type changed there and back), casts and
brackets stand elsewhere. Two texts are one definition if they differ in nothing but casts and brackets inside an expression or
a query (`model/definitions`), and the planner makes the same plan of both (`catalog/planner`). Where the server must not or
cannot plan them, it is not known. Any other difference is another definition.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from rollproof.catalog.planner import WITH_EXPRESSIONS, comes_to_the_same, tables_of
from rollproof.model.compare import Difference, compare
from rollproof.model.definitions import Slot, differing
from rollproof.model.errors import Inconclusive
from rollproof.model.names import names
from rollproof.server.reader import SnapshotReader
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING, TableGroup

_NAMED = 5  # of so many a note gives the names


@dataclass
class Meant:
    """Differences sorted: `other` definitions, the `same` definition written differently, or `unknown`: identity → why."""

    other: list[Difference] = field(default_factory=list)
    same: list[Difference] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)

    @property
    def note(self) -> str | None:
        """The note that belongs with the verdict; None if no definition was written differently."""
        if not self.same:
            return None
        more = f" and {len(self.same) - _NAMED:,} more" if len(self.same) > _NAMED else ""
        named = ", ".join(difference.identity for difference in self.same[:_NAMED])
        return f"{self.same[0].facet}: the text differs, the meaning does not, says PostgreSQL: {named}{more}"


def sort_out(differences: Iterable[Difference], subject: Source) -> Meant:
    """Sort differences by what the subject's planner says of them, each in a transaction of its own."""
    meant = Meant()
    for difference in differences:
        pairs = _pairs(difference) if difference.facet in WITH_EXPRESSIONS else None
        if not pairs or subject.view is None:
            meant.other.append(difference)
            continue
        try:
            same = _asked(subject.view, difference, pairs)
        except Inconclusive as why:
            meant.unknown[difference.identity] = (
                f"differs in casts and brackets only, and whether it means the same is not known: {why}\n"
                f"compare them yourself\n  before  {difference.before}\n  after   {difference.after}"
            )
        else:
            (meant.same if same else meant.other).append(difference)
    return meant


def dumped_alike(differences: Iterable[Difference], before: Source, after: Source, group: TableGroup) -> Meant:
    """Sort differences in pg_dump's entries: a text may be written differently only where our own facet says it means the same.

    What is unknown to our own facet is unknown here, too.
    """
    found, meant = list(differences), Meant()
    alike, undecided = _judged(before, after, EVERYTHING if group.ungrouped else group) if found else ({}, {})
    for difference in found:
        same, pairs = _told_in(alike, difference), _pairs(difference) or ()
        if pairs and same.issuperset(pairs):
            meant.same.append(difference)
        elif pairs and (same | _told_in(undecided, difference)).issuperset(pairs):
            meant.unknown[difference.identity] = "differs only where another check cannot tell, which says why"
        else:
            meant.other.append(difference)
    return meant


def _told_in(judged: Mapping[str, set[tuple[Slot, Slot]]], difference: Difference) -> set[tuple[Slot, Slot]]:
    """Return the pairs of texts whose object an entry of pg_dump names."""
    told = f"{difference.identity}\n{difference.after}"
    return {pair for path, pairs in judged.items() if path in told for pair in pairs}


def _asked(view: SnapshotReader, difference: Difference, pairs: list[tuple[Slot, Slot]]) -> bool:
    facet, identity = difference.facet, difference.identity
    tables = view.ask(lambda connection: tables_of(connection, pairs))
    return view.ask(lambda connection: comes_to_the_same(connection, facet, identity, pairs), reads=tables)


def _pairs(difference: Difference) -> list[tuple[Slot, Slot]] | None:
    if difference.before is None or difference.after is None:
        return None
    return differing(difference.before, difference.after)


_Judged = dict[str, set[tuple[Slot, Slot]]]


def _judged(before: Source, after: Source, group: TableGroup) -> tuple[_Judged, _Judged]:
    """Return the pairs of texts that mean the same, and those of which it is not known, by table (or view …)."""
    alike: _Judged = {}
    undecided: _Judged = {}
    for facet in sorted(WITH_EXPRESSIONS):
        with suppress(Inconclusive):  # which the facet's own check says
            told = facet_pair(facet, before, after)
            was, now = told.before.known(facet, group), told.after.known(facet, group)
            differ = compare(facet, was.facts, now.facts)
            meant = sort_out(differ, after)
            unknown = [difference for difference in differ if difference.identity in meant.unknown]
            for judged, differences in ((alike, meant.same), (undecided, unknown)):
                for difference in differences:
                    path = ".".join(names(difference.identity)[:2])
                    judged.setdefault(path, set()).update(_pairs(difference) or ())
    return alike, undecided
