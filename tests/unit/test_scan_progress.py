"""Who waits for a command sees how far its scans are: a line that changes on a terminal, lines about large tables in a log."""

import io
import sys
from types import SimpleNamespace

from fixtures.waiting import within
from rollproof.commands import scan_progress
from rollproof.commands.scan_progress import LARGE, ScanProgress, Seen
from rollproof.model.redaction import Secrets
from rollproof.rows.progress import Progress
from rollproof.system.output import Door

HALF = Seen(61, 61, Progress(2 * LARGE, 4 * LARGE, {"public.big": LARGE, "public.small": 1}))
ALL = Seen(61, 61, Progress(4 * LARGE, 4 * LARGE, {"public.big": LARGE}))


def stream(*, terminal):
    """A stream behind a door, as stderr is."""
    behind = io.StringIO()
    behind.isatty = lambda: terminal
    return behind, Door(behind, Secrets(frozenset()))


def watched(monkeypatch, seen, until, *, terminal, every=60):
    monkeypatch.setattr(scan_progress, "QUIET_SECONDS", 0.01)
    monkeypatch.setattr(scan_progress, "LOOKS", 0.02)
    monkeypatch.setattr(scan_progress, "EVERY", every)
    behind, door = stream(terminal=terminal)
    monkeypatch.setattr(sys, "stderr", door)
    state = SimpleNamespace(now=seen[0])
    with ScanProgress(lambda: state.now):
        for state.now, text in zip(seen, until, strict=True):
            within(10, lambda text=text: text in behind.getvalue())
    return behind.getvalue()


def test_a_line_on_a_terminal_changes_and_is_gone_at_the_end(monkeypatch):
    told = ["connecting", "definitions 34 of 61", "0.54 of 1.1 GB read, ", "1.1 of 1.1 GB read", "waiting for "]

    shown = watched(monkeypatch, [Seen(), Seen(34, 61), HALF, ALL, ALL], told, terminal=True)

    assert "\n" not in shown
    assert shown.endswith(" \r")


def test_a_log_is_told_of_each_large_table_once(monkeypatch):
    shown = watched(monkeypatch, [HALF, ALL], ["public.big is read, 0.27 GB · 0.54 of 1.1 GB read"] * 2, terminal=False)

    assert shown.count("public.big") == 1
    assert "public.small" not in shown
    assert "\r" not in shown


def test_a_log_is_told_now_and_then_how_far_one_endless_table_is(monkeypatch):
    one = Seen(61, 61, Progress(LARGE, 400 * LARGE, {}))

    assert "rollproof: 0.27 of 107.4 GB read" in watched(monkeypatch, [one], ["GB read"], terminal=False, every=0)


def test_what_is_written_takes_the_place_of_a_drawn_line():
    behind, door = stream(terminal=True)

    door.draw("read 1 of 2")
    door.write("a replica lags\n")
    door.draw("")

    assert behind.getvalue() == "read 1 of 2\r           \ra replica lags\n"
