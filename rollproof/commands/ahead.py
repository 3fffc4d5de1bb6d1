"""What checks wait for, waited for before they are run: who verifies many databases in one process runs checks one at a time."""

from collections.abc import Callable, Container, Mapping
from concurrent.futures import wait

from rollproof.commands.verification import Verification
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.probes.storage import FACET as STORAGE
from rollproof.rows.suspects import Suspect
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.background import background


def ahead(sides: Verification, checks: Container[str], first: Mapping[str, Suspect]) -> None:
    """Begin what these checks ask a server for, suspects `first`, and wait for it. What cannot be read is told later."""
    sides.begin(checks, first)
    waits: dict[str, Callable[[], object]] = {
        "baseline_age": sides.begin_log().result,
        "rows": lambda: sides.after.footprints,
        "content": lambda: sides.after.known("content", EVERYTHING),
        "sequence_values": lambda: sides.values_in_use,
        "orphans": lambda: list(sides.orphans.of(EVERYTHING)),
        "bloat": lambda: sides.after.known(STORAGE, EVERYTHING),
        DUMP: lambda: sides.after.unavailable(DUMP),
    }
    wait([background(ask) for check, ask in waits.items() if check in checks])
