"""The journal of a self-test: what was tried is known to a run that goes on, and to no other."""

import pytest

from rollproof.model.errors import Misuse
from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.journal import ANOTHER, NAME, NONE, Journal
from rollproof.rehearsal.selftest.outcome import Tried

FAULTS = [Fault("tables", "lost", "tables", f"public.t{number}", "DROP TABLE") for number in range(3)]
SEEN = Tried(FAULTS[0], "seen", checks=("tables",))
BLIND = Tried(FAULTS[1], "waived", "a waiver accepts it", mend="remove the waiver")


@pytest.fixture
def interrupted(tmp_path):
    """Of three faults two were tried."""
    journal = Journal(tmp_path, "one")
    assert journal.open(FAULTS, resume=False) == ()
    journal.keep(SEEN)
    journal.keep(BLIND)
    journal.close()
    return tmp_path / NAME


def resumed(folder, digest="one", *, resume=True):
    journal = Journal(folder, digest)
    known = journal.open(FAULTS, resume=resume)
    journal.close()
    return known, journal.note


@pytest.mark.usefixtures("interrupted")
def test_what_was_tried_is_known_again(tmp_path):
    assert resumed(tmp_path) == ((SEEN, BLIND), "")
    assert resumed(tmp_path) == ((SEEN, BLIND), ""), "and the third time"


@pytest.mark.usefixtures("interrupted")
def test_another_configuration_begins_anew_and_says_so(tmp_path):
    assert resumed(tmp_path, "another") == ((), ANOTHER)
    assert resumed(tmp_path) == ((), ANOTHER), "the file is the other's now"


@pytest.mark.usefixtures("interrupted")
def test_without_resume_it_begins_anew(tmp_path):
    assert resumed(tmp_path, resume=False) == ((), "")
    assert resumed(tmp_path) == ((), "")


def test_where_nothing_was_interrupted_it_says_so(tmp_path):
    assert resumed(tmp_path) == ((), NONE)


def test_a_line_that_was_cut_is_tried_again(interrupted, tmp_path):
    interrupted.write_bytes(interrupted.read_bytes()[:-9])

    assert resumed(tmp_path) == ((SEEN,), "")
    journal = Journal(tmp_path, "one")
    journal.open(FAULTS, resume=True)
    journal.keep(BLIND)
    journal.close()
    assert resumed(tmp_path) == ((SEEN, BLIND), "")


def test_a_file_of_something_else_is_none(tmp_path):
    (tmp_path / NAME).write_bytes(b"\0\xff not ours\n")

    assert resumed(tmp_path) == ((), ANOTHER)


def test_nobody_else_writes_to_it_meanwhile(tmp_path):
    first, second = Journal(tmp_path, "one"), Journal(tmp_path, "one")
    first.open(FAULTS, resume=False)

    with pytest.raises(Misuse, match=r"another self-test is at work in .*: wait for it, or name another --report-dir"):
        second.open(FAULTS, resume=False)
    first.close()
    second.close()


def test_where_it_cannot_be_written_the_run_goes_on_and_says_so(tmp_path):
    (tmp_path / "file").touch()
    journal = Journal(tmp_path / "file" / "folder", "one")

    assert journal.open(FAULTS, resume=True) == ()
    journal.keep(SEEN)
    assert "cannot be written" in journal.note
    journal.done()
    journal.close()


def test_no_password_is_kept(tmp_path):
    journal = Journal(tmp_path, "one")
    journal.open(FAULTS, resume=False)
    journal.keep(Tried(FAULTS[0], "not planted", "cannot connect to postgresql://me:hunter2@db/shop"))
    journal.close()

    assert "hunter2" not in (tmp_path / NAME).read_text()


def test_in_the_end_it_is_gone(interrupted, tmp_path):
    journal = Journal(tmp_path, "one")
    journal.open(FAULTS, resume=True)
    journal.done()
    journal.close()

    assert not interrupted.exists()
