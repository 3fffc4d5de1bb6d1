"""The timeline of an incident: nothing in it can be changed unseen, and nothing that tears it is passed over in silence."""

import json
import os
import resource
import signal
import subprocess
import sys

import pytest

from rollproof.incident import timeline
from rollproof.model.errors import Misuse
from rollproof.model.event import TORN, Event
from rollproof.system.files import is_open_to_others

TEXTS = ("logins fail", "roll back", "all well")
WRITER = """
import sys
from pathlib import Path
from rollproof.incident import timeline
from rollproof.model.event import Event

folder = Path(sys.argv[1])
for number in range(20):
    with timeline.turn(folder):
        timeline.append(folder, Event("note", "note", text=f"{sys.argv[2]} {number}"))
"""


def add(folder, *texts, kind="note"):
    for text in texts:
        with timeline.turn(folder):
            timeline.append(folder, Event(kind, kind, text=text))


def texts(folder):
    return [entry.event.text for entry in timeline.read(folder)]


@pytest.fixture
def file(tmp_path):
    """The file of a timeline with three entries."""
    add(tmp_path, *TEXTS)
    return tmp_path / timeline.FILE


def test_what_was_entered_is_read_in_order(file):
    entries = timeline.read(file.parent)

    assert [(each.number, each.event.text) for each in entries] == [*enumerate(TEXTS, 1)]
    assert [each.previous for each in entries] == ["", *(each.sha256 for each in entries[:-1])]
    assert timeline.chain(file.parent).head == entries[-1].sha256


def test_others_cannot_read_it(file):
    assert is_open_to_others(file.stat()) is False


def changed(lines):
    return [lines[0].replace(b"logins fail", b"logins work"), *lines[1:]]


def resealed(lines):
    """Return the lines of somebody who knows how entries are sealed, and seals a changed one again."""
    entry = json.dumps(json.loads(lines[1])["entry"] | {"by": "Mallory"}).encode()
    return [lines[0], b'{"format":1,"sha256":"%s","entry":%s}' % (timeline._seal(entry).encode(), entry), lines[2]]  # noqa: SLF001


TAMPERED = {
    "changed": (changed, "line 1 is not what was sealed (its SHA-256 does not match)"),
    "sealed again": (resealed, "line 3 does not follow from the entry before it"),
    "taken away": (lambda lines: [lines[0], lines[2]], "line 2 does not follow from the entry before it"),
    "the first is gone": (lambda lines: lines[1:], "line 1 does not follow from the entry before it"),
    "reordered": (lambda lines: [lines[1], lines[0], lines[2]], "line 1 does not follow from the entry before it"),
    "twice": (lambda lines: [lines[0], *lines], "line 2 does not follow from the entry before it"),
    "something between": (lambda lines: [lines[0], b"holiday", *lines[1:]], "line 2 is no entry"),
    "cut in the middle": (lambda lines: [lines[0], lines[1][:90], lines[2]], "line 2 is no entry"),
    "the last is changed": (
        lambda lines: [*lines[:2], lines[2].replace(b"well", b"lost")],
        "line 3 is not what was sealed",
    ),
    "none is left": (lambda lines: [b"holiday" for _ in lines], "line 3 is no entry"),
    "another key": (
        lambda lines: [lines[0], lines[1].replace(b'"by"', b'"me"'), lines[2]],
        "line 2 is not what was sealed",
    ),
}


@pytest.mark.promise
@pytest.mark.parametrize("how", TAMPERED)
def test_a_change_is_found_and_nothing_is_added_to_it(how, file):
    change, told = TAMPERED[how]
    file.write_bytes(b"\n".join([*change(file.read_bytes().splitlines()), b""]))
    before = file.read_bytes()

    with pytest.raises(timeline.NoEntry, match="was changed: ") as caught:
        add(file.parent, "more")

    assert told in str(caught.value)
    assert file.read_bytes() == before


