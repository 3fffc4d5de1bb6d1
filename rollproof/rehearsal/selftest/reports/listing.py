"""`rollproof selftest --list`: the faults as SQL that can be read, and run by hand."""

from collections.abc import Iterator, Sequence

from rollproof.model.amounts import counted
from rollproof.model.printable import harmless, one_line, unbidden
from rollproof.model.printable_sql import pasteable
from rollproof.rehearsal.faults.fault import Fault


def listing(faults: Sequence[Fault]) -> Iterator[str]:
    """Yield the lines: of each fault what it is and which fact must differ, as a comment, and the statement that plants it."""
    for each in faults:
        yield unbidden(f"-- {one_line(each.kind)}: {one_line(each.name)}: {one_line(each.identity)}")
        yield unbidden(f"--   seen if `{one_line(each.facet)}` tells of {one_line(each.identity)}")
        yield harmless(pasteable(each.statement).rstrip("; \n") + ";")
        yield ""
    yield f"-- {counted(len(faults), 'fault')}; none was planted"
