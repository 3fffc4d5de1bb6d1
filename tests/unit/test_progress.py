"""How far the scans are: one line per large table in a log, and the time that is left."""

from types import SimpleNamespace

from rollproof.commands.scan_progress import LARGE, Seen, sentence
from rollproof.plugin.progress import Watcher
from rollproof.rows.progress import Progress


def test_a_log_gets_one_line_per_large_table():
    lines = []
    reporter = SimpleNamespace(isatty=False, write_line=lines.append)
    config = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin=lambda _: reporter))
    watcher = Watcher(config, lambda text: text)
    for _ in range(2):
        watcher._show(Seen(61, 61, Progress(LARGE, 4 * LARGE, {"public.big": LARGE, "public.small": 1})))  # noqa: SLF001 (what the thread does)

    assert len(lines) == 1
    assert lines[0].startswith("rollproof: public.big is read, 0.27 GB · 0.27 of 1.1 GB read, ")


def test_the_pace_tells_how_long_the_rest_will_take():
    assert sentence(Progress(10**9, 3 * 10**9, {}), 5) == "1.0 of 3.0 GB read, 200 MB/s, about 10 s left"
    assert sentence(Progress(10**9, 3 * 10**9, {}, 0.8), 5).endswith("10 s left, gently: 80% of the time are rests")
    assert sentence(Progress(0, 10**9, {}), 5) == "0.00 of 1.0 GB read"
