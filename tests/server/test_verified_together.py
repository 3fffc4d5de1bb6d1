"""Many databases in one process: a check asks about all tables in one case, and about foreign keys of small tables together."""

import datetime

import psycopg
import pytest

from fixtures.readers import complete, execute, reader
from rollproof.commands.request import Request
from rollproof.model.errors import Inconclusive
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.plugin.within import verified
from rollproof.probes.foreign_keys import Orphans, Relationship
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.waiver import Waiver
from rollproof.sources.recorded import Recorded
from rollproof.sources.table_groups import EVERYTHING

TABLES = (
    "CREATE TABLE parents (id int PRIMARY KEY, name text)",
    "INSERT INTO parents VALUES (1, 'a'), (2, 'b')",
    "CREATE TABLE children (id bigserial PRIMARY KEY, parent int REFERENCES parents, CHECK (id > 0))",
    "INSERT INTO children (parent) VALUES (1), (2)",
    "CREATE TABLE others (id int PRIMARY KEY, note text)",
)
DAMAGE = (
    "UPDATE others SET note = note",
    "ALTER TABLE children DROP CONSTRAINT children_id_check",
    "ALTER TABLE children DROP CONSTRAINT children_parent_fkey",
    "INSERT INTO children VALUES (70, 9)",
    "DROP TABLE others",
    "CREATE TABLE fresh (id int)",
)


def findings(report):
    return sorted((case.check, each.subject, each.sentence) for case in report.outcomes for each in case.findings)


def test_tables_in_one_case_have_the_same_findings_and_verdict_as_each_in_its_own(database):
    execute(database, *TABLES)
    was = complete(database)
    configured = Configured(Settings(database_url=database), None)
    requests = [
        Request(configured, DEFAULT_PHASE, {}, baseline=Recorded(was, "was"), together=it) for it in (False, True)
    ]
    assert {verified(request).verdict for request in requests} == {"VERIFIED"}
    execute(database, *DAMAGE)

    alone, together = map(verified, requests)

    assert findings(alone) == findings(together)
    assert {check for check, *_ in findings(together)} >= {
        "constraints",
        "tables",
        "rows",
        "orphans",
        "sequence_values",
    }
    assert (alone.verdict, alone.exit_code) == (together.verdict, together.exit_code) == ("NOT RESTORED", 1)
    assert len(together.outcomes) < len(alone.outcomes)


def test_a_waiver_may_be_meant_for_another_database_until_it_has_ended(database):
    execute(database, *TABLES)
    was = Recorded(complete(database), "was")

    def verdict_of(until, *, together):
        waiver = Waiver("tables", identity="public.elsewhere", reason="kept in one tenant", until=until)
        configured = Configured(Settings(database_url=database, waiver=(waiver,)), None)
        return verified(Request(configured, DEFAULT_PHASE, {}, baseline=was, together=together)).verdict

    assert verdict_of(datetime.date(2999, 1, 1), together=True) == "VERIFIED"
    assert verdict_of(datetime.date(2999, 1, 1), together=False) == "MISUSE"
    assert verdict_of(datetime.date(2001, 1, 1), together=True) == "MISUSE"


KEYS = {
    "good": Relationship("public.children", ("parent",), "public.parents", ("id",)),
    "bad": Relationship("public.others", ("id",), "public.parents", ("id",)),
    "mistyped": Relationship("public.others", ("note",), "public.parents", ("id",)),
    "gone": Relationship("public.others", ("id",), "public.never", ("id",)),
}


@pytest.fixture
def with_orphans(database):
    execute(database, *TABLES, "INSERT INTO others VALUES (8, 'x')")
    return database


def test_one_key_that_cannot_be_asked_about_hides_no_other(with_orphans):
    found = []
    with reader(with_orphans) as view:
        orphans = Orphans(view, KEYS)
        orphans.begin()
        assert len({id(each) for each in orphans._asked.values()}) == 2, "three together, and what is gone alone"  # noqa: SLF001
        with pytest.raises(Inconclusive) as untold:
            found.extend(orphans.of(EVERYTHING))

    assert [each.subject for each in found] == ["bad"]
    assert "public.never" in str(untold.value)
    assert "cannot be compared" in str(untold.value)


def test_a_locked_table_hides_no_key_of_others(with_orphans):
    found = []
    with psycopg.connect(with_orphans) as holder, reader(with_orphans, lock_timeout=0.2) as view:
        orphans = Orphans(view, {name: KEYS[name] for name in ("good", "bad")})
        view.ask(lambda connection: connection.execute(b"SELECT 1").fetchall())
        orphans._of_small_tables = lambda: ["bad", "good"]  # noqa: SLF001 (it is locked once their sizes are known)
        holder.execute("LOCK TABLE children IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Inconclusive, match="children"):
            found.extend(orphans.of(EVERYTHING))

    assert [each.subject for each in found] == ["bad"]
