"""All the statements that would put a database's definitions right, in an order in which they can be run; nothing is executed."""

from collections.abc import Iterator

from rollproof.compare import Difference, ahead, analysed_as_well, compare
from rollproof.elsewhere import elsewhere
from rollproof.errors import CannotTell
from rollproof.meaning import sort_out
from rollproof.remedies import statements
from rollproof.sides import EVERYTHING
from rollproof.spelling import table_of
from rollproof.verification import Verification
from rollproof.versions import telling

# What another thing stands on comes first.
ORDER = (
    *(
        "functions",
        "columns",
        "constraints",
        "indexes",
        "statistics",
        "views",
        "triggers",
        "policies",
        "row_security",
        "owners",
    ),
    *("privileges", "enforcement", "sequence_positions", "planner_statistics"),
)
_HARMLESS = {"sequence_positions": ahead, "planner_statistics": analysed_as_well}


def script(opened: Verification) -> tuple[str, ...]:
    """Return the lines of an SQL script, one transaction; () if nothing is to be done. What it cannot mend it says as comments."""
    meant = {facet: sort_out(_differences(opened, facet), opened.after) for facet in ORDER}
    found = [difference for each in meant.values() for difference in each.other]
    lines = [
        f"-- {facet} {identity!r}: {why.splitlines()[0]}"
        for facet, each in meant.items()
        for identity, why in each.unknown.items()
    ]
    tables = opened.before.tables
    for difference in found:
        if difference.facet == "columns" and table_of(difference.identity) not in tables:
            continue  # a view's, which its definition brings
        answer = statements(difference, tables)
        lines += answer or (f"-- {difference.facet} {difference.identity!r}: no statement is certain to mend it",)
    if not lines:
        return ()
    return (
        "-- Read it before you run it. Rows are not looked at here: the checks do that.",
        "BEGIN;",
        *dict.fromkeys(lines),
        "COMMIT;",
    )


def _differences(opened: Verification, facet: str) -> Iterator[Difference]:
    """Yield what is to be mended, without what is waived, harmless, or comes with something else."""
    if reason := opened.before.lacks(facet):
        raise CannotTell(f"{facet}: {reason}")
    told = telling(facet, opened.before, opened.after)
    was, now = told.before.known(facet, EVERYTHING), told.after.known(facet, EVERYTHING)
    differ = [
        each for each in compare(facet, was.facts, now.facts) if each.identity not in {**was.unknown, **now.unknown}
    ]
    certain, _ = told.sort_out(opened.accepted.accept(differ))
    foreign = elsewhere(facet, opened.before, opened.after)
    for difference in certain:
        if foreign(difference) or (facet in _HARMLESS and _HARMLESS[facet](difference)):
            continue
        if not _brought(opened, difference):
            yield difference


def _brought(opened: Verification, difference: Difference) -> bool:
    """Tell whether an index comes or goes with the constraint of its name."""
    if difference.facet != "indexes":
        return False
    sides = (opened.before, opened.after)
    return any(difference.identity in side.known("constraints", EVERYTHING).facts for side in sides)
