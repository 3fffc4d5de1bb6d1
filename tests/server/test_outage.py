"""The outage forecast: how much of production would wait, by two looks at its counters."""

import threading
import time

import psycopg
import pytest

from rollproof.model.errors import Inconclusive
from rollproof.rehearsal.costs.figures import Figures, TableLock
from rollproof.rehearsal.costs.forecast import forecasts
from rollproof.rehearsal.costs.traffic import Rates, Traffic, looked
from rollproof.server.connection import Target
from rollproof.server.transactions import Limits

MB = 1_000_000


def application(url: str) -> None:
    """Read and write after a moment."""
    time.sleep(0.3)
    with psycopg.connect(url) as connection:  # a session tells its counts when it ends
        for _ in range(50):
            connection.execute('SELECT * FROM "Orders"')
        connection.execute('UPDATE "Orders" SET id = 3')


def test_two_looks_tell_what_is_read_and_written(database: str):
    """Per second, by table; a database in which nothing happens tells nothing."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            'CREATE TABLE "Orders" (id int); CREATE TABLE idle (id int); INSERT INTO "Orders" VALUES (1), (2)'
        )
        while connection.execute("SELECT sum(n_tup_ins) FROM pg_stat_user_tables").fetchone() != (2,):
            time.sleep(0.05)  # the server counts behind
    with pytest.raises(Inconclusive, match=r"nothing was read or written .* look longer"):
        looked(Target.parse(database), 0.01, Limits())

    (busy := threading.Thread(target=application, args=(database,))).start()
    found = looked(Target.parse(database), 1.2, Limits())
    busy.join()

    assert found.tables['public."Orders"'].reads * found.seconds == pytest.approx(
        51
    )  # the update looks for its rows, too
    assert found.tables['public."Orders"'].writes * found.seconds == pytest.approx(2)
    assert found.tables["public.idle"] == Rates(0, 0, 0)


@pytest.mark.parametrize(
    ("lock", "rates", "told"),
    [
        (
            TableLock("t", "ACCESS EXCLUSIVE", 4, 4.0, 4.0, 100 * MB),
            Rates(225.4, 10, 1000 * MB),
            (
                "while it migrates: t cannot be read or written for about 40 s, some 9,000 reads and writes of 400 rows wait"
                " (it took 4.0 s here; 100.0 MB here, 1,000.0 MB in production)"
            ),
        ),
        (
            TableLock("t", "SHARE", 4, 0.0, 4.0, 100 * MB),
            Rates(1, 0.5, 101 * MB),
            "while it migrates: t cannot be written for about 4.0 s, some writes of 2 rows wait",
        ),
        (
            TableLock("t", "ACCESS EXCLUSIVE", 0, 0.0, 0.0, 8192),
            Rates(1, 1, 1000 * MB),
            (
                "while it migrates: t is too small here to tell how long it would be locked"
                " (it took 0.0 s; 0.0 MB here, 1,000.0 MB in production)"
            ),
        ),
        (
            TableLock("t", "ACCESS EXCLUSIVE", 4, 4.0, 4.0, 8192),
            Rates(0, 0.1, 8192),
            "while it migrates: t cannot be read or written for about 4.0 s, but hardly anybody used it while we looked",
        ),
        (TableLock("t", "ACCESS EXCLUSIVE", 0.05, 0.05, 0.05, 8192), Rates(9, 9, 16384), None),
        (TableLock("t", "ROW EXCLUSIVE", 9, 0.0, 0.0, 8192), Rates(9, 9, 1000 * MB), None),
        (TableLock("only_here", "ACCESS EXCLUSIVE", 9, 9, 9, 8192), Rates(9, 9, 8192), None),
    ],
    ids=[
        "larger there",
        "alike",
        "too small to tell",
        "nobody waits",
        "nobody notices",
        "stops nobody",
        "production has none",
    ],
)
def test_a_forecast_says_who_waits_and_what_was_scaled(lock: TableLock, rates: Rates, told: str | None):
    """By size, where there is enough to go by."""
    found = forecasts("it migrates", Figures(locks=(lock,)), Traffic(10, {"t": rates}))

    assert [each.sentence for each in found] == ([told] if told else [])
