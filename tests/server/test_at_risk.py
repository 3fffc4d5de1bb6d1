"""Who wrote a row: the migration, as its log tells, or somebody whose work a rollback would undo."""

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from rollproof.backup.copies import Copies
from rollproof.migration.at_risk import at_risk
from rollproof.migration.backup_age import completed
from rollproof.migration.row_fate import RowFates
from rollproof.migration.table_states import types_of, types_of_copies
from rollproof.settings.sections import Backup, Log, Migration
from rollproof.sources.live import Live

GROUND = """
CREATE SCHEMA migration_backup;
CREATE TABLE migration_log (operation text, status text, started_at timestamptz DEFAULT clock_timestamp(), finished_at timestamptz);
CREATE TABLE {0} (id integer, name text, score integer);
INSERT INTO {0} SELECT n, 'n' || n, n FROM generate_series(1, 9) AS n;
CREATE TABLE migration_backup.{0}_backup AS TABLE {0};
"""
DONE = "UPDATE migration_log SET status = 'completed', finished_at = clock_timestamp() WHERE status = 'started'"
OWN = "UPDATE {0} SET score = -score; INSERT INTO {0} VALUES (10, 'of the migration', 0)"
USERS = (
    "UPDATE {0} SET name = 'other' WHERE id = 4; INSERT INTO {0} VALUES (11, 'new', 1); DELETE FROM {0} WHERE id = 5"
)


@pytest.fixture
def found(database):
    """Call it with scripts, each a transaction, for what is said to be at risk and what is only in doubt."""
    views = []

    def ask(*scripts, migration=Migration()):  # noqa: B008 (frozen)
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute(GROUND.format("people"))
            connection.execute("INSERT INTO migration_log VALUES ('migrate', 'started')")
            for script in scripts:
                with connection.transaction():
                    connection.execute(script.format("people"))
        views.append(reader(database))
        after = Live(views[0], SCOPE, "after")
        copies = Copies(views[0], Backup())
        copies.adopt(after.tables)
        fates = RowFates(
            views[0], types_of(after), types_of_copies(copies), {"public.people": ("id",)}, migration.may_write
        )
        told = [*at_risk(views[0], fates, copies.copy_of("public.people"), completed(views[0], Log()))]
        return [each.actual for each in told if not each.heals], [each.actual for each in told if each.heals]

    yield ask
    for view in views:
        view.close()


def test_what_its_own_transactions_wrote_is_the_migrations(found):
    assert found(f"{OWN}; {DONE}") == ([], [])


def test_what_was_written_before_its_last_step_is_in_doubt(found):
    sure, doubtful = found(OWN, DONE)

    assert sure == []
    assert [text.partition(" before")[0] for text in doubtful] == ["1 written (10), 9 changed (1, 2, 3, 4, 5, …)"]


def test_unless_the_configuration_announces_it(found):
    written = Migration(columns=("public.people.score",))

    assert found("UPDATE people SET score = -score", DONE, migration=written) == ([], [])


def test_what_was_written_since_is_at_risk_whatever_was_announced(found):
    everything = Migration(tables=("public.people",))

    assert found(f"{OWN}; {DONE}", USERS, migration=everything) == (
        ["1 written (11), 1 changed (4), 1 deleted (5)"],
        [],
    )


def test_without_a_completed_step_everything_is_at_risk(found):
    assert found(OWN) == (["1 written (10), 9 changed (1, 2, 3, 4, 5, …)"], [])


def test_a_check_that_is_logged_hours_later_makes_no_work_the_migrations(found):
    later = "INSERT INTO migration_log SELECT 'look', 'completed', at, at FROM (SELECT now() + interval '3 h' AS at)"

    assert found(f"{OWN}; {DONE}", USERS, f"{later} AS x") == (
        ["1 written (11), 1 changed (4), 1 deleted (5)"],
        [],
    )


def test_what_a_second_run_of_it_wrote_is_the_migrations_too(found):
    later = "SELECT 'migrate', 'completed', at, at FROM (SELECT now() + interval '3 h' AS at) AS x"

    assert found(f"{OWN}; {DONE}", f"UPDATE {{0}} SET score = 0 WHERE id = 9; INSERT INTO migration_log {later}") == (
        [],
        [],
    )
