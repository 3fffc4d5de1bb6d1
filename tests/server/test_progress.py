"""Who waits for scans sees how far they are: a line that changes on a terminal, lines about large tables in a log."""

import io
import time
from contextlib import suppress
from types import SimpleNamespace

import psycopg
from _pytest.terminal import TerminalReporter

from reports import progress
from reports.progress import LARGE, Watcher, sentence
from rollproof.content import Contents, Progress
from rollproof.relations import relations
from rollproof.session import Limits, Target, View


class Terminal(io.StringIO):
    """Where a terminal would be."""

    def isatty(self):
        return True


def test_a_person_at_a_terminal_sees_how_far_the_scans_are(database, pytestconfig, monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", 0.1)
    with psycopg.connect(database, autocommit=True) as connection:
        for name in ("first", "second"):
            connection.execute(f"CREATE TABLE {name} AS SELECT i FROM generate_series(1, 100000) i; ANALYZE {name}")
    view = View(Target.parse(database), Limits(jobs=1, lock_timeout=30))
    contents = Contents(view, view.ask(lambda connection: relations(connection, ["public"])))
    terminal = Terminal()
    plugins = {
        "terminalreporter": TerminalReporter(pytestconfig, terminal),
        "rollproof-sides": SimpleNamespace(opened=SimpleNamespace(after=contents, before=None, copies=None)),
    }
    watcher = Watcher(SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=plugins.get)), lambda text: text)
    loop, call = watcher.pytest_runtestloop(), watcher.pytest_runtest_call()
    next(loop)
    next(call)
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE second")
        contents.begin()
        while "about" not in terminal.getvalue():
            time.sleep(0.05)
    assert contents.of("public.second").rows == 100000
    for ended in (call, loop):
        with suppress(StopIteration):
            next(ended)
    view.close()

    assert "\rread 0.00 GB of 0.01 GB, " in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")  # the line is gone


def test_a_log_gets_one_line_per_large_table():
    lines = []
    reporter = SimpleNamespace(isatty=False, write_line=lines.append)
    config = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda _: reporter))
    watcher = Watcher(config, lambda text: text)
    for _ in range(2):
        watcher._show(Progress(LARGE, 4 * LARGE, {"public.big": LARGE, "public.small": 1}))  # noqa: SLF001 (what the thread does)

    assert len(lines) == 1
    assert lines[0].startswith("rollproof: public.big is read, 0.27 GB; read 0.27 GB of 1.07 GB, ")


def test_the_pace_tells_how_long_the_rest_will_take():
    assert sentence(Progress(10**9, 3 * 10**9, {}), 5) == "read 1.00 GB of 3.00 GB, 200 MB/s, about 10 s left"
    assert sentence(Progress(10**9, 3 * 10**9, {}, 0.8), 5).endswith("10 s left, gently: 80% of the time are rests")
    assert sentence(Progress(0, 10**9, {}), 5) == "read 0.00 GB of 1.00 GB"
