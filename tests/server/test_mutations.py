"""One change of a database, and exactly the facts that must notice it.

The mutations are data (tests/data/mutations). Those that name different facts are made together, in a transaction that is taken
back, and one capture must differ in exactly what all of them name; a batch that disagrees is halved until the culprits are known.
By day each third of the batches of one or two is tried, which are costly; the large ones hold most of the mutations.
ROLLPROOF_MUTATIONS=each tries every one alone.
"""

import os
import tomllib
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from fixtures.catalogue import differing, facts
from rollproof.throwaway.servers.server import fresh_name

MUTATIONS = Path(__file__).parents[1] / "data" / "mutations"
CASES = {path.stem: tomllib.loads(path.read_text("utf-8"))["mutation"] for path in sorted(MUTATIONS.glob("*.toml"))}
ALONE = os.environ.get("ROLLPROOF_MUTATIONS") == "each"


@pytest.fixture(scope="module")
def connection(server):
    """A superuser's session on the base database."""
    name = fresh_name()
    server.create(name)
    try:
        with psycopg.connect(server.dsn(name), autocommit=True) as connection:
            connection.execute((MUTATIONS / "base.sql").read_text("utf-8"))
            yield connection
    finally:
        server.drop(name)


@pytest.fixture(scope="module")
def base(connection):
    """What is known of the base database and the roles."""
    with taken_back(connection):
        return facts(connection, prepare=True)


@pytest.fixture(scope="module")
def impossible(connection):
    """Call it with a case for the reason why this server cannot be so changed; None if it can."""
    available = {name for (name,) in connection.execute("SELECT name FROM pg_available_extensions")}

    def reason(case):
        if connection.info.server_version < case.get("since", 0) * 10_000:
            return f"PostgreSQL {case['since']} brought it"
        if case.get("extension", "plpgsql") not in available:
            return f"this server has no {case['extension']}"
        return None

    return reason


@contextmanager
def taken_back(connection):
    """Make the roles, which belong to the whole server, and take them and all that follows back.

    In a transaction of its own each time: while one is open, autovacuum may wait for it to be over with a row of pg_database,
    and a second change of that row would wait for autovacuum.
    """
    with connection.transaction(force_rollback=True):
        connection.execute("CREATE ROLE rollproof_tester; CREATE ROLE rollproof_boss SUPERUSER")
        yield


def batches(cases):
    """Return the cases in as few groups as possible in which no two name the same fact."""
    groups = []
    for case in cases:
        fitting = (
            each for each in groups if not {*case["differs"]} & {fact for one in each for fact in one["differs"]}
        )
        group = None if ALONE else next(fitting, None)
        if group is None:
            groups.append([case])
        else:
            group.append(case)
    return groups


def of_the_day(groups):
    """Return the batches to try."""
    return [group for place, group in enumerate(groups) if ALONE or len(group) > 2 or place % 3 == 0]


def done(connection, cases, step):
    """Do the setup or the change of each case that has one; return the names of those that failed, and why."""
    refused = {}
    for case in (case for case in cases if step in case):
        try:
            with connection.transaction():
                connection.execute(case[step])
        except psycopg.Error as error:
            refused[case["name"]] = str(error)
    return refused


def tried(connection, base, cases):
    """Return which facts differ though no case names them, or do not though one does; and the cases that failed."""
    with taken_back(connection):
        refused = done(connection, cases, "setup")
        before = facts(connection, prepare=True) if any("setup" in case for case in cases) else base
        refused |= done(connection, [case for case in cases if case["name"] not in refused], "change")
        expected = [fact for case in cases if case["name"] not in refused for fact in case["differs"]]
        found = differing(before, facts(connection, prepare=True), expected)
    return sorted({*found} ^ {*expected}), refused


def offenders(connection, base, cases):
    """Return, for each case that is not noticed as it says, the facts it is wrong about or why it failed."""
    wrong, refused = tried(connection, base, cases)
    if len(cases) == 1:
        return {cases[0]["name"]: wrong or [*refused.values()]} if wrong or refused else {}
    rest = [case for case in cases if case["name"] not in refused]
    middle = max(1, len(rest) // 2)
    again = [[case] for case in cases if case["name"] in refused]  # perhaps only in this company
    again += [rest[:middle], rest[middle:]] if wrong else []
    return {name: why for part in again if part for name, why in offenders(connection, base, part).items()}


@pytest.mark.parametrize("kind", CASES)
def test_changes_differ_in_exactly_the_facts_they_name(kind, connection, base, impossible):
    """Harmless ones in none."""
    cases = [case for case in CASES[kind] if not impossible(case)]
    found = [offenders(connection, base, batch) for batch in of_the_day(batches(cases))]

    assert {name: why for each in found for name, why in each.items()} == {}


def test_every_change_can_be_tried_on_this_server(impossible):
    reasons = {f"{kind}: {case['name']}": impossible(case) for kind, cases in CASES.items() for case in cases}
    if untried := {name: reason for name, reason in reasons.items() if reason}:
        pytest.skip(f"{len(untried)} of {len(reasons)} cannot: {untried}")

    assert len(reasons) > 450


def test_each_planted_fault_is_noticed_somewhere():
    unnoticed = [
        case["name"] for kind, cases in CASES.items() if kind != "harmless" for case in cases if not case["differs"]
    ]

    assert unnoticed == []
