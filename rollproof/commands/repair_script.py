"""An SQL script that puts the definitions right, in an order in which it can be run; nothing is executed."""

from collections.abc import Iterator
from dataclasses import replace

from rollproof.commands.repair_request import RepairRequest
from rollproof.commands.verification import Verification
from rollproof.model.printable_sql import escaped
from rollproof.model.provenance import Age
from rollproof.model.timestamps import shown
from rollproof.repair import script as printed
from rollproof.repair.plan import Plan
from rollproof.verdict.repairs import Repairs

_EVERYTHING = RepairRequest()


def script(opened: Verification, asked: RepairRequest = _EVERYTHING) -> tuple[str, ...]:
    """Return the lines of an SQL script, with comments about what it cannot repair; () if nothing differs."""
    repairs = Repairs(opened.before, opened.after, opened.accepted)
    plan = _dropping(repairs.plan) if asked.drop_leftovers else repairs.plan
    if not (plan.units or plan.unmended or repairs.remarks):
        return ()
    remarks = [
        *_whose(opened),
        "Review before running. Rows are not compared here: the checks do that.",
        *repairs.remarks,
    ]
    statements = [statement for step in plan.steps for statement in step.statements]
    if escaped(statements) and (encoding := _encoding(opened)) != "UTF8":
        remarks.append(
            f"the database's encoding is {encoding}: a character that is written as a code below may not exist in it"
        )
    return printed.script(plan, remarks)


def _dropping(plan: Plan) -> Plan:
    """Return the plan with what was left behind dropped, and not only named; rows that were left behind stay."""
    units = (tuple(replace(step, optional="") if step.verb == "drop" else step for step in unit) for unit in plan.units)
    return replace(plan, ordered=replace(plan.ordered, units=tuple(units)))


def _whose(opened: Verification) -> Iterator[str]:
    """Yield where the statements come from: whoever could write the reference could write them."""
    before, origin, now = opened.before, opened.before.origin, opened.after.origin
    if before.seal is None or origin is None:
        yield f"Made of {before.name}: whoever can change that could change these statements."
        return
    yield f"Made of the file {before.name}, SHA-256 {before.seal.sha256}, {before.seal};"
    age = Age.between(origin.taken, now.taken, one_clock=origin.system == now.system != "")
    yield f"taken {shown(origin.taken)}, {age}, from the database {origin.database}."
    yield "Whoever can change that file could change these statements."


def _encoding(opened: Verification) -> str:
    return opened.after.view.ask(lambda connection: str(connection.info.parameter_status("server_encoding")))
