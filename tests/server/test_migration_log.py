"""The story that a migration's log tells, and how it is read from any tool's table."""

import psycopg
import pytest

from rollproof.configuration import Log
from rollproof.errors import Misuse
from rollproof.migration_log import Entry, Story, flaws, read
from rollproof.session import Limits, Target, View

MIGRATED = ("migrate", "completed", 10, 20)
ROLLED_BACK = ("rollback", "completed", 30, 40)
DIED = ("migrate", "failed", 10, 29)


def story(*entries, words=Log()):  # noqa: B008 (frozen)
    told = [Entry(operation, status, start, end, str(start)) for operation, status, start, end in entries]
    return Story("m", words, tuple(sorted(told, key=lambda entry: entry.last)))


def found(phase, *entries, **rest):
    return [difference.after for difference in flaws(story(*entries, **rest), phase)]


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
    ("phase", "entries", "said"),
    [
        ("pre_migration", [("migrate", "started", 10, None)], "never finished: it still runs, or died without a word"),
        ("post_migration", [], "there is none"),
        ("post_migration", [DIED], "the latest is migrate of 10, failed"),
        ("post_migration", [MIGRATED, ("migrate", "failed", 12, 21)], "it failed later"),
        ("post_migration", [MIGRATED, ROLLED_BACK], "it came later"),
        (
            "post_migration",
            [MIGRATED, ("backup", "started", 21, None)],
            "never finished: it still runs, or died without a word",
        ),
        ("pre_rollback", [], "there is none to undo"),
        ("pre_rollback", [MIGRATED, ROLLED_BACK], "there is none to undo"),
        ("pre_rollback", [("migrate", "started", 10, None)], "never finished: it still runs, or died without a word"),
        ("post_rollback", [MIGRATED], "there is none"),
        ("post_rollback", [MIGRATED, ("rollback", "failed", 30, 40)], "the latest is rollback of 30, failed"),
        ("post_rollback", [MIGRATED, ROLLED_BACK, ("rollback", "failed", 41, 42)], "it failed later"),
        ("post_rollback", [ROLLED_BACK, ("migrate", "completed", 41, 42)], "it came later"),
        ("post_rollback", [("migrate", "completed", 10, 41), ROLLED_BACK], "it came later"),
        ("post_rollback", [MIGRATED, ("rollback", "completed", 30, 29)], "it ends before it starts"),
        ("post_rollback", [ROLLED_BACK], "the log tells of none"),
        (
            "post_rollback",
            [MIGRATED, ROLLED_BACK, ("rollback", "completed", 40, 60)],
            "it was done twice, with no migration between",
        ),
        (
            "post_rollback",
            [MIGRATED, ("rollback", "completed", 30, None)],
            "completed, but one of the times is missing",
        ),
    ],
)
def test_each_flaw_is_said(phase, entries, said):
    assert found(phase, *entries) == [said]


def test_before_the_migration_only_the_one_that_is_named_can_be_done_already():
    assert found("pre_migration", MIGRATED, words=Log(migration="m")) == ["it was done, and not rolled back"]
    assert found("pre_migration", MIGRATED, ROLLED_BACK, words=Log(migration="m")) == []
    assert found("pre_migration", MIGRATED) == []


def test_operations_that_change_nothing_may_come_later():
    later = ("analyse", "completed", 50, 60)

    assert found("post_rollback", MIGRATED, ROLLED_BACK, later) == ["it came later"]
    assert found("post_rollback", MIGRATED, ROLLED_BACK, later, words=Log(harmless_steps=("analyse",))) == []


@pytest.fixture
def ask(database):
    """Run SQL, then read the log by these words."""

    def ask(sql, words):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(sql)
        view = View(Target.parse(database), Limits())
        try:
            return view.ask(lambda connection: read(connection, words))
        finally:
            view.close()

    return ask


def test_a_log_is_read_whatever_its_columns_are_called_and_its_times_are_made_of(ask):
    words = Log(
        table='public."Lo""g %s"', migration_column="a b", operation_column="$1", status_column="ok", completed_value="true",
        failed_values=("false",), started_column="%(x)s", finished_column="to",
    )  # fmt: skip
    told = ask(
        """CREATE TABLE "Lo""g %s" ("a b" integer, "$1" text, ok boolean, "%(x)s" bigint, "to" date);
        INSERT INTO "Lo""g %s" VALUES (1, 'up', true, 86400, '1970-01-03'),
            (2, 'down', false, 5, 'infinity'), (2, NULL, NULL, NULL, NULL)""",
        words,
    )

    assert told.migration == "2"  # the latest entry's
    assert [(entry.operation, entry.status, entry.started, entry.finished) for entry in told.entries] == [
        ("", "", None, None),
        ("down", "false", 5.0, float("inf")),
    ]


COMMON = "migration text, operation text, status text, started_at int, finished_at int"
TWICE = (
    "('m', 'migrate', 'completed', 1, 2), ('m', 'rollback', 'completed', 3, 4), ('m', 'rollback', 'completed', 5, 6)"
)


@pytest.mark.parametrize(
    ("more", "twice"),
    [
        (None, True),
        ("step text, run integer DEFAULT random()", True),
        ("step text DEFAULT 'restore'", False),  # the steps of one run
        ("tbl text DEFAULT random()", False),  # what was done to one table, and then to the next
        ("id serial, noted timestamp DEFAULT clock_timestamp()", True),
    ],
)
def test_two_whole_rollbacks_are_told_from_the_steps_of_one(ask, more, twice):
    told = ask(
        f"CREATE TABLE migration_log ({COMMON}{', ' * bool(more)}{more or ''}); INSERT INTO migration_log VALUES {TWICE}",
        Log(),
    )

    assert [difference.after for difference in flaws(told, "post_rollback")] == [
        "it was done twice, with no migration between"
    ] * twice


def test_migrations_that_were_at_work_at_once_are_named_unless_they_change_nothing(ask):
    words = Log(migration="m")
    told = ask(
        f"""CREATE TABLE migration_log ({COMMON}); INSERT INTO migration_log VALUES
        ('m', 'migrate', 'completed', 10, 20), ('m', 'rollback', 'completed', 30, 40),
        ('before', 'migrate', 'completed', 1, 10), ('within', 'migrate', 'completed', 12, 13),
        ('across', 'rollback', 'failed', 19, 31), ('open', 'migrate', 'started', 15, NULL),
        ('between', 'migrate', 'completed', 20, 30), ('harmless', 'backup', 'completed', 11, 12)""",
        words,
    )

    assert [about for about, _ in told.others] == ["within", "open", "across"]
    assert [difference.after for difference in flaws(told, "post_rollback")] == [
        "it was at work while this one was"
    ] * 3


def test_what_cannot_be_a_log_is_refused_with_its_columns(ask):
    with pytest.raises(
        Misuse, match="no column status and no column finished_at; it has migration, operation, started_at"
    ):
        ask("CREATE TABLE migration_log (migration text, operation text, started_at timestamptz)", Log())
    with pytest.raises(Misuse, match="started_at is of type boolean, which is no time"):
        ask(
            "ALTER TABLE migration_log ADD status text, ADD finished_at time, ALTER started_at TYPE boolean USING false",
            Log(),
        )


def test_a_missing_log_is_told_from_an_empty_one(ask):
    assert not ask("SELECT 1", Log()).there
    assert ask(
        "CREATE TABLE migration_log (migration text, operation text, status text, started_at date, finished_at date)",
        Log(),
    ).there
