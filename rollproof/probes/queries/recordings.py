"""Plans and results of queries as a baseline keeps them, by facet."""

from collections.abc import Callable, Mapping

from rollproof.model.errors import Inconclusive
from rollproof.model.snapshot import Facts
from rollproof.probes.queries import lookups, plans, results
from rollproof.settings.options import Settings
from rollproof.sources.live import Live

_Facets = dict[str, dict[str, str]]


def recordings(source: Live, rows: Facts, settings: Settings) -> tuple[_Facets, _Facets]:
    """Return what is recorded of a database whose tables have so many `rows`, and what that is not known of, with the reasons.

    A look-up that cannot be planned is no hole in a baseline: nobody asked for it. Its reason is recorded in its place.
    """
    view, found, unknown = source.view, _Facets(), _Facets()

    def take(facet: str, record: Callable[[], Mapping[str, Mapping[str, str]]]) -> None:
        try:
            found.update({name: dict(facts) for name, facts in record().items()})
        except Inconclusive as error:
            unknown[facet] = {"*": str(error)}

    if settings.plans:
        asked = settings.plans
        take(plans.PLANS, lambda: plans.recorded(plans.plans(view, asked, analyze=settings.analyze), asked))
    if settings.queries:
        take(
            results.RESULTS,
            lambda: {results.RESULTS: results.recorded(results.results(view, settings.queries, twice=True))},
        )
    if settings.lookups.tables:
        take(lookups.LOOKUPS, lambda: {lookups.LOOKUPS: _lookups(source, rows, settings)})
    return found, unknown


def _lookups(source: Live, rows: Facts, settings: Settings) -> dict[str, str]:
    view = source.view
    schemas = view.ask(source.scope.names)
    keys, left_out = lookups.chosen(view, schemas, settings.lookups, {table: int(each) for table, each in rows.items()})
    found, unknown = lookups.plans_of(view, keys, analyze=settings.analyze) if keys else ({}, {})
    return lookups.recorded(found, {**unknown, **left_out})
