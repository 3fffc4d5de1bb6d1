"""The one glance: which tables differ, by which causes, what follows from each, what mends it, what to do next. Pure.

Every report shows this and nothing that contradicts it: all formats are made of one value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from rollproof.model.amounts import counted as so_many
from rollproof.model.names import table_of
from rollproof.model.phase import PHASES
from rollproof.verdict.cause import Cause
from rollproof.verdict.grid import cells_of, compared_in, in_order, tables_of, undecided_in
from rollproof.verdict.next_steps import next_steps
from rollproof.verdict.outcome import Kind, Report, is_own, rank

_APPLICATION = "endpoints"
"""The family of the checks that ask the application, not the database."""

__all__ = ["Cause", "Overview", "Place", "overview"]


@dataclass(frozen=True)
class Place:
    """A table, or an object that belongs to no table, with what is wrong there, the worst first."""

    name: str
    is_table: bool
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Overview:
    """The run at a glance.

    `headline` says how many tables and causes there are, "" where there is nothing to count. `places` differ, the worst first;
    `affected` are further tables, in which only consequences were found. `equal` are the tables in which no difference was
    found, `undecided` those of which something could not be decided, and no cause is known: a consequence, which goes away,
    settles nothing; `accepted` are those of which only differences are known that a waiver names. `causes` are all causes that
    count, `warnings` those that heal by themselves. `cells` is the grid: table → family → the worst that is known there; a
    family that is not there was not asked about the table. `next_steps` are commands, or sentences, the first of them first.
    """

    places: tuple[Place, ...] = ()
    equal: tuple[str, ...] = ()
    undecided: tuple[str, ...] = ()
    causes: tuple[Cause, ...] = ()
    warnings: tuple[Cause, ...] = ()
    cells: Mapping[str, Mapping[str, Kind]] = field(default_factory=dict)
    next_steps: tuple[str, ...] = ()
    affected: tuple[str, ...] = ()
    headline: str = ""
    accepted: tuple[str, ...] = ()

    @property
    def consequences(self) -> int:
        """How many findings follow from the causes."""
        return sum(len(cause.consequences) for cause in self.causes)


def overview(report: Report) -> Overview:
    """Return what there is to see at a glance."""
    tables = tables_of(report)
    cells = cells_of(report, tables)
    causes = _causes(report, frozenset(tables))
    bad = tuple(cause for cause in causes if not cause.heals)
    places = _places(bad, frozenset(tables))
    differing = {place.name for place in places}
    undecided = {*undecided_in(cells)} - differing
    affected = {table for table, told in cells.items() if "not restored" in told.values()} - differing - undecided
    equal = {*compared_in(report, tables, cells)} - differing - affected - undecided
    accepted = equal & {table_of(waiver.identity) or "" for waiver in report.waived}
    seen = Overview(
        places,
        in_order(equal - accepted, tables),
        in_order(undecided, tables),
        bad,
        tuple(cause for cause in causes if cause.heals),
        cells,
        next_steps(report, bad),
        in_order(affected, tables),
        accepted=in_order(accepted, tables),
    )
    return replace(seen, headline=_headline(seen, report.phase, whole=report.selection.whole))


def _causes(report: Report, tables: frozenset[str]) -> tuple[Cause, ...]:
    if not any(outcome.findings for outcome in report.outcomes):
        return ()
    from rollproof.verdict.grouping import causes_of  # noqa: PLC0415 (a good run has no use for it)

    return causes_of(report, tables)


def _places(causes: Sequence[Cause], tables: frozenset[str]) -> tuple[Place, ...]:
    found: dict[str, list[Cause]] = {}
    for cause in causes:
        for place in cause.places:
            found.setdefault(place, []).append(cause)
    known = set(tables) or {name for name in found if table_of(name) == name}  # an older report names no tables
    known |= {root.subject for cause in causes if cause.check == "tables" for root in cause.roots}
    places = (Place(name, name in known and not is_own(name), tuple(some)) for name, some in found.items())
    return tuple(sorted(places, key=_badness))


def _badness(place: Place) -> tuple[int, int, str]:
    """Return what places are sorted by: severity, then how many findings hang on what was found there, in all its places.

    So what many tables share stands above what one of many has, of which there may be more than a screen shows.
    """
    weight = sum(len(cause.places) + len(cause.consequences) for cause in place.causes)
    return rank(place.causes[0].severity), -weight, place.name


def _headline(seen: Overview, phase: str, *, whole: bool) -> str:
    """Return how many tables and causes there are: `3 tables differ, 8 do not; 5 causes, 16 consequences`."""
    own = sum(all(is_own(cause.check) for cause in place.causes) for place in seen.places)
    outside = sum(all(cause.family == _APPLICATION for cause in place.causes) for place in seen.places)
    tables = sum(place.is_table for place in seen.places)
    others = len(seen.places) - tables - own - outside
    noun = "other object" if tables else "object"
    found = " and ".join(so_many(number, of) for number, of in ((tables, "table"), (others, noun)) if number)
    one = tables + others == 1
    compared = phase in PHASES and PHASES[phase].log == "rollback completed"
    verb = ("differs" if one else "differ") if compared else ("has findings" if one else "have findings")
    told = [
        f"{found} {verb}" if found else "",
        f"{len(seen.affected):,} more as a consequence" if seen.affected else "",
        _undecided(seen),
        f"{len(seen.accepted):,} as a waiver accepts" if seen.accepted and seen.places else "",
        _equal(len(seen.equal), compared=compared, whole=whole) if found else "",
    ]
    why = [so_many(len(seen.causes), "cause"), so_many(seen.consequences, "consequence") if seen.consequences else ""]
    failed = f"{so_many(own, 'check')} of your own failed" if own else ""
    beside = f"the application is not as it should be in {so_many(outside, 'place')}" if outside else ""
    parts = (", ".join(filter(None, told)), beside, failed, ", ".join(filter(None, why)) if seen.causes else "")
    return "; ".join(filter(None, parts))


def _undecided(seen: Overview) -> str:
    number = len(seen.undecided)
    if not number:
        return ""
    return (
        f"{number:,} undecided" if seen.places else f"{so_many(number, 'table')} undecided, {len(seen.equal):,} decided"
    )


def _equal(number: int, *, compared: bool, whole: bool) -> str:
    """Return how many tables are as they were; a run of a part knows that of this part alone."""
    if not number:
        return ""
    verb = ("does" if number == 1 else "do") if compared else ("has" if number == 1 else "have")
    return f"{number:,} {verb} {'not' if compared else 'none'}{'' if whole else ' in what was asked'}"
