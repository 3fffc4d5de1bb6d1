"""--unread-if-untouched: whatever is done to a database, a table that is said to be untouched has the bytes of the baseline.

The witness is COPY, on the two snapshots. With page headers (a superuser, pageinspect) and by the server's counters alone.
"""

import os
import signal
import time
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.every import every
from fixtures.readers import reader
from fixtures.schedules import BEHIND, CHANGES, GROUND, TELLING, Schedule, play, running_number
from rollproof.commands.taken import take
from rollproof.rows.footprints import counted
from rollproof.rows.scan import scan
from rollproof.rows.tables import relations
from rollproof.rows.unreported import moment
from rollproof.rows.untouched import Counts, Untouched
from rollproof.server.reader import Limits, Target
from rollproof.settings.options import Settings
from rollproof.throwaway.servers.provide import provide

SCHEDULES = int(os.environ.get("ROLLPROOF_SCHEDULES", "8"))

TABLES = (
    "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'm') AND oid >= 16384 AND relpersistence <> 't'"
)


@pytest.fixture(scope="module")
def running(pytestconfig):
    where = pytestconfig.option.rollproof_server or os.environ.get("ROLLPROOF_SERVER") or "auto"
    options = {"autovacuum": "off", "max_prepared_transactions": "5", "synchronous_commit": "on"}
    server = provide(where if where == "auto" or where.startswith("local") else "embedded", options)
    server.create("ground")
    play(server.dsn("ground"), GROUND)
    password = conninfo_to_dict(server.dsn("ground"))["password"]
    play(
        server.dsn("ground"),
        f"CREATE ROLE looks LOGIN PASSWORD '{password}'; GRANT pg_read_all_data, pg_monitor TO looks",
    )
    yield server
    server.stop()


@pytest.fixture
def url(running):
    running.create("untouched", "ground")
    yield running.dsn("untouched")
    running.drop("untouched")


def as_reader(url):
    return url.replace("//postgres:", "//looks:")


def copies(url, snapshot):
    """Return what COPY says of each table on a snapshot, its rows sorted."""
    told = {}
    with psycopg.connect(url) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
        for (name,) in connection.execute(TABLES).fetchall():
            with connection.cursor().copy(f"COPY (SELECT * FROM {name}) TO STDOUT") as copy:
                told[f"public.{name}"] = sorted(map(bytes, copy))
    return told


@dataclass
class Looked:
    """A baseline: what was counted and read for it, and what COPY said then."""

    counts: Counts
    copied: dict


def baseline(url, who=str):
    was = counted(Target.parse(who(url)), Limits())
    with reader(who(url)) as view:
        found = view.ask(lambda connection: relations(connection, ["public"]))
        contents = {name: view.ask(partial(scan, relation=each), reads=[each.source]) for name, each in found.items()}
        return Looked(Counts(was.epoch, was.named(found), contents), copies(url, view.snapshot))


def untouched(url, looked, who=str):
    """Return the tables that are said to be untouched, and what is said of them; demand that COPY says so, too."""
    said = []
    with reader(who(url)) as view:
        began = view.now(moment)
        found = view.ask(lambda connection: relations(connection, ["public"]))
        known = Untouched(view, looked.counts, began, said.append).of(found)
        now = copies(url, view.snapshot)
    lies = [
        name
        for name, content in known.items()
        if now[name] != looked.copied[name] or content != looked.counts.contents[name]
    ]
    assert not lies, (lies, said)
    return {name.removeprefix("public.") for name in known}, said[0]


ALL = {"plain", "child", "wide", "parts_1", "parts_2", "moods", "pairs", "spare", "alone", "seen"}
"""Those that can be untouched: `named` and `fleeting` prove nothing, and `parts` has no rows of its own."""
BY_COUNTERS = pytest.param(as_reader, id="counters")
WITNESSES = [pytest.param(str, id="pages"), BY_COUNTERS]


def by_counters(running, who):
    """Whether the counters of this server are believed at all."""
    return who is str or running.version >= 150000


@pytest.mark.parametrize("who", WITNESSES)
def test_what_nobody_wrote_to_is_untouched(running, url, who):
    looked = baseline(url, who)
    play(url, CHANGES["nothing at all"])
    known, said = untouched(url, looked, who)

    assert known == (ALL if by_counters(running, who) else set())
    assert said.startswith(
        "--unread-if-untouched: 10 of 13 tables were not read" if known else "--unread-if-untouched: all"
    )


@pytest.mark.parametrize("who", WITNESSES)
@every("change", [*CHANGES] if "ROLLPROOF_SCHEDULES" in os.environ else TELLING)
def test_after_a_change_nothing_is_untouched_that_differs(url, who, change):
    looked = baseline(url, who)
    play(url, CHANGES[change].format(n=running_number()))

    untouched(url, looked, who)


