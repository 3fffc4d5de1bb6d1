"""What a dead run left of its server is removed, and nothing else."""

import fcntl
import os
import time

import pytest

from rollproof.throwaway.servers import reaper


@pytest.fixture
def abandoned(tmp_path):
    """A directory as a run leaves it that was killed together with its reaper, some time ago."""
    directory = tmp_path / f"{reaper.PREFIX}4711-x"
    directory.mkdir()
    (directory / reaper.NOTE).touch()
    (directory / "home").mkdir()
    _age(directory)
    return directory


def _age(directory):
    long_ago = time.time() - 2 * reaper.MAKING
    os.utime(directory, (long_ago, long_ago), follow_symlinks=False)


def test_what_a_dead_run_left_is_swept(abandoned):
    reaper.sweep(abandoned.parent)

    assert not abandoned.exists()


def test_what_a_living_run_holds_is_not_swept(abandoned):
    held = os.open(abandoned, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    reaper.sweep(abandoned.parent)
    os.close(held)

    assert abandoned.exists()


def test_what_is_being_made_is_not_swept(abandoned):
    os.utime(abandoned)
    reaper.sweep(abandoned.parent)

    assert abandoned.exists()


def test_a_directory_that_only_bears_our_name_is_not_swept(abandoned):
    (abandoned / reaper.NOTE).unlink()
    _age(abandoned)
    reaper.sweep(abandoned.parent)

    assert abandoned.exists()


def test_a_link_of_our_name_is_not_followed(abandoned, tmp_path):
    target = abandoned.rename(tmp_path / "precious")
    link = tmp_path / f"{reaper.PREFIX}link"
    link.symlink_to(target)
    _age(link)
    reaper.sweep(tmp_path)

    assert target.exists()
