"""--unread-if-untouched: whatever is done to a database, a table that is said to be untouched has the bytes of the baseline.

The witness is COPY, on the two snapshots. With page headers (a superuser, pageinspect) and by the server's counters alone.
"""

import itertools
import os
import random
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.every import every
from fixtures.readers import reader
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

GROUND = """
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE pair AS (a int, b int);
CREATE DOMAIN feeling AS mood;
CREATE TABLE plain (i int PRIMARY KEY, t text, n int);
INSERT INTO plain SELECT i, i::text, i % 7 FROM generate_series(1, 500) AS i;
CREATE TABLE child (i int PRIMARY KEY, p int REFERENCES plain ON DELETE CASCADE);
INSERT INTO child SELECT i, i FROM generate_series(1, 300) AS i;
CREATE TABLE wide (i int, t text);
ALTER TABLE wide ALTER t SET STORAGE EXTERNAL;
INSERT INTO wide SELECT i, repeat('x', 3000) FROM generate_series(1, 40) AS i;
CREATE TABLE parts (i int) PARTITION BY RANGE (i);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (100) TO (200);
INSERT INTO parts SELECT generate_series(1, 199);
CREATE TABLE moods AS SELECT 'sad'::mood AS m, 'sad'::feeling AS f;
CREATE TABLE pairs AS SELECT ROW(1, 2)::pair AS p, ARRAY[ROW(3, 4)::pair] AS ps;
CREATE TABLE named AS SELECT 'plain'::regclass AS r;
CREATE UNLOGGED TABLE fleeting AS SELECT 1 AS i;
CREATE TABLE spare (i int);
CREATE TABLE alone AS SELECT i FROM generate_series(1, 50) AS i;
CREATE MATERIALIZED VIEW seen AS SELECT i, t FROM plain WHERE i < 9;
CREATE UNIQUE INDEX ON seen (i);
CREATE EXTENSION pageinspect;
VACUUM ANALYZE;
"""

# What may happen, each as statements of one session, and the tables that must be read afterwards.
CHANGES = {
    "a row added": "INSERT INTO plain VALUES (-{n}, 'new', 0)",
    "a row changed": "UPDATE plain SET t = 'y{n}' WHERE i = 1 + {n} % 500",
    "a row removed": "DELETE FROM child WHERE i = 1 + {n} % 300",
    "a row removed, and what refers to it": "DELETE FROM plain WHERE i = 1 + {n} % 500",
    "as many rows, another": "DELETE FROM spare; INSERT INTO spare VALUES ({n})",
    "only a large value": "UPDATE wide SET t = repeat('{n}', 3000) WHERE i = 1 + {n} % 40",
    "a large value and back": "UPDATE wide SET t = 'z' WHERE i = 3; UPDATE wide SET t = repeat('x', 3000) WHERE i = 3",
    "into a partition": "INSERT INTO parts VALUES ({n} % 200)",
    "from one partition to another": "UPDATE parts SET i = 150 WHERE i = 1 + {n} % 99",
    "nothing at all": "UPDATE plain SET t = 'x' WHERE false",
    "read": "SELECT count(*) FROM plain; SELECT count(*) FROM wide",
    "rolled back": "BEGIN; UPDATE plain SET t = 'z'; DELETE FROM alone; ROLLBACK",
    "in a savepoint": "BEGIN; SAVEPOINT s; UPDATE plain SET t = '{n}' WHERE i = 9; RELEASE s; COMMIT",
    "a savepoint rolled back": "BEGIN; SAVEPOINT s; DELETE FROM alone; ROLLBACK TO s;"
    " INSERT INTO alone VALUES ({n}); COMMIT",
    "emptied": "TRUNCATE spare",
    "emptied and filled": "BEGIN; CREATE TEMP TABLE k ON COMMIT DROP AS TABLE alone; TRUNCATE alone;"
    " INSERT INTO alone TABLE k; COMMIT",
    "emptied in vain": "BEGIN; INSERT INTO alone VALUES (9); TRUNCATE alone; INSERT INTO alone VALUES ({n}); ROLLBACK",
    "written anew": "VACUUM FULL alone",
    "clustered": "CLUSTER plain USING plain_pkey",
    "vacuumed": "VACUUM plain; VACUUM child; VACUUM wide",
    "frozen": "VACUUM FREEZE plain",
    "analysed": "ANALYZE",
    "a checkpoint": "CHECKPOINT",
    "locked": "BEGIN; SELECT * FROM plain WHERE i = 5 FOR UPDATE; COMMIT",
    "as a replica": "SET session_replication_role = replica; DELETE FROM plain WHERE i = 1 + {n} % 500",
    "a type and back": "ALTER TABLE plain ALTER n TYPE bigint; ALTER TABLE plain ALTER n TYPE int",
    "a column dropped and added": "ALTER TABLE pairs ADD x int DEFAULT {n}; ALTER TABLE pairs DROP x;"
    " ALTER TABLE pairs ADD x int DEFAULT 5",
    "a label renamed": "ALTER TYPE mood RENAME VALUE 'sad' TO 'blue'; ALTER TYPE mood RENAME VALUE 'glad' TO 'sad'",
    "a field dropped and added": "ALTER TYPE pair DROP ATTRIBUTE a; ALTER TYPE pair ADD ATTRIBUTE a int",
    "two tables change names": "ALTER TABLE spare RENAME TO other;"
    " ALTER TABLE alone RENAME TO spare; ALTER TABLE other RENAME TO alone",
    "made anew": "DROP TABLE spare; CREATE TABLE spare (i int)",
    "another table of its name": "ALTER TABLE plain RENAME TO was; ALTER TABLE was RENAME TO plain",
    "named otherwise": "ALTER TABLE child RENAME TO kid; ALTER TABLE kid RENAME TO child",
    "refreshed": "REFRESH MATERIALIZED VIEW seen",
    "refreshed beside": "REFRESH MATERIALIZED VIEW CONCURRENTLY seen",
    "a grant": "GRANT SELECT ON plain TO pg_monitor; REVOKE SELECT ON plain FROM pg_monitor",
    "an index": "CREATE INDEX ON alone (i)",
    "fleeting": "UPDATE fleeting SET i = {n}",
    "merged": "INSERT INTO plain VALUES (7, 'q', {n}) ON CONFLICT (i) DO UPDATE SET n = excluded.n",
    "prepared": "BEGIN; UPDATE plain SET t = 'p{n}' WHERE i = 7; PREPARE TRANSACTION 'p{n}'; COMMIT PREPARED 'p{n}'",
    "in a procedure": "DO $$ BEGIN FOR k IN 1..3 LOOP UPDATE alone SET i = i + {n} WHERE i = k; COMMIT; END LOOP; END $$",
    "copied in": "COPY",
    "counters reset": "UPDATE plain SET n = {n} WHERE i = 4; SELECT pg_stat_reset()",
    "a table's counters reset": "DELETE FROM alone; SELECT pg_stat_reset_single_table_counters('alone'::regclass)",
    "all counters reset": "SELECT pg_stat_reset(); SELECT pg_stat_reset_shared('archiver')",
}
TELLING = (
    "prepared",
    "a label renamed",
    "a field dropped and added",
    "two tables change names",
    "a table's counters reset",
)
"""Those that each need another part of the proof; the schedules have the others, too."""
BEHIND = "SET track_counts = off; UPDATE alone SET i = {n} WHERE i = 1 + {n} % 50"
"""What a superuser's session can do: no counter tells."""

