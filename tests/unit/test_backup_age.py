"""Whether a copy was made before the migration: late only where that is certain."""

import datetime

import pytest

from fixtures.every import every
from rollproof.migration.backup_age import Step, WritingTransaction, after_the_first, migration_after
from rollproof.model.errors import Inconclusive

NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=datetime.UTC)


def at(minute):
    return NOON + datetime.timedelta(minutes=minute)


def step(age, began, name="copy", **more):
    return Step(
        WritingTransaction(age, more.get("committed")), at(began), at(began + 1), name, more.get("rollback", False)
    )


STEPS = [step(50, 0, "first"), step(40, 1, "second"), step(30, 2, "third")]


@every(
    ("moment", "steps", "answer"),
    [
        (WritingTransaction(60), STEPS, None),
        (WritingTransaction(50), STEPS, None),
        (WritingTransaction(10), STEPS, "first"),
        (WritingTransaction(35), STEPS, "first"),
        (WritingTransaction(45), STEPS, Inconclusive),
        (WritingTransaction(45), STEPS[:1], Inconclusive),
        (WritingTransaction(45, at(0)), STEPS, None),
        (WritingTransaction(45, at(1.5)), STEPS[:1], "first"),
        (WritingTransaction(45, at(2)), [step(50, 0, committed=at(2))], None),  # savepoints of one transaction
    ],
)
def test_a_copy_is_late_only_where_that_is_certain(moment, steps, answer):
    if answer is Inconclusive:
        with pytest.raises(Inconclusive, match="track_commit_timestamp"):
            after_the_first(moment, steps)
    else:
        late = after_the_first(moment, steps)
        assert (late and late.name) == answer


def test_a_copy_belongs_to_the_migration_after_the_last_rollback():
    again = [*STEPS, step(25, 3, "undone", rollback=True), step(20, 4, "once more")]

    assert [found.name for found in migration_after(WritingTransaction(22), again)] == ["once more"]
    assert [found.name for found in migration_after(WritingTransaction(60), again)] == [
        "first",
        "second",
        "third",
        "once more",
    ]
