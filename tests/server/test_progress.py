"""Who waits for scans sees how far they are: a line that changes on a terminal, lines about large tables in a log."""

import io
from types import SimpleNamespace

import psycopg
from _pytest.terminal import TerminalReporter

from fixtures.readers import execute, reader
from fixtures.waiting import within
from rollproof.plugin import progress
from rollproof.plugin.progress import Watcher
from rollproof.plugin.stash import SIDES
from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations


class Terminal(io.StringIO):
    """Where a terminal would be."""

    def isatty(self):
        return True


def watching(opened, reporter):
    """Return a watcher of these two sides that prints by this reporter."""
    manager = SimpleNamespace(get_plugin={"terminalreporter": reporter}.get)
    stash = {SIDES: SimpleNamespace(opened=opened)}
    return Watcher(SimpleNamespace(pluginmanager=manager, stash=stash), lambda text: text)


def test_a_person_at_a_terminal_sees_how_far_the_scans_are(database, pytestconfig, monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.1)
    for name in ("first", "second"):
        execute(database, f"CREATE TABLE {name} AS SELECT i FROM generate_series(1, 100000) i", f"ANALYZE {name}")
    view = reader(database, jobs=1, lock_timeout=30)
    contents = Scanner(view, view.ask(lambda connection: relations(connection, ["public"])))
    terminal = Terminal()
    watcher = watching(
        SimpleNamespace(views=(view,), progress=contents.progress), TerminalReporter(pytestconfig, terminal)
    )
    loop, call = watcher.pytest_sessionstart(), watcher.pytest_runtest_call()
    assert (next(loop), next(call)) == (None, None)
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE second")
        contents.begin()
        within(60, lambda: "about" in terminal.getvalue())
    assert contents.of("public.second").rows == 100000
    assert [next(ended, "over") for ended in (loop, call)] == ["over"] * 2
    watcher.pytest_sessionfinish()
    view.close()

    assert "\r0.00 of 0.01 GB read, " in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")  # the line is gone