TABLES = (
    "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'm') AND oid >= 16384 AND relpersistence <> 't'"
)
_NUMBERS = itertools.count(1)


def running_number():
    return next(_NUMBERS)


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


def play(url, script):
    with psycopg.connect(url, autocommit=True) as connection:
        obey(connection, script)


def obey(connection, script):
    for statement in filter(str.strip, script.split(";") if "$$" not in script else [script]):
        if statement == "COPY":
            with connection.cursor().copy("COPY alone (i) FROM STDIN") as copy:
                copy.write("77\n78\n")
        else:
            connection.execute(statement)


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


class Schedule:
    """What takes place, by a seed: statements in sessions of their own, in two that stay, in transactions left open or prepared."""

    def __init__(self, url, seed, behind):
        self._chosen = random.Random(seed)  # noqa: S311 (a test's schedule)
        self._url = url
        self._changes = [*CHANGES.values(), *([BEHIND] if behind else [])]
        self._stay = [self._session() for _ in range(2)]
        self._open = []
        self._prepared = []
        self.told = []

    def _session(self):
        connection = psycopg.connect(self._url, autocommit=True)
        connection.execute("SET lock_timeout = '50ms'")
        return connection

    def steps(self, most):
        for _ in range(self._chosen.randint(0, most)):
            step = self._chosen.choice(
                [
                    self._alone,
                    self._alone,
                    self._alone,
                    self._staying,
                    self._begin,
                    self._end,
                    self._prepare,
                    self._finish,
                ]
            )
            script = self._chosen.choice(self._changes).format(n=running_number())
            self.told.append((step.__name__, script))
            with suppress(psycopg.Error):  # as where somebody else has a lock
                step(script)

    def _alone(self, script):
        with self._session() as connection:
            obey(connection, script)

    def _staying(self, script):
        connection = self._chosen.choice(self._stay)
        try:
            obey(connection, script)
        except psycopg.Error:
            connection.execute("ROLLBACK")
            raise

    def _begin(self, _):
        connection = self._session()
        self._open.append(connection)
        connection.execute("BEGIN")
        obey(
            connection,
            self._chosen.choice(
                [CHANGES["a row changed"], CHANGES["only a large value"], "UPDATE alone SET i = i + {n} WHERE i = 4"]
            ).format(n=running_number()),
        )

    def _end(self, _):
        if self._open:
            with self._open.pop(self._chosen.randrange(len(self._open))) as connection:
                connection.execute(self._chosen.choice(["COMMIT", "COMMIT", "ROLLBACK"]))

    def _prepare(self, _):
        name = f"later{running_number()}"
        with self._session() as connection:
            obey(
                connection,
                f"BEGIN; UPDATE wide SET i = {running_number()} WHERE i = {running_number()} % 40; PREPARE TRANSACTION '{name}'",
            )
        self._prepared.append(name)

    def _finish(self, _):
        if self._prepared:
            with self._session() as connection:
                connection.execute(
                    f"{self._chosen.choice(['COMMIT', 'COMMIT', 'ROLLBACK'])} PREPARED '{self._prepared.pop()}'"
                )

    def close_all(self):
        """End all sessions, which lets those tell what they wrote that are not read yet."""
        for connection in (*self._stay, *self._open):
            connection.close()

    def forget(self):
        self.close_all()
        for name in self._prepared:
            with self._session() as connection:
                connection.execute(f"ROLLBACK PREPARED '{name}'")


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
