"""Where a throw-away server lives, and as which user."""

import os

import pytest

from rollproof.model.errors import Inconclusive
from rollproof.system import user
from rollproof.throwaway.servers import data_directory

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@as_root
def test_a_folder_that_the_servers_user_cannot_enter_is_passed_over(monkeypatch, tmp_path):
    monkeypatch.setattr(data_directory, "MEMORY", tmp_path)

    assert data_directory.place(data_directory.server_user(), executable=False) != tmp_path


def test_root_without_anybody_to_become_is_told_so(monkeypatch):
    monkeypatch.setattr(data_directory, "identity", lambda: (0, 0))
    monkeypatch.setattr(user.pwd, "getpwnam", {}.__getitem__)

    with pytest.raises(Inconclusive, match="no user postgres or nobody"):
        data_directory.server_user()
