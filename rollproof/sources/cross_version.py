"""Sources on two major versions of PostgreSQL: a difference that the server makes is not called damage.

The source on the newer server is asked the older server's query, so that what only the newer one knows is left out. A
description that still differs is doubtful if the difference may lie in a text that the server itself printed (an expression,
a definition), which may look different in each major version. All else is as certain as between equal versions.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rollproof.catalog.queries import for_version, guarded, query
from rollproof.model.compare import Difference
from rollproof.model.facets import traits
from rollproof.sources.source import Source

_GAP = "\x01"  # stands where the server's own text stood
_PRINTED = re.compile(r"\bpg_get_\w*(?:def|expr|arguments|result)\(")
_MORE = re.compile(
    r"\s*(?:UNION|SELECT|FROM|WHERE|AND|OR|(?:LEFT |CROSS )?JOIN|\()"
)  # so begins a line that adds or drops facts


@dataclass(frozen=True)
class FacetPair:
    """One facet of both sources; `same_query`: both were asked the same query, wherever they are live."""

    facet: str
    before: Source
    after: Source
    sides: tuple[Source, Source]
    same_query: bool

    def sort_out(self, differences: Iterable[Difference]) -> tuple[list[Difference], list[Difference]]:
        """Return the certain differences, and those that the server's version may have made."""
        found = list(differences)
        doubtful = [difference for difference in found if self._doubts(difference)]
        return [difference for difference in found if difference not in doubtful], doubtful

    def doubt(self, difference: Difference) -> str:
        """Return the sentence about a doubtful difference."""
        was, now = (_major(side) for side in self.sides)
        return (
            f"differs, but the reference is of PostgreSQL {was} and the database of {now}, which may tell the same otherwise: "
            "compare them yourself, or take a reference on the same major\n"
            f"  before  {difference.before or '(no such fact)'}\n  after   {difference.after or '(no such fact)'}"
        )

    def _doubts(self, difference: Difference) -> bool:
        if _major(self.sides[0]) == _major(self.sides[1]):
            return False
        moved = difference.before is None or difference.after is None
        row = traits(self.facet)
        declared = row.comes_and_goes_across_majors + (() if moved else row.changes_across_majors)
        if any(_matches(name, difference.identity) for name in declared):
            return True
        if moved:
            return not self.same_query and any(_MORE.match(line) for line in self._otherwise)
        return not self.same_query or self._printed_otherwise(difference)

    @cached_property
    def _otherwise(self) -> set[str]:
        return _otherwise(self.facet, *self.sides)

    def _printed_otherwise(self, difference: Difference) -> bool:
        """Tell whether the descriptions are equal but for what the server printed, as far as a live source can show that."""
        if not _PRINTED.search(query(self.facet)):
            return False
        older = min(side.version for side in self.sides)
        for side, other in zip(self.sides, (difference.after, difference.before), strict=True):
            asked = older if _otherwise(self.facet, *self.sides) else side.version
            outline = side.retold(self.facet, gapped(for_version(query(self.facet), asked)))
            gaps = outline.recorded[self.facet].get(difference.identity, _GAP) if outline else _GAP
            if not re.fullmatch(".*".join(map(re.escape, gaps.split(_GAP))), other or "", re.DOTALL):
                return False
        return True


def facet_pair(facet: str, before: Source, after: Source) -> FacetPair:
    """Return a facet of both sources, the newer server being asked the older one's query.

    That is not possible where the newer source is a file, or its server rejects the query; then all that the newer query
    changed is doubtful.
    """
    if not _otherwise(facet, before, after):
        return FacetPair(facet, before, after, (before, after), same_query=True)
    older, newer = sorted((before, after), key=lambda side: side.version)
    retold = newer.retold(facet, for_version(query(facet), older.version))
    if retold is None:
        return FacetPair(facet, before, after, (before, after), same_query=False)
    was, now = (retold if side is newer else side for side in (before, after))
    return FacetPair(facet, was, now, (before, after), same_query=True)


def gapped(sql: str) -> str:
    """Return a query with a mark in place of each definition or expression that the server prints."""
    call = _PRINTED.search(sql)
    if call is None:
        return sql
    end, depth = call.end(), 1
    while depth:
        depth += {"(": 1, ")": -1}.get(sql[end], 0)
        end += 1
    # left() keeps NULL as it is: an expression that is not there leaves no gap.
    return f"{sql[: call.start()]}(left({sql[call.start() : end]}, 0) || E'\\x01'){gapped(sql[end:])}"


def _otherwise(facet: str, before: Source, after: Source) -> set[str]:
    """Return the lines that are in the query of only one of both servers and change which facts there are."""
    if _major(before) == _major(after):
        return set()
    was, now = (guarded(query(facet), side.version) for side in (before, after))
    return was ^ now


def _matches(name: str, identity: str) -> bool:
    return re.fullmatch(re.escape(name).replace(r"\*", ".*"), identity, re.DOTALL) is not None


def _major(side: Source) -> int:
    return side.version // 10_000
