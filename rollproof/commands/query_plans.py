"""Plans and results of queries on both sides of a verification: as the reference has them, and as the database has them now."""

from collections.abc import Collection, Mapping

from rollproof.commands.verification import Verification
from rollproof.model.amounts import counted
from rollproof.model.errors import Inconclusive, NotChecked
from rollproof.model.no_loss import NOBODY_LOOKED
from rollproof.model.query_plan import QueryPlan
from rollproof.model.query_result import QueryResult
from rollproof.model.snapshot import Facts
from rollproof.probes.queries import lookups, plans, results
from rollproof.probes.queries.keys import Key
from rollproof.server.reader import SnapshotReader
from rollproof.settings.options import Settings
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.measured import PlanCost, PlanRead
from rollproof.verdict.plan_changes import Majors, PlanPair, Plans
from rollproof.verdict.result_changes import not_comparable

_NAMED = 3  # look-ups of those that are left out for the same reason
_KEPT_BY = "a baseline has them that was taken with this configuration"


def named_plans(opened: Verification, settings: Settings) -> Plans:
    """Return the plans of the [[plans]] queries. Raises `NotChecked` if the reference has none, `Inconclusive` as `plans` does."""
    wanted, changed = settings.plans, dict[str, str]()
    if view := _view(opened):
        was = plans.plans(view, wanted, analyze=settings.analyze)
    else:
        facts = opened.before.recorded
        was, changed = plans.kept(_recorded(opened, plans.PLANS), facts.get(plans.COSTS, {}), wanted)
    _note_new(opened, "plan", {each.name for each in wanted} - was.keys() - changed.keys())
    _require_some(opened, plans.PLANS, was.keys() | changed.keys())
    now = plans.plans(opened.after.view, [each for each in wanted if each.name in was], analyze=settings.analyze)
    return Plans(tuple(PlanPair(name, was[name], now[name]) for name in sorted(now)), _majors(opened), changed)


def key_lookups(opened: Verification, settings: Settings) -> Plans:
    """Return the plans of look-ups by keys; what is left out is noted.

    Raises `NotChecked` if the reference has none, `Inconclusive` if a database cannot be asked.
    """
    was, untold = _lookups_before(opened, settings)
    now, unknown = lookups.plans_of(opened.after.view, was, analyze=settings.analyze)
    gone = [key for key in was if key not in now and key not in unknown]
    _note(opened, untold, gone)
    if not (now or unknown):
        raise NotChecked("none of the keys is there any more, as other checks tell")
    pairs = (PlanPair(str(key), was[key].plan, now[key].plan, now[key].has_index, key.table) for key in now)
    return Plans(
        tuple(sorted(pairs, key=lambda pair: pair.name)), _majors(opened), {str(k): v for k, v in unknown.items()}
    )


def _lookups_before(
    opened: Verification, settings: Settings
) -> tuple[Mapping[Key, lookups.Planned], Mapping[Key, str]]:
    wanted = settings.lookups
    if view := _view(opened):
        keys, untold = lookups.chosen(view, view.ask(opened.after.scope.names), wanted)
        was, more = lookups.plans_of(view, keys, analyze=settings.analyze)
        untold = {**untold, **more}
    else:
        was, untold = lookups.kept(_recorded(opened, lookups.LOOKUPS, empty=True))
    if not was and not untold:
        raise NotChecked(
            f"no table of the reference had a key and {wanted.rows:,} rows; smaller ones are read fast in any way"
        )
    return was, untold


def _note(opened: Verification, untold: Mapping[Key, str], gone: list[Key]) -> None:
    """Say which look-ups are left out, once for each reason."""
    by_reason: dict[str, list[str]] = {"the table or a column is gone": list(map(str, gone))}
    for key, reason in untold.items():
        by_reason.setdefault(reason, []).append(str(key))
    for reason, keys in by_reason.items():
        if keys:
            more = ", …" if len(keys) > _NAMED else ""
            some = ", ".join(sorted(keys)[:_NAMED])
            opened.after.note(f"{counted(len(keys), 'look-up')} not compared ({some}{more}): {reason}")


def unanalysed(opened: Verification) -> frozenset[str]:
    """Return the tables that the planner knows too little of, as far as anybody can tell."""
    told = opened.after.known("planner_statistics", EVERYTHING).facts
    return frozenset(name for name, text in told.items() if text in NOBODY_LOOKED or text.startswith("not analysed"))


def query_results(
    opened: Verification, settings: Settings
) -> tuple[Mapping[str, QueryResult], Mapping[str, QueryResult], Mapping[str, str]]:
    """Return the results of the [[queries]] before and now, and why others cannot be compared. Raises as `named_plans` does."""
    wanted = settings.queries
    view = _view(opened)
    was = results.results(view, wanted, twice=True) if view else results.kept(_recorded(opened, results.RESULTS))
    _note_new(opened, "result", {each.name for each in wanted} - was.keys())
    _require_some(opened, results.RESULTS, {each.name for each in wanted} & was.keys())
    unknown = not_comparable({each.name: plans.mark_of(each.sql) for each in wanted if each.name in was}, was)
    now = results.results(opened.after.view, [each for each in wanted if each.name in was and each.name not in unknown])
    return was, now, unknown


def told(found: Plans) -> dict[str, PlanRead]:
    """Return the plans as reports show them, by name."""
    return {each.name: PlanRead(each.name, _cost(each.before), _cost(each.after)) for each in found.pairs}


def _cost(plan: QueryPlan) -> PlanCost:
    return PlanCost(plan.brief, plan.cost, plan.milliseconds, plan.pages)


def _view(opened: Verification) -> SnapshotReader | None:
    """Return the reference's reader if it is a database that has all definitions; a restored dump is planned otherwise."""
    return None if opened.before.unavailable("columns") else opened.before.view


def _note_new(opened: Verification, what: str, names: Collection[str]) -> None:
    for name in sorted(names):
        opened.after.note(f"the {what} of {name} is not compared: the reference has none; {_KEPT_BY}")


def _require_some(opened: Verification, facet: str, names: Collection[str]) -> None:
    """Raise `NotChecked` if the reference knows none of the queries: nothing would be compared, and that is not green."""
    if not names:
        raise NotChecked(
            f"the reference {opened.before.name} has {facet.replace('_', ' ')} of other queries: {_KEPT_BY}"
        )


def _recorded(opened: Verification, facet: str, *, empty: bool = False) -> Facts:
    facts, before = opened.before.recorded.get(facet), opened.before
    if why := before.unread(facet):
        raise Inconclusive(f"the reference {before.name} has no {facet.replace('_', ' ')}: when it was taken, {why}")
    if facts or (empty and facts is not None):
        return facts
    raise NotChecked(f"the reference {before.name} has no {facet.replace('_', ' ')} recorded: {_KEPT_BY}")


def _majors(opened: Verification) -> Majors:
    return Majors(opened.before.version // 10_000, opened.after.version // 10_000)
