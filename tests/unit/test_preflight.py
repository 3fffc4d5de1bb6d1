"""Before a migration: room on the disk, and the rollback's command."""

from fixtures.every import every
from rollproof.probes.preflight import no_room, unreachable


def test_room_is_for_the_log_as_well():
    assert list(no_room(100, 200)) == []
    assert [each.sentence for each in no_room(10**9, 10**9)] == [
        "1,000.0 MB are free, and 2,000.0 MB are needed: 1,000.0 MB to be written, and as much for the write-ahead log"
    ]


@every(
    ("command", "found"),
    [
        ("sh -c true", None),
        ("X=1 sh undo.sh", None),
        ("sh missing.sh", "missing.sh is not in"),
        ("no-such-program --now", "no-such-program is not found"),
        ("", "it names no program"),
    ],
)
def test_the_tool_is_looked_for_and_not_run(command, found, tmp_path):
    (tmp_path / "undo.sh").write_text("exit 1")

    told = [each.actual for each in unreachable(command, tmp_path)]

    assert [text.partition(str(tmp_path))[0].strip() for text in told] == ([found] if found else [])
