"""What it means that a plan is not what it was: findings about queries and about look-ups by keys. Pure.

Only a table that is read whole, where an index was used, is certain to be slow; what merely costs more is a warning.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rollproof.model.compare import Difference
from rollproof.model.failure import Undecided
from rollproof.model.finding import Finding, Unknown
from rollproof.model.names import names, unquoted
from rollproof.model.query_plan import QueryPlan

PLANS, LOOKUPS = "plans", "lookups"
DEARER = 10  # times the estimated cost
SLOWER, MORE_MILLISECONDS = 5, 50  # times the time, and so much more
_WORTH = 2  # times the cost of the index scan: a whole table that costs less is small, or the index finds most of it


@dataclass(frozen=True)
class PlanPair:
    """The plans of one query, before and now; of a look-up its `table`, and `has_index`: an index can find what it asks for."""

    name: str
    before: QueryPlan
    after: QueryPlan
    has_index: bool = True
    table: str = ""


@dataclass(frozen=True)
class Majors:
    """The major versions of both servers: plans differ from one to the next."""

    before: int
    after: int

    @property
    def differ(self) -> bool:
        """Whether they are two."""
        return self.before != self.after


@dataclass(frozen=True)
class Plans:
    """Pairs of plans to compare, and why others cannot be."""

    pairs: tuple[PlanPair, ...]
    majors: Majors
    unknown: Mapping[str, str] = field(default_factory=dict)


def plan_changes(plans: Plans, unanalysed: Collection[str] = ()) -> Iterator[Finding]:
    """Yield a finding for each named query whose plan is another, and a warning for each that costs more.

    Of `unanalysed` tables the planner knows too little: another plan of these is a warning. Raises `Undecided` at the end if
    something cannot be said of one.
    """
    unknown, by_name = dict(plans.unknown), {unquoted(names(table)[-1]): table for table in sorted(unanalysed)}
    for each in plans.pairs:
        unseen = [by_name[name] for name in sorted(by_name.keys() & each.after.tables)]
        if each.before.alike == each.after.alike:
            yield from _dearer(PLANS, each, estimated=not unseen)
        elif plans.majors.differ:
            unknown[each.name] = _of_majors(each, plans.majors)
        else:
            yield _other_plan(each, unseen)
    _require_known(unknown)


def _other_plan(pair: PlanPair, unseen: Sequence[str]) -> Finding:
    difference = Difference(PLANS, pair.name, pair.before.shape, pair.after.shape)
    if not unseen:
        return Finding.of(difference)
    tables = ", ".join(unseen)
    sentence = f"{pair.name} is planned otherwise, but the planner knows too little: ANALYZE {tables}; and ask again"
    return Finding.of(difference, sentence=sentence, heals=True)


def lookup_changes(plans: Plans, unanalysed: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each look-up that reads its table whole, where it used an index, and a warning for each that costs more.

    Of `unanalysed` tables the planner knows too little: what it expects of them is not held against what it expected. Raises
    `Undecided` at the end if something cannot be said of one.
    """
    for each in plans.pairs:
        known = each.table not in unanalysed
        if _reads_all(each):
            yield _whole(each, plans.majors, unanalysed=not known)
        else:
            yield from _dearer(LOOKUPS, each, estimated=known)
    _require_known(plans.unknown)


def _require_known(unknown: Mapping[str, str]) -> None:
    if unknown:
        raise Undecided((), unknown=tuple(Unknown(name, unknown[name]) for name in sorted(unknown)))


def _reads_all(pair: PlanPair) -> bool:
    if not pair.before.indexed or not set(pair.after.sequential) - set(pair.before.sequential):
        return False
    return _dearer_than(_WORTH, pair)


def _dearer_than(times: int, pair: PlanPair) -> bool:
    was, now = pair.before.cost, pair.after.cost
    return was is None or now is None or now > times * was


def _whole(pair: PlanPair, majors: Majors, *, unanalysed: bool) -> Finding:
    """Return the finding that a table is read whole: a warning where an index is there, and the planner may be right about it."""
    heals = pair.has_index and (unanalysed or majors.differ or not _dearer_than(DEARER, pair))
    if not pair.has_index:
        why = "no index can find a row by that any more"
    elif unanalysed:
        why = f"an index is there, but the planner knows too little: ANALYZE {pair.table}; and ask again"
    elif majors.differ:
        why = f"an index is there, and PostgreSQL {majors.after} does not choose it as {majors.before} did"
    else:
        why = "an index is there, and the planner does not choose it"
    read = ", ".join(pair.after.sequential)
    sentence = f"to look up a row of {pair.name} the server reads all of {read}{_cost(pair)}: {why}{_settings(pair)}"
    return Finding(LOOKUPS, pair.name, pair.before.shape, pair.after.shape, sentence, compared=True, heals=heals)


def _dearer(check: str, pair: PlanPair, *, estimated: bool = True) -> Iterator[Finding]:
    """Yield a warning if a plan costs much more than it did, as far as that is `estimated` well, or took much longer."""
    told = []
    was, now = pair.before, pair.after
    if estimated and was.cost and now.cost and now.cost > DEARER * was.cost:
        told.append(f"costs {now.cost:,.0f}, which was {was.cost:,.0f}")
    if was.milliseconds is not None and now.milliseconds is not None:
        more = now.milliseconds - was.milliseconds
        if now.milliseconds > SLOWER * was.milliseconds and more > MORE_MILLISECONDS:
            told.append(
                f"took {now.milliseconds:,.0f} ms{_pages(now)}, which was {was.milliseconds:,.0f} ms{_pages(was)}"
            )
    if told:
        sentence = f"{pair.name} {' and '.join(told)}{_settings(pair)}"
        yield Finding(check, pair.name, was.brief, now.brief, sentence, heals=True)


def _cost(pair: PlanPair) -> str:
    if pair.before.cost is None or pair.after.cost is None:
        return ""
    return f" (cost {pair.after.cost:,.0f}, was {pair.before.cost:,.0f})"


def _pages(plan: QueryPlan) -> str:
    return "" if plan.pages is None else f" and read {plan.pages:,} pages"


def _settings(pair: PlanPair) -> str:
    """Return which settings of the planner are others than they were, where they are known."""
    was, now = pair.before.settings, pair.after.settings
    if pair.before.cost is None or was == now:  # a baseline of rollproof 0.2.0 did not ask
        return ""
    other = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
    told = (f"{name} is {now.get(name, 'the default')}, was {was.get(name, 'the default')}" for name in other)
    return f"; {', '.join(told)}"


def _of_majors(pair: PlanPair, majors: Majors) -> str:
    return (
        f"its plan is another, but the reference is of PostgreSQL {majors.before} and the database of {majors.after}, "
        "which may plan the same otherwise: look at both, or take a reference on the same major\n"
        f"  before  {pair.before.brief}\n  after   {pair.after.brief}"
    )
