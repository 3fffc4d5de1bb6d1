"""A plan as an SQL script for psql: one transaction for each unit, with comments. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from rollproof.model.compare import Difference
from rollproof.model.printable_sql import commented, pasteable
from rollproof.repair.lock_notes import LockNotes
from rollproof.repair.plan import Plan
from rollproof.repair.planning.order import Unit
from rollproof.repair.step import Step

_SETTINGS = (
    # Whatever the settings of the database say; a standby says at once that it is one
    "SET LOCAL transaction_read_only = off; SET LOCAL lock_timeout = '5s'; SET LOCAL statement_timeout = 0;",
    "SET LOCAL search_path = ''; SET LOCAL standard_conforming_strings = on; SET LOCAL check_function_bodies = off;",
    # A definition that names no access method and no tablespace means these. Of rows that row security hides nobody would be told.
    "SET LOCAL default_table_access_method = heap; SET LOCAL default_tablespace = ''; SET LOCAL row_security = off;",
)

# For what cannot run in a transaction: it waits for others as long as it takes, and nobody who reads or writes waits for it.
_OUTSIDE = (
    "SET default_transaction_read_only = off; SET standard_conforming_strings = on;",
    "SET lock_timeout = 0; SET statement_timeout = 0; SET search_path = ''; SET default_tablespace = '';",
)

_NAMED = 3  # differences that are named above a transaction


def script(plan: Plan, remarks: Iterable[str]) -> tuple[str, ...]:
    """Return the lines of a script that runs a plan; `remarks` stand at its beginning as comments."""
    unmended = (f"not mended: {change(each.difference)}: {each.reason}" for each in plan.unmended)
    said = dict.fromkeys(f"-- {commented(line)}" for line in (*remarks, *unmended))
    units = tuple(_of_units(plan.units, LockNotes(plan.steps, plan.wholes)))
    # psql sends a file as it is, and the server would take it to be in the database's encoding.
    encoding = () if all(line.isascii() for line in units) else ("SET client_encoding = 'UTF8';",)
    outside = _OUTSIDE if any(step.alone and not step.optional for step in plan.steps) else ()
    return (*said, *encoding, *outside, *units)


def change(difference: Difference) -> str:
    """Return a difference in words."""
    words = "changed"
    if None in (difference.before, difference.after):
        words = "is missing" if difference.after is None else "was left behind"
    return f"{difference.facet} {difference.identity} {words}"


def _of_units(units: Sequence[Unit], locks: LockNotes) -> Iterator[str]:
    run = [unit for unit in units if any(step.statements and not step.optional for step in unit)]
    for number, unit in enumerate(run, 1):
        yield ""
        yield f"-- {number} of {len(run)}{_what(unit)}"
        lines = (line for step in _analysed_once(unit) for line in _of_step(step, locks))
        yield from lines if unit[0].alone else ("BEGIN;", *_SETTINGS, *lines, "COMMIT;")
    for unit in units:
        if unit not in run:
            yield from (line for step in unit for line in _of_step(step, locks))


def _analysed_once(unit: Unit) -> Iterator[Step]:
    """Yield the steps of a unit; of several ANALYZE of one table only the last one."""
    ahead = Counter(statement for step in unit for statement in step.statements)
    for step in unit:
        ahead.subtract(step.statements)
        left = (each for each in step.statements if not (each.startswith("ANALYZE ") and ahead[each]))
        yield replace(step, statements=tuple(left))


def _what(unit: Unit) -> str:
    """Return what a unit mends, in words."""
    mended = list(dict.fromkeys(change(each) for step in unit if not step.optional for each in step.mends))
    more = f"; and {len(mended) - _NAMED} more" if len(mended) > _NAMED else ""
    return f": {commented('; '.join(mended[:_NAMED]))}{more}" if mended else ""


def _of_step(step: Step, locks: LockNotes) -> Iterator[str]:
    if step.optional:
        yield from (f"-- {step.optional}: {commented(statement)}" for statement in step.statements)
        return
    if step.because and step.statements:
        yield f"-- {commented(f'{step.of}: {step.because}')}"
    for statement in step.statements:
        if lock := locks.of(step, statement):
            yield f"-- {commented(lock)}"
        yield pasteable(statement)
