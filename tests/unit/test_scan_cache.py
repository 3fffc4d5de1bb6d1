"""What an earlier run kept of its scans is believed only so far."""

import os

import msgspec
import pytest

from rollproof.model.errors import Misuse
from rollproof.rows.scan_cache import FILE, ScanCache


def test_the_reports_folder_is_believed_only_so_far(tmp_path):
    """Of what an earlier run left, lines that are none are not read; what is no file is refused."""
    line = {
        "anchor": {"identity": "a", "snapshot": "7:9:", "taken": "t", "standby": False},
        "rows": 1,
        "fingerprint": "i3:-3",
    }
    wrong = [
        {**line, "fingerprint": "x"},
        {**line, "anchor": {**line["anchor"], "snapshot": "7"}},
        {**line, "rows": "many"},
        [],
    ]
    lines = [*map(msgspec.json.encode, wrong), b"[" * 200_000, b"\xff", b""]
    (tmp_path / FILE).write_bytes(b"\n".join(lines))
    assert ScanCache(tmp_path / FILE, resume=True).line("a") is None
    (tmp_path / FILE).write_bytes(b"\n".join([*lines, msgspec.json.encode(line)]))
    assert ScanCache(tmp_path / FILE, resume=True).line("a").rows == 1

    (tmp_path / FILE).unlink()
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(Misuse, match="it is a pipe"):
        ScanCache(tmp_path / FILE, resume=True)