def test_what_counters_do_not_tell_pages_tell(running, url):
    """The one thing that counters do not see is named wherever they are believed."""
    looked = {who: baseline(url, who) for who in (str, as_reader)}
    play(url, BEHIND.format(n=3))

    assert untouched(url, looked[str])[0] == ALL - {"alone"}
    if running.version >= 150000:
        with pytest.raises(AssertionError, match="switched track_counts off is not counted"):
            untouched(url, looked[as_reader], as_reader)


@pytest.mark.parametrize("who", WITNESSES)
def test_what_was_under_way_at_the_baseline_counts_as_written_since(running, url, who):
    """Its pages are older than the baseline, and it may have been told not to count."""
    behind = "SET track_counts = off" if who is str else "SELECT 1"
    with psycopg.connect(url) as early, psycopg.connect(url) as later:
        for connection in (early, later):
            connection.execute(behind)
            connection.commit()
        early.execute("DELETE FROM alone WHERE i = 3")
        later.execute("UPDATE spare SET i = 1")
        looked = baseline(url, who)
        early.commit()
        later.execute("INSERT INTO spare VALUES (4)")
    known, _ = untouched(url, looked, who)

    assert known == (ALL - {"alone", "spare"} if by_counters(running, who) else set())


def test_who_may_have_something_to_tell_yet_is_not_believed_to_have_told(url):
    """A session tells at most once a second what it wrote."""
    looked = baseline(url, as_reader)
    with psycopg.connect(url, autocommit=True, application_name="the shop") as shop:
        for number in range(3):
            shop.execute(f"UPDATE alone SET i = i + {number + 1} WHERE i = 5")
        known, said = untouched(url, looked, as_reader)

    assert known == set()
    assert "(the shop) may not have told the server yet what it wrote" in said or "PostgreSQL 14 may lose" in said


def test_a_role_that_does_not_see_other_sessions_is_told_what_it_lacks(url):
    play(url, "REVOKE pg_monitor FROM looks")
    try:
        looked = baseline(url, as_reader)
        with psycopg.connect(url):
            known, said = untouched(url, looked, as_reader)
    finally:
        play(url, "GRANT pg_monitor TO looks")

    assert known == set()
    assert "GRANT pg_read_all_stats TO looks;" in said or "PostgreSQL 14 may lose" in said


def test_counters_are_read_before_the_snapshot_of_a_baseline(url):
    """Else they may count what a transaction wrote that the rows of the baseline do not have."""
    taken = take(Settings(database_url=url), {}).snapshot

    assert taken.footprints.keys() >= {f"public.{name}" for name in ALL}
    assert taken.epoch.at < datetime.fromisoformat(taken.origin.taken).timestamp()


@pytest.mark.promise
@pytest.mark.parametrize("who", WITNESSES)
def test_no_schedule_makes_a_false_untouched(running, url, who):
    """The seed and the steps are told by the failure; a schedule stands for what nobody thought of."""
    found = 0
    for seed in range(SCHEDULES):
        if seed % 8 == 7:
            running.drop("untouched")
            running.create("untouched", "ground")
        schedule = Schedule(url, seed, behind=who is str)
        try:
            schedule.steps(4)
            looked = baseline(url, who)
            schedule.steps(4)
            if seed % 2:
                schedule.close_all()
            found += len(untouched(url, looked, who)[0])
        except AssertionError as error:
            error.add_note(f"seed {seed}: {schedule.told}")
            raise
        finally:
            schedule.forget()

    assert found or not by_counters(running, who), "nothing was ever untouched: the schedules prove nothing"


def crashed(running):
    """Kill a session: the server ends all, recovers, and goes on as the process it was."""
    with psycopg.connect(running.dsn("postgres")) as victim:
        os.kill(victim.info.backend_pid, signal.SIGKILL)
    wait_for(running)


def wait_for(running):
    end = time.monotonic() + 20
    while True:
        try:
            return play(running.dsn("postgres"), "SELECT 1")
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.05)


RESTARTS = {
    "crashed": (crashed, "or it crashed"),
    "loaded again": (
        lambda running: play(running.dsn("postgres"), "SELECT pg_reload_conf(), pg_sleep(0.2)"),
        "loaded again",
    ),
    "restarted": (lambda running: running.cluster.pg_ctl("restart", "-m", "fast", "-w"), "started anew"),
    "restarted at once": (lambda running: running.cluster.pg_ctl("restart", "-m", "immediate", "-w"), "started anew"),
}


@pytest.mark.parametrize("restart", RESTARTS)
def test_after_a_restart_or_a_crash_everything_is_read(running, url, restart):
    """It throws away the counters, or somebody may have switched them off meanwhile."""
    happened, why = RESTARTS[restart]
    looked = {who: baseline(url, who) for who in (str, as_reader)}
    play(url, CHANGES["a row changed"].format(n=1))
    happened(running)

    for who in (str, as_reader):
        known, said = untouched(url, looked[who], who)
        assert not known
        assert why in said
