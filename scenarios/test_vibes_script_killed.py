"""The vibes script, killed after each of its statements: wherever that happens, nothing is lost.

A child runs the script and ends itself by SIGKILL after its Nth statement that changes or commits something; N goes from 1
until the script comes to its end undisturbed. What it merely asks cannot leave anything behind, and is not counted.
"""

import signal

import pytest

from fixtures.providers import fresh_name

# Every column's type, every constraint, index and view of the tables: quicker asked than a dump, which the end gets.
SHAPE = """
SELECT relname, attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND relname !~ '^migration_log'
UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND conrelid <> 'migration_log'::regclass
ORDER BY 1, 2, 3
"""
IN_BATCHES = "--batch-size=12"  # two batches for the 20 rows of each table


@pytest.fixture
def killed_everywhere(server, script, side_by_side):
    """Call it with a template, an operation and what to do then; returns N → what that found wrong, and how many there were."""

    def run(template, operation, then, every=1):
        def work(worker, workers):
            found, number = {}, 1 + worker * every
            while not _one_more(number, found):
                number += workers * every
            return found

        def _one_more(number, found) -> bool:
            name = fresh_name()
            server.create(name, template.rsplit("/", 1)[1].partition("?")[0])
            try:
                said = script(server.dsn(name), *operation, kill_after=number)
                if said.code == 0:
                    return True
                found[number] = "" if said.code == -signal.SIGKILL else said.text
                found[number] = found[number] or then(server.dsn(name))
                return False
            finally:
                server.drop(name)

        found = side_by_side(work)
        return {number: text for number, text in found.items() if text}, len(found)

    return run


def test_killed_after_any_statement_of_the_migration_the_rollback_restores_everything(
    vibes, script, picture, killed_everywhere
):
    baseline = picture(vibes)

    def then(url):
        said = script(url, "rollback")
        # 2: refused, because nothing had been begun.
        return "" if said.code in (0, 2) and picture(url) == baseline else said.text or "it differs"

    wrong, number = killed_everywhere(vibes, ("migrate", IN_BATCHES), then)

    assert wrong == {}
    assert number > 100


@pytest.fixture
def roll_back_again(database_from, migrate_small, script, sql):
    """Call it with the URL of a rollback that died; returns what is wrong: whole, or nothing yet."""
    url = database_from(migrate_small)
    migrated = sql(url, SHAPE)
    assert script(url, "rollback").code == 0
    found_by = {0: migrated, 2: sql(url, SHAPE)}  # 2: refused, because the first one was committed before it died

    def run(url):
        half_way = sql(url, SHAPE)
        said = script(url, "rollback")
        return "" if half_way == found_by.get(said.code) else said.text

    return run


def test_killed_after_any_statement_of_the_rollback_the_next_one_restores_everything(
    vibes, migrated, roll_back_again, picture, killed_everywhere
):
    baseline = picture(vibes)

    def then(url):
        return roll_back_again(url) or ("" if picture(url) == baseline else "it differs")

    wrong, number = killed_everywhere(migrated, ("rollback",), then)

    assert wrong == {}
    assert number > 40


def test_killed_in_the_migration_the_next_one_goes_on_to_the_same_end(
    vibes, migrated, script, picture, killed_everywhere
):
    after = picture(migrated)

    def then(url):
        said = script(url, "migrate", IN_BATCHES)
        return "" if said.code in (0, 2) and picture(url) == after else said.text or "it differs"

    wrong, _ = killed_everywhere(vibes, ("migrate", IN_BATCHES), then, every=11)

    assert wrong == {}
