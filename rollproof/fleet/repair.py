"""What would put the definitions of one target right: the statements of `rollproof repair`, without what is told of it alone."""

from rollproof.commands.prepare import Prepared
from rollproof.commands.repair_request import RepairRequest
from rollproof.commands.repair_script import RepairScript

_CITUS = "citus"


def repair_of(prepared: Prepared) -> str:
    """Return the lines of a script, "" if there is no statement to run; two targets that differ alike have the same text.

    The sides must still be open. Rows are left alone. Of a node of a Citus cluster there is none: which statement belongs to its
    coordinator, and what that makes of it elsewhere, we do not know. Raises `Inconclusive` if the database cannot be asked now.
    """
    if _CITUS in prepared.sides.after.snapshot.facets.get("extensions", {}):
        return ""
    made = RepairScript(prepared.sides, RepairRequest(definitions_only=True))
    return "".join(f"{line}\n" for line in made.statements_alone()) if made.runs_something else ""
