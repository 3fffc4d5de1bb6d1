"""How far the scans are: one line per large table in a log, and the time that is left."""

from types import SimpleNamespace

from rollproof.commands.scan_progress import LARGE, sentence
from rollproof.plugin.progress import Watcher
from rollproof.rows.scanner import Progress


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
