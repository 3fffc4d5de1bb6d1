"""From differences to a finding: what a check calls."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from rollproof.catalog.pg_dump import FACET as DUMP
from rollproof.catalog.pg_dump import style_of
from rollproof.model.compare import NOT_RESTORED, TO_KNOW, Difference, compare, sentence
from rollproof.model.errors import Inconclusive, NotRestored, Warned
from rollproof.sources.cross_version import facet_pair
from rollproof.sources.equivalence import dumped_alike, sort_out
from rollproof.sources.source import EVERYTHING, Recorded, Source, TableGroup
from rollproof.verdict.repair_statements import way_out
from rollproof.verdict.waivers import Waivers

T = TypeVar("T")

EXPLAINED = 20  # differences of one case that evidence is asked for: as many as are printed


def require_restored(  # noqa: PLR0913 (a check names what it judges, the two sides, and what is accepted)
    facet: str,
    before: Source,
    after: Source,
    accepted: Waivers,
    owner: TableGroup = EVERYTHING,
    *,
    harmless: Callable[[Difference], bool] = lambda _: False,
    evidence: Callable[[str], Iterable[str]] = lambda _: (),
    heals: Callable[[Difference], bool] = lambda _: False,
    more: Iterable[Difference] = (),
) -> None:
    """Demand that a facet is as it was; `harmless` says which differences are no loss, `evidence` what more is known of one.

    `more` are differences that no description of the facet shows.
    Raises as `require_none` does; `Inconclusive` if something could not be read on either side.
    """
    told = facet_pair(facet, before, after)
    was, now = told.before.known(facet, owner), told.after.known(facet, owner)
    unknown = {**{key: f"in {before.name}: {text}" for key, text in was.unknown.items()}, **now.unknown}
    facts = ({key: text for key, text in side.facts.items() if key not in unknown} for side in (was, now))
    differ = accepted.accept(found for found in compare(facet, *facts) if not _is_harmless(found, harmless, unknown))
    certain, doubtful = told.sort_out(differ)
    meant = dumped_alike(certain, before, after, owner) if facet == DUMP else sort_out(certain, after)
    across = sort_out(doubtful, after)
    if isinstance(after, Recorded):
        for note in filter(None, (meant.note, across.note)):
            after.note(note)
    unknown |= meant.unknown | {each.identity: told.doubt(each) for each in doubtful if each not in across.same}
    found = [*meant.other, *more]
    gone = _gone(before, after) if found else ()
    untold = _then_untold(facet, found, unknown)
    require_none(facet, untold, accepted, evidence, owner.names, heals=heals, gone=gone)


def _gone(before: Source, after: Source) -> Collection[str]:
    """Return the tables that are missing; none where nobody knows, for that must hide no finding."""
    try:
        return frozenset(before.tables) - frozenset(after.tables)
    except Inconclusive:
        return ()


def _then_untold(facet: str, certain: Iterable[Difference], unknown: Mapping[str, str]) -> Iterator[Difference]:
    yield from certain
    if unknown:
        raise Inconclusive("\n".join([f"{facet}: not known", *(f"- {key}: {unknown[key]}" for key in sorted(unknown))]))


def _is_harmless(found: Difference, harmless: Callable[[Difference], bool], unknown: dict[str, str]) -> bool:
    try:
        return harmless(found)
    except Inconclusive as error:
        unknown[found.identity] = str(error)
        return True


def each(things: Iterable[T], ask: Callable[[T], Iterable[Difference]]) -> Iterator[Difference]:
    """Ask about one thing after the other; raises the `Inconclusive` of all at the end, so that none hides another's news."""
    untold = []
    for thing in things:
        try:
            yield from ask(thing)
        except Inconclusive as error:
            untold.append(str(error))
    if untold:
        raise Inconclusive("\n".join(untold))


def require_none(  # noqa: PLR0913 (the same)
    check: str,
    differences: Iterable[Difference],
    accepted: Waivers,
    evidence: Callable[[str], Iterable[str]] = lambda _: (),
    tables: Collection[str] = (),
    *,
    heals: Callable[[Difference], bool] = lambda _: False,
    gone: Collection[str] = (),
) -> None:
    """Demand that no difference is left once the waivers are used. Raises `NotRestored` with the rest, and the `evidence`.

    The text ends in the way out, where one is certain: of the columns, for these `tables` alone, and of nothing that stands
    on tables that are `gone`.
    `differences` may end in `Inconclusive`, which then is the answer unless something was found before.
    `heals` says which differences heal by themselves or by one harmless statement: nothing but these raises `Warned`, and
    beside worse news they are told below it.
    """
    found: list[Difference] = []
    untold = None
    try:
        found.extend(differences)
    except Inconclusive as error:
        untold = error
    left = accepted.accept(found)
    healing = tuple(difference for difference in left if heals(difference))
    bad = tuple(difference for difference in left if difference not in healing)

    def told(some: Sequence[Difference], word: str) -> str:
        more = (line for difference in some[:EXPLAINED] for line in evidence(difference.identity))
        return "\n".join([sentence(check, some, word=word), *more, *way_out(some, tables, gone)])

    warning = [told(healing, TO_KNOW)] if healing else []
    if bad:
        lines = [told(bad, NOT_RESTORED), *accepted.excess(bad), *warning]
        raise NotRestored("\n".join(lines), bad)
    if untold:
        raise Inconclusive("\n".join([str(untold), *warning])) from untold
    if healing:
        raise Warned(warning[0], healing)


def two_styles(before: Source, after: Source) -> str | None:
    """Return why what pg_dump says of the two sides cannot be compared; None if it can. Both must have been dumped."""
    was, now = (style_of(side.known(DUMP, EVERYTHING).facts) for side in (before, after))
    if was == now:
        return None
    return (
        f"the reference was {was}, the subject {now}: PostgreSQL words a definition differently from one to the next\n"
        "put the pg_dump of the reference first on PATH, or take the baseline with the one at hand"
    )
