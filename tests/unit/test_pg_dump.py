"""What pg_dump prints is what it says, whatever the system puts at the ends of lines."""

from rollproof.catalog import pg_dump


def test_on_windows_carriage_returns_before_line_ends_are_the_systems(monkeypatch):
    """One that stood in a function's body stays."""
    monkeypatch.setattr(pg_dump.os, "linesep", "\r\n")

    assert pg_dump.as_printed(b"a\r\nb\r\r\nc") == b"a\nb\r\nc"
    monkeypatch.undo()
    assert pg_dump.as_printed(b"a\nb\r\nc") == b"a\nb\r\nc"
