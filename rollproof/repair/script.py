"""A plan as an SQL script for psql: one transaction for each unit, with comments. Pure."""

from collections.abc import Iterable, Iterator

from rollproof.model.compare import Difference
from rollproof.model.printable_sql import commented, pasteable
from rollproof.repair.order import Unit
from rollproof.repair.plan import Plan
from rollproof.repair.step import Step

_SETTINGS = ("SET LOCAL lock_timeout = '5s';", "SET LOCAL search_path = '';", "SET LOCAL check_function_bodies = off;")


def script(plan: Plan, remarks: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of a script that runs a plan; `remarks` stand at its beginning as comments."""
    unmended = (
        f"{each.difference.facet} {each.difference.identity} {_change(each.difference)}; not mended: {each.reason}"
        for each in plan.unmended
    )
    said = dict.fromkeys(f"-- {commented(line)}" for line in (*remarks, *unmended))
    return (*said, *(line for unit in plan.units for line in _of_unit(unit)))


def _change(difference: Difference) -> str:
    if difference.before is None:
        return "was left behind"
    return "is missing" if difference.after is None else "changed"


def _of_unit(unit: Unit) -> Iterator[str]:
    if not any(step.statements and not step.optional for step in unit):
        yield from (line for step in unit for line in _of_step(step))
        return
    yield "BEGIN;"
    yield from _SETTINGS
    yield from (line for step in unit for line in _of_step(step))
    yield "COMMIT;"


def _of_step(step: Step) -> Iterator[str]:
    if step.optional:
        yield from (f"-- {step.optional}: {commented(statement)}" for statement in step.statements)
        return
    if step.because:
        yield f"-- {commented(f'{step.of}: {step.because}')}"
    yield from map(pasteable, step.statements)
