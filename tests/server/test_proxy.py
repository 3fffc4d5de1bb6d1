"""The proxy between a tool and the server: it counts what is sent, and changes nothing, but where it is told to cut."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import psycopg
import pytest

from fixtures.waiting import within
from rollproof.rehearsal.proxy.frames import KEPT, Frames, message
from rollproof.rehearsal.proxy.proxy import Proxy
from rollproof.rehearsal.proxy.sent import Cut

LONG = "x" * (3 * KEPT)


def rows(url, table="t"):
    with psycopg.connect(url) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def said(proxy):
    return [(each.text, each.tag) for each in proxy.sent]


@pytest.fixture
def table(database):
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (number int PRIMARY KEY, word text)")
    return database


def send_in_every_way(url):
    with psycopg.connect(url) as tool:
        tool.execute("INSERT INTO t VALUES (%s, %b)", [1, None])
        with tool.cursor().copy("COPY t FROM STDIN") as rows_in:
            for number in range(2, 1000):
                rows_in.write_row((number, "x" * 300))
        with tool.cursor().copy("COPY t TO STDOUT") as rows_out:
            assert sum(1 for _ in rows_out.rows()) == 999
        with pytest.raises(psycopg.errors.DivisionByZero), tool.transaction():
            tool.execute("SELECT 1/0")
        with tool.pipeline():
            for number in (2000, 2001):
                tool.execute("INSERT INTO t VALUES (%b, %s)", [number, LONG])
    with psycopg.connect(url, autocommit=True) as tool:
        tool.execute(f"SELECT '{LONG}'; DELETE FROM t WHERE number < 3")


@pytest.mark.promise
def test_every_way_to_send_a_statement_is_counted_and_nothing_is_changed(table):
    with Proxy(table) as proxy:
        send_in_every_way(proxy.url)

    assert rows(table) == 999
    assert said(proxy)[1:10] == [
        ("INSERT INTO t VALUES ($1, $2)", "INSERT 0 1"),
        ("COPY t FROM STDIN", "COPY 998"),
        ("COPY t TO STDOUT", "COPY 999"),
        ('SAVEPOINT "_pg3_1"', "SAVEPOINT"),
        ("SELECT 1/0", ""),
        ('ROLLBACK TO "_pg3_1"', "ROLLBACK"),
        ('RELEASE "_pg3_1"', "RELEASE"),
        ("INSERT INTO t VALUES ($1, $2)", "INSERT 0 1"),
        ("INSERT INTO t VALUES ($1, $2)", "INSERT 0 1"),
    ]
    assert proxy.sent[1].parameters == ("1", None)
    assert (proxy.sent[5].error, proxy.sent[5].before, proxy.sent[5].after) == ("division by zero", "open", "failed")
    assert proxy.sent[9].parameters[0] == "2001"
    assert proxy.sent[-1].tag == "SELECT 1; DELETE 2"
    assert len(proxy.sent[-1].text) < KEPT
    assert {each.number for each in proxy.sent} == set(range(1, len(proxy.sent) + 1))
    assert proxy.connections == 2


def test_a_query_can_be_cancelled_by_way_of_it(table):
    with Proxy(table) as proxy, psycopg.connect(proxy.url) as tool, ThreadPoolExecutor() as beside:
        asleep = beside.submit(tool.execute, "SELECT pg_sleep(60)")
        within(30, partial(rows, table, "pg_stat_activity WHERE wait_event = 'PgSleep'"))  # sooner, it would be lost
        tool.cancel_safe()
        with pytest.raises(psycopg.errors.QueryCanceled):
            asleep.result(30)


def insert(tool, number, way):
    """Insert a row, by this way to send a statement."""
    if way == "simple":
        tool.execute(f"INSERT INTO t VALUES ({number})")
    elif way == "extended":
        tool.execute("INSERT INTO t VALUES (%s)", [number])
    else:
        with tool.pipeline():
            tool.execute("INSERT INTO t VALUES (%s)", [number])


def ended(url, *work):
    """Do some work in a session, each part in a transaction of its own; return the error that it ended with."""
    with pytest.raises(psycopg.OperationalError) as error:  # noqa: PT012 (where it comes is not said)
        tool = psycopg.connect(url, autocommit=True)
        for each in work:
            each(tool)
    return error.value


@pytest.mark.parametrize(
    ("cut", "left"), [(Cut(2, "before"), 1), (Cut(2, "after"), 2), (Cut(4, "after"), 4), (Cut(5, "before"), 4)]
)
@pytest.mark.parametrize("way", ["simple", "extended", "pipeline"])
def test_a_cut_comes_before_a_statement_or_after_it_was_done(table, cut, left, way):
    """Then the tool can come no more."""
    with Proxy(table, cut) as proxy:
        ended(proxy.url, *(partial(insert, number=number, way=way) for number in range(9)))
        assert "refused" in str(ended(proxy.url))

    assert rows(table) == left
    assert len(proxy.sent) == cut.number


def test_a_commit_whose_answer_is_lost_is_done(table):
    with Proxy(table, Cut(3, "after")) as proxy:
        ended(proxy.url, lambda tool: [tool.execute(each) for each in ("BEGIN", "INSERT INTO t VALUES (1)", "COMMIT")])

    assert (rows(table), said(proxy)[2]) == (1, ("COMMIT", "COMMIT"))


def test_what_was_sent_in_one_go_with_the_last_statement_is_not_done(table):
    """They are one transaction, which then never ends."""

    def in_one_go(tool):
        with tool.pipeline():
            for number in range(5):
                tool.execute("INSERT INTO t VALUES (%s)", [number])

    with Proxy(table, Cut(2, "after")) as proxy:
        ended(proxy.url, in_one_go)

    assert rows(table) == 0


def test_a_killed_process_leaves_an_index_half_built_and_the_tool_may_come_again(table):
    work = [
        partial(insert, number=1, way="simple"),
        lambda tool: tool.execute("CREATE INDEX CONCURRENTLY i ON t (word)"),
    ]
    with Proxy(table, Cut(2, "kill")) as proxy:
        assert ended(proxy.url, *work).sqlstate == "57P01"
        with psycopg.connect(proxy.url) as again:
            found = again.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'i'::regclass").fetchone()

    assert found == (False,)


def test_what_the_server_still_does_when_the_tool_has_gone_is_waited_for_and_ended(table, monkeypatch):
    """A state that is looked at afterwards does not change under our eyes."""
    for patience, statement, left in (
        (60.0, "INSERT INTO t SELECT 1 FROM pg_sleep(0.5)", 1),
        (0.3, "SELECT pg_sleep(600)", 1),
    ):
        monkeypatch.setattr("rollproof.rehearsal.proxy.proxy.PATIENCE", patience)
        with Proxy(table) as proxy:
            tool = psycopg.connect(proxy.url, autocommit=True)
            tool.pgconn.send_query(statement.encode())
            within(30, lambda: proxy.sent)
            tool.close()
        with psycopg.connect(table) as connection:
            others = connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'"
            ).fetchone()
        assert (rows(table), others) == (left, (1,))


def test_psql_gets_every_row_of_a_copy_and_a_script(table, server, tmp_path):
    """A client that is not ours: it asks for TLS first, and sends a file statement by statement."""
    if server.bindir is None:
        pytest.skip("no psql here")
    script = tmp_path / "up.sql"
    script.write_text("BEGIN;\n\\copy t (number) FROM PROGRAM 'seq 1 20000'\nCOMMIT;\n")
    with Proxy(table) as proxy:
        subprocess.run([server.bindir / "psql", "-Xqf", script, proxy.url], check=True)

    assert rows(table) == 20000
    assert [each.tag for each in proxy.sent] == ["BEGIN", "COPY 20000", "COMMIT"]


@pytest.mark.parametrize("step", [1, 3, 7, 1000, 1 << 20])
def test_messages_are_found_in_whatever_pieces_they_come(step):
    stream = (
        message(b"Q", b"select 1\0")
        + message(b"d", b"Q" * 100) * 3
        + message(b"Q", b"y" * (KEPT + 50))
        + message(b"S", b"")
    )
    frames = Frames(frozenset(b"QS"))
    found = [each for at in range(0, len(stream), step) for each in frames.feed(stream[at : at + step])]

    assert b"".join(raw for _, _, raw in found) == stream
    assert [(letter, body[:8]) for letter, body, _ in found if letter] == [(81, b"select 1"), (81, b"y" * 8), (83, b"")]
