"""The story that a migration's log tells, and how it is read from any tool's table."""

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.migration.log import flaws, read
from rollproof.migration.log import told as steps_of
from rollproof.model.errors import Misuse
from rollproof.settings.sections import Log


@pytest.fixture
def ask(database):
    """Run SQL, then read the log by these words."""

    def ask(sql, words):
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(sql)
        view = reader(database)
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
STEPS = "('m', 'migrate', 'completed', 1, 3, 'copy users'), ('m', 'rollback', 'failed', 4, 4, NULL)"

ROLLBACKS = {  # more columns of the log, and whether its entries are then two rollbacks
    "": True,
    ", step text, run integer DEFAULT random()": True,
    ", step text DEFAULT 'restore'": False,  # the steps of one run
    ", tbl text DEFAULT random()": False,  # what was done to one table, and then to the next
    ", id serial, noted timestamp DEFAULT clock_timestamp()": True,
}


def test_two_whole_rollbacks_are_told_from_the_steps_of_one(ask):
    found = {}
    for more in ROLLBACKS:
        told = ask(
            f"DROP TABLE IF EXISTS migration_log; CREATE TABLE migration_log ({COMMON}{more});"
            f"INSERT INTO migration_log VALUES {TWICE}",
            Log(),
        )
        found[more] = [each.actual for each in flaws(told, "rollback completed")]

    again = ["was done again after that of 3, with no migration between"]
    assert found == {more: again * twice for more, twice in ROLLBACKS.items()}


def test_a_step_is_told_with_what_it_was_about(ask):
    log = ask(f"CREATE TABLE migration_log ({COMMON}, step text); INSERT INTO migration_log VALUES {STEPS}", Log())

    assert [(each.operation, each.step, each.seconds, each.problem) for each in steps_of(log)] == [
        ("migrate", "copy users", 2.0, ""),
        ("rollback", "", 0.0, "failed"),
    ]


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
    assert [each.actual for each in flaws(told, "rollback completed")] == ["was at work at the same time"] * 3


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
