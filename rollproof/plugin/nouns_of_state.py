"""Fixtures of the checks about the state of storage, and about what is kept of the state before the rollback."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rollproof.model.finding import Finding
from rollproof.probes.state_backup import StateBackup
from rollproof.probes.storage import FACET, Storage
from rollproof.sources.table_groups import EVERYTHING


@pytest.fixture
def storage(sides: Any) -> tuple[Storage, Storage]:
    """How tables lay in storage, and how they lie now. Skips the check if the reference does not tell."""
    opened = sides.opened
    if reason := opened.before.unavailable(FACET):
        pytest.skip(reason)
    was, now = (side.known(FACET, EVERYTHING).facts for side in (opened.before, opened.after))
    return Storage(was), Storage(now)


@pytest.fixture
def ages(sides: Any) -> tuple[Storage, Storage]:
    """The same, but of a reference that does not tell, nothing: an age needs no comparison."""
    opened = sides.opened
    was = {} if opened.before.unavailable(FACET) else opened.before.known(FACET, EVERYTHING).facts
    return Storage(was), Storage(opened.after.known(FACET, EVERYTHING).facts)


@pytest.fixture
def state_backup(sides: Any) -> Callable[[], Iterator[Finding]]:
    """Call it: dump the database into the folder of --state-backup, and yield what is wrong with the dump."""

    def make() -> Iterator[Finding]:
        made = StateBackup(sides.opened.after, Path(sides.settings.state_backup), sides.tell)
        yield from made.findings()
        if made.dump:
            sides.state_dump = made.dump
            sides.run.notes.append(f"the database was dumped as it is: {made.dump.path}, {made.dump}")

    return make
