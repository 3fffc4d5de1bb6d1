"""Pictures of a run as inline SVG, each with its numbers as text: who agrees with whom, seconds, rows, answers, plans. Pure.

A picture of what was not measured is empty text. Colours and sizes come from classes (`reports/charts.css`) and from attributes of
SVG, so that the page's policy needs to allow nothing for them; nothing is told by colour alone.
"""

from collections.abc import Collection

from markupsafe import Markup

from rollproof.model.amounts import size
from rollproof.report.bars import Line, bars
from rollproof.report.triangle import drawn
from rollproof.verdict.measured import AnswerTime, PlanCost, PlanRead, TableRead
from rollproof.verdict.outcome import Report
from rollproof.verdict.overview import Overview, overview

_UNKNOWN = "not known"
_BRIEF = 0.1  # seconds; below, three digits tell more
BEFORE_AND_NOW = ("before", "now")
"""The classes of two bars: a frame, and a full one."""


def triangle(report: Report) -> Markup:
    """Return which of reference, backup and live table hold the same rows, for the tables with a copy."""
    return drawn(report.agreement)


def durations(report: Report) -> Markup:
    """Return the seconds of each stage, and of the tables that took longest to read."""
    stages = [Line(stage.name, (stage.seconds,), (_seconds(stage.seconds),)) for stage in report.stages]
    read = sorted((table for table in report.tables if table.seconds), key=lambda table: -(table.seconds or 0.0))
    slowest = [Line(table.name, (table.seconds,), (_seconds(table.seconds), _size(table))) for table in read]
    by_stage = bars("stages", "Seconds of each stage; stages may overlap.", ("Stage", "seconds"), ("time",), stages)
    told = "Reading the rows, the slowest first; sizes are without TOAST."
    by_table = bars("tables", told, ("Table", "seconds", "size"), ("time",), slowest)
    return Markup("\n").join(filter(None, (by_stage, by_table)))


def rows(report: Report, seen: Overview | None = None) -> Markup:
    """Return the rows before and after, of the tables that differ or with another number now; `seen` is the report's overview."""
    differing = {place.name for place in (seen or overview(report)).places}
    tables = [table for table in report.tables if _is_telling(table, differing)]
    lines = [
        Line(table.name, (table.before, table.after), (_number(table.before), _number(table.after), _change(table)))
        for table in sorted(tables, key=lambda table: (-abs(_difference(table)), table.name))
    ]
    return bars("rows", "Rows before and now.", ("Table", "before", "now", "change"), BEFORE_AND_NOW, lines)


def latency(report: Report) -> Markup:
    """Return how long each endpoint took to answer, before and now."""
    asked = [each for each in report.answers if (each.before, each.after) != (None, None)]
    lines = [
        Line(each.endpoint, (each.before, each.after), (_milliseconds(each.before), _milliseconds(each.after)))
        for each in sorted(asked, key=_slower)
    ]
    return bars(
        "answers",
        "Time until an endpoint answered, before and now.",
        ("Endpoint", "before", "now"),
        BEFORE_AND_NOW,
        lines,
    )


def plans(report: Report) -> Markup:
    """Return how queries and look-ups by keys are planned, before and now: those first that cost so much more."""
    lines = [
        Line(
            each.query,
            (each.before.cost, each.after.cost),
            (*(plan.scans for plan in (each.before, each.after)), *map(_planned, (each.before, each.after))),
        )
        for each in sorted(report.plans, key=_dearer)
    ]
    told = "Plans of queries and of look-ups by keys, with the cost that the planner expects."
    return bars("plans", told, ("Query", "plan before", "plan now", "before", "now"), BEFORE_AND_NOW, lines)


def _dearer(plan: PlanRead) -> tuple[float, str]:
    was, now = plan.before.cost or 0.0, plan.after.cost or 0.0
    return -(now / was if was else now), plan.query


def _planned(plan: PlanCost) -> str:
    cost = _UNKNOWN if plan.cost is None else f"{plan.cost:,.0f}"
    return f"{cost}, {plan.time}" if plan.time else cost


def _is_telling(table: TableRead, differing: Collection[str]) -> bool:
    if None in (table.before, table.after):  # of a table that is gone, or of which nobody knows
        return table.name in differing and (table.before, table.after) != (None, None)
    return table.before != table.after or table.name in differing


def _difference(table: TableRead) -> int:
    return (table.after or 0) - (table.before or 0)


def _change(table: TableRead) -> str:
    if None in (table.before, table.after):
        return ""
    return f"{_difference(table):+,}" if _difference(table) else "none"


def _slower(answer: AnswerTime) -> tuple[float, str]:
    return -(answer.after or answer.before or 0.0), answer.endpoint


def _number(number: int | None) -> str:
    return _UNKNOWN if number is None else f"{number:,}"


def _milliseconds(seconds: float | None) -> str:
    return _UNKNOWN if seconds is None else f"{1000 * seconds:,.0f} ms"


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return _UNKNOWN
    return f"{seconds:,.2f}" if seconds >= _BRIEF else f"{seconds:.3f}"


def _size(table: TableRead) -> str:
    return _UNKNOWN if table.bytes is None else size(table.bytes)
