"""The migration tool's log: which entries tell a good story, and what is said of each flaw."""

from fixtures.every import every
from rollproof.migration.log import SHOWN, Entry, MigrationLog, flaws, told
from rollproof.model.event import LoggedStep
from rollproof.model.phase import PHASES
from rollproof.settings.sections import Log

MIGRATED = ("migrate", "completed", 10, 20)
ROLLED_BACK = ("rollback", "completed", 30, 40)
DIED = ("migrate", "failed", 10, 29)


def story(*entries, words=Log()):  # noqa: B008 (frozen)
    told = [Entry(operation, status, start, end, str(start)) for operation, status, start, end in entries]
    return MigrationLog("m", words, tuple(sorted(told, key=lambda entry: entry.last)))


def found(phase, *entries, **rest):
    return [each.actual for each in flaws(story(*entries, **rest), PHASES[phase].log)]


@every(
    ("phase", "entries"),
    [
        ("pre_migration", []),
        ("pre_migration", [MIGRATED, ROLLED_BACK]),
        ("pre_migration", [DIED]),
        ("post_migration", [MIGRATED]),
        ("post_migration", [("migrate", "failed", 1, 2), MIGRATED]),
        ("post_migration", [("migrate", "completed", 1, 2), ("rollback", "completed", 3, 4), MIGRATED]),
        # The step that fails is done before the operation that it belongs to says so, and the next run makes it good.
        (
            "post_migration",
            [("migrate", "completed", 12, 13), ("migrate", "failed", 1, 11), ("migrate", "completed", 12, 20)],
        ),
        ("pre_rollback", [MIGRATED]),
        ("pre_rollback", [DIED]),
        ("pre_rollback", [MIGRATED, ("rollback", "failed", 30, 31)]),
        ("post_rollback", [MIGRATED, ROLLED_BACK]),
        ("post_rollback", [DIED, ROLLED_BACK]),
        ("post_rollback", [MIGRATED, ("rollback", "failed", 22, 23), ROLLED_BACK]),
        ("post_rollback", [MIGRATED, ROLLED_BACK, ("migrate", "failed", 41, 45), ("rollback", "completed", 50, 60)]),
        (
            "post_rollback",
            [MIGRATED, ("rollback", "completed", 31, 33), ("rollback", "completed", 32, 35), ROLLED_BACK],
        ),
    ],
)
def test_a_good_story_has_no_flaw(phase, entries):
    assert found(phase, *entries) == []


@every(
    ("phase", "entries", "said"),
    [
        ("pre_migration", [("migrate", "started", 10, None)], "never finished: it still runs, or died without a word"),
        ("post_migration", [], "was not completed: there is none"),
        ("post_migration", [DIED], "was not completed: the latest is migrate of 10 (failed)"),
        ("post_migration", [MIGRATED, ("migrate", "failed", 12, 21)], "failed after the migration of 10 was completed"),
        ("post_migration", [MIGRATED, ROLLED_BACK], "came after the migration of 10"),
        (
            "post_migration",
            [MIGRATED, ("backup", "started", 21, None)],
            "never finished: it still runs, or died without a word",
        ),
        ("pre_rollback", [], "was not begun since the last rollback: there is nothing to undo"),
        ("pre_rollback", [MIGRATED, ROLLED_BACK], "was not begun since the last rollback: there is nothing to undo"),
        ("pre_rollback", [("migrate", "started", 10, None)], "never finished: it still runs, or died without a word"),
        ("post_rollback", [MIGRATED], "was not completed: there is none"),
        (
            "post_rollback",
            [MIGRATED, ("rollback", "failed", 30, 40)],
            "was not completed: the latest is rollback of 30 (failed)",
        ),
        (
            "post_rollback",
            [MIGRATED, ROLLED_BACK, ("rollback", "failed", 41, 42)],
            "failed after the rollback of 30 was completed",
        ),
        ("post_rollback", [ROLLED_BACK, ("migrate", "completed", 41, 42)], "came after the rollback of 30"),
        ("post_rollback", [("migrate", "completed", 10, 41), ROLLED_BACK], "came after the rollback of 30"),
        ("post_rollback", [MIGRATED, ("rollback", "completed", 30, 29)], "ends before it starts"),
        ("post_rollback", [ROLLED_BACK], "undid nothing: the log has no migration"),
        (
            "post_rollback",
            [MIGRATED, ROLLED_BACK, ("rollback", "completed", 40, 60)],
            "was done again after that of 30, with no migration between",
        ),
        (
            "post_rollback",
            [MIGRATED, ("rollback", "completed", 30, None)],
            "has no start time, or no end time",
        ),
    ],
)
def test_each_flaw_is_said(phase, entries, said):
    assert found(phase, *entries) == [said]


def test_before_the_migration_only_the_one_that_is_named_can_be_done_already():
    assert found("pre_migration", MIGRATED, words=Log(migration="m")) == ["was done already, and not rolled back"]
    assert found("pre_migration", MIGRATED, ROLLED_BACK, words=Log(migration="m")) == []
    assert found("pre_migration", MIGRATED) == []


def test_operations_that_change_nothing_may_come_later():
    later = ("analyse", "completed", 50, 60)

    assert found("post_rollback", MIGRATED, ROLLED_BACK, later) == ["came after the rollback of 30"]
    assert found("post_rollback", MIGRATED, ROLLED_BACK, later, words=Log(harmless_steps=("analyse",))) == []


def test_a_record_tells_each_step_with_its_duration_and_what_is_wrong_with_it():
    log = story(DIED, ("rollback", "running", 30, None), ("backup", "completed", 31, float("inf")))

    assert told(log) == (
        LoggedStep("migrate", "", "failed", "10", 19, "failed"),
        LoggedStep("rollback", "", "running", "30", None, "never finished"),
        LoggedStep("backup", "", "completed", "31", None, ""),
    )
    assert len(told(story(*[MIGRATED] * 300))) == SHOWN
