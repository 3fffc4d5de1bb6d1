"""The vibes script, killed after each of its statements: wherever that happens, nothing is lost.

A child runs the script and ends itself by SIGKILL after its Nth statement that changes or commits something; N goes on
until the script comes to its end undisturbed. What it merely asks cannot leave anything behind, and is not counted.
ROLLPROOF_KILL_EVERY says how many statements lie between two kills; 1 tries each, which takes minutes.
"""

import os
import signal
from typing import NamedTuple

import pytest

from rollproof.throwaway.servers.server import fresh_name

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
        def work(worker, workers):  # begins in the middle of the first stretch: the very first statement is like none
            found, number = {}, (every + 1) // 2 + worker * every
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


class Tables(NamedTuple):
    """Tables before and after their migration."""

    name: str
    every: int  # how many statements lie between two kills
    before: str  # the databases' URLs
    after: str


@pytest.fixture(params=[("bundled", 17), ("procedure", 61), ("composite", 79)], ids=lambda param: param[0])
def tables(request, world, migrated_world):
    """The bundled tables have most of what can go wrong, and are killed most often."""
    name, every = request.param
    return Tables(name, int(os.environ.get("ROLLPROOF_KILL_EVERY", every)), world(name), migrated_world(name))


def test_killed_after_any_statement_of_the_migration_the_rollback_restores_everything(
    tables, script, picture, killed_everywhere
):
    baseline = picture(tables.before)

    def then(url):
        said = script(url, "rollback")
        # 2: refused, because nothing had been begun.
        return "" if said.code in (0, 2) and picture(url) == baseline else said.text or "it differs"

    wrong, number = killed_everywhere(tables.before, ("migrate", IN_BATCHES), then, tables.every)

    assert wrong == {}
    assert number * tables.every > 75


@pytest.fixture
def roll_back_again(tables, migrated_world, script, sql):
    """Call it with the URL of a rollback that died; returns what is wrong: whole, or nothing yet."""
    url = migrated_world(tables.name)
    migrated = sql(url, SHAPE)
    assert script(url, "rollback").code == 0
    found_by = {0: migrated, 2: sql(url, SHAPE)}  # 2: refused, because the first one was committed before it died

    def run(url):
        half_way = sql(url, SHAPE)
        said = script(url, "rollback")
        return "" if half_way == found_by.get(said.code) else said.text

    return run


def test_killed_after_any_statement_of_the_rollback_the_next_one_restores_everything(
    tables, roll_back_again, picture, killed_everywhere
):
    baseline = picture(tables.before)

    def then(url):
        return roll_back_again(url) or ("" if picture(url) == baseline else "it differs")

    wrong, number = killed_everywhere(tables.after, ("rollback",), then, tables.every)

    assert wrong == {}
    assert number * tables.every > 25


def test_killed_in_the_migration_the_next_one_goes_on_to_the_same_end(tables, script, picture, killed_everywhere):
    after = picture(tables.after)

    def then(url):
        said = script(url, "migrate", IN_BATCHES)
        return "" if said.code in (0, 2) and picture(url) == after else said.text or "it differs"

    wrong, _ = killed_everywhere(tables.before, ("migrate", IN_BATCHES), then, max(tables.every, 23))

    assert wrong == {}
