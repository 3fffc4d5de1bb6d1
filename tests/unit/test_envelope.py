"""What was rehearsed is the envelope of the real rollback: one that takes longer than is to be expected is a warning."""

from pathlib import Path

import msgspec
import pytest

from rollproof.migration.envelope import Envelope, read, slower
from rollproof.migration.log import Entry, MigrationLog
from rollproof.model.errors import Misuse
from rollproof.rehearsal.costs.figures import Figures
from rollproof.rehearsal.process import Ran
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.rehearsal.reports.json import result
from rollproof.rehearsal.reports.telling import told
from rollproof.settings.sections import Log

MB = 10**6
MIGRATED = Entry("migration", "completed", 0.0, 100.0, "midnight")


def _log(*rollbacks: tuple[float, float], status: str = "completed") -> MigrationLog:
    steps = (Entry("rollback", status, began, ended, "later") for began, ended in rollbacks)
    return MigrationLog("m", Log(), (MIGRATED, *steps))


@pytest.mark.parametrize(
    ("log", "size", "expected"),
    [
        (_log((200, 290)), 100 * MB, "about 40 s"),
        (_log((200, 230), (230, 290)), 100 * MB, "about 40 s"),
        (_log((200, 259)), 100 * MB, None),
        (_log((200, 290)), 200 * MB, None),
        (_log((200, 290)), 10 * MB, "about 40 s"),
        (_log((200, 290), status="failed"), 100 * MB, None),
        (_log(), 100 * MB, None),
    ],
    ids=["longer", "in two steps", "a little longer", "but twice as large", "and smaller", "not completed", "none"],
)
def test_a_rollback_that_took_longer_than_was_rehearsed_is_a_warning(
    log: MigrationLog, size: int, expected: str | None
):
    """By the log, scaled by the size of the database, and with room for another machine."""
    found = list(slower(Envelope(40.0, 100 * MB), log, size))

    assert [each.expected for each in found] == ([expected] if expected else [])
    assert all(each.heals for each in found)
    assert all("it took 40 s when it was rehearsed, of a database of 100 MB" in each.sentence for each in found)


def test_the_envelope_is_what_a_rehearsal_wrote(tmp_path: Path):
    """Of several rehearsals the slowest; a file without a rollback is refused, as is one of another kind."""
    slow, fast = (
        Stage("rollback", "good", "", ran=(Ran("down", 0, seconds, ""),), figures=Figures(database_bytes=7 * MB))
        for seconds in (40.0, 30.0)
    )
    written = tmp_path / "rehearsal.json"
    written.write_bytes(
        result(told([Rehearsed("", "", "", 150000, "", 1.0, (stage,)) for stage in (fast, slow)], tmp_path, str))
    )

    assert read(written) == Envelope(40.0, 7 * MB)
    for wrong, why in (
        (b'{"rehearsals": []}', "no rollback was rehearsed"),
        (msgspec.json.encode([1]), "is no rehearsal.json"),
    ):
        written.write_bytes(wrong)
        with pytest.raises(Misuse, match=why):
            read(written)