@pytest.mark.parametrize("left", [b'{"format":1,"sha', b"\0\0\0\0", b"{}", b'{"x\n\0\0'])
def test_a_torn_line_is_said_and_gone_on_from(left, file):
    file.write_bytes(file.read_bytes() + left)

    assert timeline.chain(file.parent).torn == left
    assert texts(file.parent) == [*TEXTS]

    add(file.parent, "more")
    entries = timeline.read(file.parent)
    assert [each.event.text for each in entries[:3]] == [*TEXTS]
    assert entries[3].event.what == TORN
    assert f"({len(left)} bytes)" in entries[3].event.text
    assert entries[4].event.text == "more"
    assert left in file.read_bytes()

    lines = file.read_bytes().splitlines()
    file.write_bytes(b"\n".join([*lines[:3], b"holiday", *lines[-2:], b""]))
    with pytest.raises(timeline.NoEntry, match="line 4 is no entry"):
        timeline.read(file.parent)


def test_a_whole_line_without_its_end_is_an_entry(file):
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))

    add(file.parent, "more")

    assert texts(file.parent) == [*TEXTS, "more"]


def test_what_is_cut_off_at_the_end_shows_by_the_head_alone(file):
    head = timeline.chain(file.parent).head
    file.write_bytes(b"\n".join([*file.read_bytes().splitlines()[:2], b""]))

    assert texts(file.parent) == [*TEXTS[:2]]
    assert head not in {entry.sha256 for entry in timeline.read(file.parent)}


def test_several_processes_take_turns(tmp_path):
    words = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*words, name]) for name in ("Ann", "Bob", "Cem")]

    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    assert sorted(texts(tmp_path)) == sorted(
        f"{name} {number}" for name in ("Ann", "Bob", "Cem") for number in range(20)
    )


def test_who_does_not_end_is_not_waited_for(file, monkeypatch):
    monkeypatch.setattr(timeline, "_TURN", 0.05)
    with timeline.turn(file.parent), pytest.raises(TimeoutError, match="another process has been writing"):
        add(file.parent, "more")

    assert texts(file.parent) == [*TEXTS]


def test_a_full_disk_leaves_no_half_entry(file):
    before = file.read_bytes()
    usual, limits = signal.signal(signal.SIGXFSZ, signal.SIG_IGN), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, limits[1]))
    try:
        with pytest.raises(OSError, match="No space left"):
            add(file.parent, "more")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, usual)

    assert file.read_bytes() == before


def test_a_link_is_not_written_to(tmp_path):
    (tmp_path / "elsewhere").write_text("mine")
    (tmp_path / timeline.FILE).symlink_to("elsewhere")

    with pytest.raises(OSError, match=r"timeline\.jsonl"):
        add(tmp_path, "more")

    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_a_newer_format_is_not_taken_for_a_change(file):
    file.write_bytes(file.read_bytes().replace(b'"format":1', b'"format":2'))

    with pytest.raises(Misuse, match=r"a newer rollproof wrote .*, in format 2; this one reads 1"):
        timeline.read(file.parent)


def test_what_is_no_file_is_not_read(tmp_path):
    os.mkfifo(tmp_path / timeline.FILE)

    with pytest.raises(Misuse, match="cannot be read: it is a pipe"):
        timeline.read(tmp_path)


def test_incidents_follow_one_another(tmp_path):
    add(tmp_path, "first", kind="opened")
    add(tmp_path, "a note")
    assert [entry.event.text for entry in timeline.open_since(timeline.read(tmp_path))] == ["first", "a note"]

    add(tmp_path, "done", kind="closed")
    add(tmp_path, "post-mortem")
    assert timeline.open_since(timeline.read(tmp_path)) == ()

    add(tmp_path, "second", kind="opened")
    found = timeline.incidents(timeline.read(tmp_path))
    assert [[entry.event.text for entry in each] for each in found] == [
        ["first", "a note", "done", "post-mortem"],
        ["second"],
    ]
    assert timeline.open_since(timeline.read(tmp_path)) == found[1]
