"""The plans of [[plans]], as EXPLAIN tells them."""

import hashlib
from collections.abc import Iterable

import msgspec
from psycopg.types.string import TextBinaryLoader

from rollproof.model.errors import Inconclusive
from rollproof.model.query_plan import QueryPlan, read
from rollproof.model.snapshot import Facts
from rollproof.server.reader import Connection, SnapshotReader, one
from rollproof.server.transactions import KINDS, restricts
from rollproof.settings.sections import Plan

PLANS = "plans"
COSTS = "plan_costs"
"""What a plan costs, and of which query it is; `plans` is its shape alone."""
_QUICK = 1_000.0  # milliseconds; what took less is run once more: then it reads from the cache, as the application does


class _Costs(msgspec.Struct, frozen=True, omit_defaults=True):
    query: str
    cost: float | None = None
    milliseconds: float | None = None
    pages: int | None = None
    settings: dict[str, str] = {}


def mark_of(sql: str) -> str:
    """Return what tells a query from another, and shows nothing of it."""
    return hashlib.sha256(" ".join(sql.split()).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def plans(view: SnapshotReader, wanted: Iterable[Plan], *, analyze: bool = False) -> dict[str, QueryPlan]:
    """Return the plan of each query by its name. Raises `Inconclusive` if one cannot be planned, or run where that is asked for."""
    return {plan.name: _asked(view, plan, analyze=analyze) for plan in wanted}


def _asked(view: SnapshotReader, plan: Plan, *, analyze: bool) -> QueryPlan:
    def ask(connection: Connection) -> QueryPlan:
        vouched(connection)
        return explain(connection, plan.sql, analyze=analyze)

    try:
        return view.ask(ask)
    except Inconclusive as error:
        raise Inconclusive(
            f"plan {plan.name}: {error}\nwrite tables with their schema: the session's search_path is empty"
        ) from error


def vouched(connection: Connection) -> None:
    """Let the transaction read views: the person who configured a query vouches for it, and what it runs is theirs to know."""
    if restricts(connection):
        one(connection, f"SELECT pg_catalog.set_config('{KINDS}', '', true)")


def explain(connection: Connection, sql: str, *, analyze: bool = False, apart: bool = False) -> QueryPlan:
    """Return the plan of a query; with `analyze` it is run, once more if that was quick, and the faster run counts.

    The transaction is read-only: a query that writes is refused. `apart`: see `read`.
    """
    told = _explained(connection, sql, analyze=analyze, apart=apart)
    if told.milliseconds is None or told.milliseconds > _QUICK:
        return told
    again = _explained(connection, sql, analyze=analyze, apart=apart)
    return min(told, again, key=lambda each: each.milliseconds or 0.0)


def _explained(connection: Connection, sql: str, *, analyze: bool, apart: bool) -> QueryPlan:
    options = "ANALYZE, BUFFERS, SETTINGS, FORMAT JSON" if analyze else "SETTINGS, FORMAT JSON"
    # Asked for a binary answer, the server takes one statement only; without ANALYZE it runs nothing of it.
    with connection.cursor(binary=True) as cursor:
        # psycopg takes all JSON for UTF-8, and an SQL_ASCII database has any bytes.
        cursor.adapters.register_loader("json", TextBinaryLoader)
        row = cursor.execute(f"EXPLAIN ({options}) {sql}".encode()).fetchone()
    return read(msgspec.json.decode(str(row[0])) if row else [], apart=apart)


def recorded(found: dict[str, QueryPlan], wanted: Iterable[Plan]) -> dict[str, dict[str, str]]:
    """Return the plans as a baseline keeps them, by facet."""
    costs = {
        plan.name: _Costs(mark_of(plan.sql), now.cost, now.milliseconds, now.pages, now.settings)
        for plan in wanted
        for now in [found[plan.name]]
    }
    shapes = {name: plan.shape for name, plan in found.items()}
    return {PLANS: shapes, COSTS: {name: msgspec.json.encode(each).decode() for name, each in costs.items()}}


def costs_of(text: str) -> _Costs:
    """Return what a baseline keeps of a plan beside its shape. Raises `msgspec.DecodeError` if it is no such text."""
    return msgspec.json.decode(text, type=_Costs)


def kept(shapes: Facts, costs: Facts, wanted: Iterable[Plan]) -> tuple[dict[str, QueryPlan], dict[str, str]]:
    """Return the plans that a baseline keeps, of the wanted ones, and why others of these cannot be compared.

    One of rollproof 0.2.0 keeps their shapes alone.
    """
    found, changed = {}, {}
    for plan in wanted:
        if plan.name not in shapes:
            continue
        cost = costs_of(costs[plan.name]) if plan.name in costs else _Costs(mark_of(plan.sql))
        if cost.query != mark_of(plan.sql):
            changed[plan.name] = "its query is another one since the baseline was taken: take the baseline again"
            continue
        found[plan.name] = QueryPlan(shapes[plan.name], cost.cost, cost.milliseconds, cost.pages, cost.settings)
    return found, changed
