"""What the rollback changed: the database as it is, held against the state before the rollback. Decides nothing."""

from collections.abc import Iterable, Iterator

from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import facets_where
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.state_before import ChangedObjects

TOLD = facets_where(lambda row: row.holds == "definitions" and not row.harmless) - {"column_order"}
"""The facets that are told. What VACUUM, ANALYZE and every insert change, too, is no work of the rollback's; columns tell of
their order."""


def changes(before: Source, after: Source) -> tuple[tuple[ChangedObjects, ...], tuple[str, ...]]:
    """Return the objects that differ, by facet, and which facets nobody can tell, with the reason.

    Numbers of rows are among them where both sides know them without waiting.
    """
    found, untold = [], []
    for facet in sorted(TOLD):
        if reason := before.unavailable(facet) or after.unavailable(facet):
            untold.append(f"{facet}: {reason}")
            continue
        try:
            found.append(_of(facet, _differences(facet, before, after)))
        except Inconclusive as error:
            untold.append(f"{facet}: {error}")
    was, now = _counted(before), _counted(after)
    both = was.keys() & now.keys()
    rows = compare("rows", *({table: side[table] for table in both} for side in (was, now)))
    found.append(_of("rows", rows))
    return tuple(each for each in found if len(each)), tuple(untold)


def _differences(facet: str, before: Source, after: Source) -> Iterator[Difference]:
    pair = facet_pair(facet, before, after)
    was, now = pair.before.known(facet, EVERYTHING), pair.after.known(facet, EVERYTHING)
    unknown = was.unknown.keys() | now.unknown.keys()
    yield from (each for each in compare(facet, was.facts, now.facts) if each.identity not in unknown)


def _counted(side: Source) -> dict[str, str]:
    return {table: str(scan.rows) for table, scan in side.read_by_now().items() if scan.rows is not None}


def _of(facet: str, differences: Iterable[Difference]) -> ChangedObjects:
    found = sorted(differences)
    return ChangedObjects(
        facet,
        tuple(each.identity for each in found if each.before is None),
        tuple(each.identity for each in found if each.after is None),
        tuple(each.identity for each in found if None not in (each.before, each.after)),
    )
