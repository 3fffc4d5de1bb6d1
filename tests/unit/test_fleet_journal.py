"""What an earlier fleet wrote is believed only as it was written, and only where it decided something."""

import errno
import os
from dataclasses import replace

import pytest

from fixtures.every import every
from fixtures.sample_fleets import INDEX, target
from rollproof.fleet.journal import NAME, Journal
from rollproof.model.errors import Misuse
from rollproof.sources.signature import Key

KEY = Key(None, b"k" * 32)
GOOD, BAD = target("a"), target("b", INDEX)
OPEN = replace(target("c"), verdict="INCONCLUSIVE", exit_code=7)


def written(folder, *outcomes, key=None):
    journal = Journal(folder, key)
    journal.open(resume=False)
    for each in outcomes:
        journal.keep("digest", each)
    journal.close()
    return folder / NAME


def known(folder, key=None):
    journal = Journal(folder, key)
    try:
        return {name: line.outcome for name, line in journal.open(resume=True).items()}
    finally:
        journal.close()


@every("key", [None, KEY])
def test_what_is_decided_is_known_again_and_nothing_else(key, tmp_path):
    written(tmp_path, GOOD, BAD, OPEN, key=key)

    assert known(tmp_path, key) == {"a": GOOD, "b": BAD}


def test_of_a_target_the_last_word_counts(tmp_path):
    written(tmp_path, GOOD, replace(OPEN, name="a"))

    assert known(tmp_path) == {}


@every(
    ("was", "forged"),
    [
        (b'"exit_code":1', b'"exit_code":0'),
        (b'"name":"b"', b'"name":"c"'),
        (b'"digest":"digest"', b'"digest":"another"'),
        (b'"seal":"', b'"seal":"0'),
    ],
)
def test_a_line_that_was_changed_is_none(was, forged, tmp_path):
    path = written(tmp_path, BAD)
    content = path.read_bytes()
    assert was in content
    path.write_bytes(content.replace(was, forged))

    assert known(tmp_path) == {}


@every(("key", "other"), [(None, KEY), (KEY, None), (KEY, Key(None, b"o" * 32))])
def test_who_wants_signatures_believes_no_line_without_the_key(key, other, tmp_path):
    written(tmp_path, GOOD, key=key)

    assert known(tmp_path, other) == {}


def test_a_pipe_or_a_link_is_no_journal(tmp_path):
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(Misuse, match="it is a pipe"):
        known(tmp_path)
    (tmp_path / NAME).unlink()
    (tmp_path / "mine").write_text("mine")
    (tmp_path / NAME).symlink_to(tmp_path / "mine")
    with pytest.raises(Misuse, match="nothing can be written"):
        Journal(tmp_path).open(resume=False)
    assert (tmp_path / "mine").read_text() == "mine"


def test_where_a_line_cannot_be_written_the_run_goes_on_and_says_so(tmp_path, monkeypatch):
    journal = Journal(tmp_path)
    journal.open(resume=False)

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)

    journal.keep("digest", GOOD)
    journal.close()

    assert "NOT written: " in journal.problem
    assert "No space left on device; --resume will verify again" in journal.problem
