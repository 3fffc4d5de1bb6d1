"""Harmless upkeep, a copy and a dump restored, here or on a newer major, are no difference."""

import json
import re

import psycopg
import pytest

from fixtures.museum import furnished
from fixtures.readers import SCOPE, reader
from fixtures.sql_dump import sql_dump
from rollproof.model.compare import Difference
from rollproof.model.facets import traits
from rollproof.probes.collation_versions import sorted_as_before
from rollproof.sources.live import Live
from rollproof.throwaway.servers.server import fresh_name

COPY_LOSES = (
    r"settings: \w+ FOR (DATABASE|ROLE \w+ IN DATABASE)",
    r"(comments|owners|privileges): this \(database\).*",
    r"subscriptions: .*",
    r"comments: \w+ \(subscription\)",  # which the copy has, and points to nothing there
    r"owners: \w+ \(subscription\)",
    r"pg_dump: (this \(DATABASE PROPERTIES\)|DATABASE this \(COMMENT\)|SUBSCRIPTION \w+ \(COMMENT\))",
)
"""What CREATE DATABASE ... TEMPLATE leaves behind."""
DUMP_LOSES = (
    *COPY_LOSES,
    r"(languages|owners|privileges|comments): (spoken|again)\b.*",  # CREATE LANGUAGE looks for an extension of that name
    r"pg_dump: (LANGUAGE )?(spoken|again) \(.*",
    r"(comments|privileges): hall\.main \(type\).*",
    r"(comments|owners|privileges): hall\.reach\(double precision,double precision(,text)?\) \(function\).*",
    r"planner_statistics: .*",
)
"""What pg_dump and pg_restore leave behind, as docs/pg_dump.md tells."""
DUMP_LOSES_UNTIL_16 = (*DUMP_LOSES, r"owners: hall\.theirs_multirange \(type\)")
UPKEEP = (
    "VACUUM FULL hall.main, hall.other, hall.parted, hall.kept, items",
    "CLUSTER hall.main",
    "REINDEX TABLE hall.main",
    "REINDEX TABLE CONCURRENTLY hall.other",
    "REINDEX TABLE hall.parted",
    "CHECKPOINT",
)


def known(url):
    """Return all that is told of a database, rows, fingerprints and pg_dump included: (facet, identity) to description."""
    view = reader(url)
    try:
        snapshot = Live(view, SCOPE, "it").complete()
    finally:
        view.close()
    assert snapshot.unknown == {}
    return {(facet, identity): text for facet, facts in snapshot.facets.items() for identity, text in facts.items()}


def lost(before, after, expected):
    """Return what differs, `facet: identity`, but for what is expected."""
    accepted = re.compile("|".join(expected) or "(?!)")
    differing = [
        Difference(*fact, before.get(fact), after.get(fact))
        for fact in sorted(before.keys() | after.keys())
        if before.get(fact) != after.get(fact)
    ]
    told = [f"{found.facet}: {found.identity}" for found in differing if not _fine(found)]
    return [text for text in told if not accepted.fullmatch(text)]


def _fine(found):
    if traits(found.facet).holds == "input":  # for programs; nobody restores it
        return True
    return found.facet == "collation_versions" and sorted_as_before(found, same_server=False)


def test_upkeep_a_copy_and_a_dump_restored_are_no_difference(server, museum, new_database):
    url = server.dsn(museum)
    before = known(url)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in UPKEEP:
            connection.execute(statement)
    assert lost(before, known(url), ["planner_statistics: .*"]) == []

    assert lost(before, known(server.dsn(new_database(museum))), COPY_LOSES) == []

    restored = server.dsn(new_database())
    _restore(server, url, restored)
    accepted = DUMP_LOSES if server.version >= 170000 else DUMP_LOSES_UNTIL_16
    assert lost(before, known(restored), accepted) == []


@pytest.fixture(scope="module")
def museums(server, other_major, museum):
    """The URLs of the museum on the older and on the newer of two servers, and the newer one."""
    with furnished(other_major) as name:
        here, there = (
            (server.version, server, server.dsn(museum)),
            (other_major.version, other_major, other_major.dsn(name)),
        )
        (_, _, older), (_, server_of_newer, newer) = sorted((here, there))
        yield older, newer, server_of_newer


def test_a_dump_restored_into_a_newer_major_is_no_difference(command, museums, tmp_path):
    """Nothing is called a loss but what pg_dump is known to lose; only views are not known, whose queries are printed otherwise."""
    older, newer, server = museums
    restored = fresh_name()
    server.create(restored)
    try:
        with psycopg.connect(newer) as connection:
            (icu,) = connection.execute("SELECT to_regcollation('hall.loose') IS NOT NULL").fetchone()
        _restore(server, older, server.dsn(restored), "" if icu else LOOSE)
        subject = ("--database-url", server.dsn(restored), "--reference=baseline.json", "--other-database")
        taken = command(tmp_path, "capture", "--database-url", older)
        verified = command(tmp_path, "verify", *subject)
    finally:
        server.drop(restored)

    assert (taken.returncode, verified.returncode in {0, 1, 7}) == (0, True), taken.output + verified.output
    outcomes = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())["outcomes"]
    accepted = re.compile("|".join(DUMP_LOSES if icu else (*DUMP_LOSES, rf"\w+: {LOOSE}.*")))
    told = [f"{case['check']}: {found['subject']}" for case in outcomes for found in case["findings"]]
    assert [text for text in told if not accepted.fullmatch(text)] == []
    assert {case["check"] for case in outcomes if case["kind"] == "inconclusive"} <= {"views"}
    verified = {case["check"] for case in outcomes if case["kind"] == "verified"}
    assert verified >= {"tables", "columns", "constraints", "indexes", "functions", "policies", "triggers", "content"}


LOOSE = r"hall\.loose\b"


def _restore(server, url, target, left_out=""):
    """Make all of it again from what pg_dump writes, statement by statement as psql would; COPY needs psql, INSERT does not."""
    skipped = re.compile("|".join(filter(None, (r"\bLANGUAGE (spoken|again)\b", left_out))))
    script = sql_dump(server, url, "--inserts", "--no-subscriptions")
    with psycopg.connect(target, autocommit=True) as connection:
        for statement in re.split(r";\n(?=\n)|;\n(?=INSERT|ALTER|SET|SELECT|GRANT|REVOKE)", script):
            if skipped.search(statement) or not re.sub(r"--.*|\s", "", statement):
                continue
            connection.execute(statement.encode())
