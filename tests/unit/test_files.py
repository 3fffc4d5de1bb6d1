"""Files are replaced whole, also where another program has just opened them."""

import pytest

from rollproof.system import files


@pytest.fixture
def refusals(monkeypatch):
    """Put in as many errors as renames are refused with, the first one first."""
    waiting, real = [], files.Path.replace

    def replace(path, target):
        if waiting:
            raise waiting.pop(0)
        return real(path, target)

    monkeypatch.setattr(files.Path, "replace", replace)
    return waiting


def refused(number):
    error = PermissionError(13, "refused")
    if number:
        error.winerror = number
    return error


def test_a_file_that_a_virus_scanner_holds_is_tried_again(refusals, tmp_path):
    refusals += [refused(5), refused(32), refused(32)]
    files.replace_file(tmp_path / "a", b"new")

    assert (tmp_path / "a").read_bytes() == b"new"


def test_one_that_stays_open_is_given_up_and_leaves_nothing(refusals, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "BUSY", 0.05)
    refusals += [refused(32)] * 1000

    with pytest.raises(PermissionError):
        files.replace_file(tmp_path / "a", b"new")
    assert list(tmp_path.iterdir()) == []


def test_who_has_no_right_to_it_is_told_at_once(refusals, tmp_path):
    refusals += [refused(None)] * 2

    with pytest.raises(PermissionError):
        files.replace_file(tmp_path / "a", b"new")
    assert len(refusals) == 1
