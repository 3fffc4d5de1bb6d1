"""A lock on a file, by whatever the system has for it."""

import errno
import os
import sys
from types import SimpleNamespace

import pytest

from rollproof.system import file_lock


@pytest.fixture
def windows(monkeypatch):
    """A system without flock; it notes which byte of a file was locked, and refuses with the error that is put in."""
    system = SimpleNamespace(LK_NBLCK=2, error=None, locked=[])

    def locking(held, mode, count):
        if system.error:
            raise OSError(system.error, "refused")
        system.locked.append((mode, count, os.lseek(held, 0, os.SEEK_CUR)))

    system.locking = locking
    monkeypatch.setattr(file_lock, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", system)
    return system


def test_a_lock_is_held_by_one_and_goes_with_its_descriptor(tmp_path):
    held = file_lock.hold(tmp_path / "lock")

    assert file_lock.hold(tmp_path / "lock", seconds=0.03) is None
    os.close(held)
    os.close(file_lock.hold(tmp_path / "lock"))


def test_on_windows_a_byte_is_locked_that_nobody_reads_or_writes(windows, tmp_path):
    os.close(file_lock.hold(tmp_path / "lock"))

    assert windows.locked == [(2, 1, 2**31 - 2)]
    assert (tmp_path / "lock").stat().st_size == 0


@pytest.mark.parametrize("number", [errno.EACCES, errno.EDEADLK])
def test_on_windows_another_process_is_noticed_too(number, windows, tmp_path):
    windows.error = number

    assert file_lock.hold(tmp_path / "lock") is None


def test_where_a_file_system_or_a_system_has_no_locks_nobody_is_noticed(windows, monkeypatch, tmp_path):
    windows.error = errno.EINVAL
    assert file_lock.hold(tmp_path / "lock") == 0
    monkeypatch.setitem(sys.modules, "msvcrt", None)
    assert file_lock.hold(tmp_path / "lock") == 0
    with pytest.raises(OSError, match="cannot wait"):
        file_lock.wait_and_lock(0)
