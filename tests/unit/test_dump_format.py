"""What is no dump is named for what it is, and waited for no longer than a file."""

import os

import pytest

from rollproof.model.errors import Misuse
from rollproof.settings.dump_format import dump_at


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"age-encryption.org/v1\n-> X25519", "encrypted (age)"),
        (b"-----BEGIN PGP MESSAGE-----", "encrypted (PGP)"),
        (b"Salted__12345678", "encrypted (openssl)"),
        (b"\x28\xb5\x2f\xfd1234", "compressed with zstd"),
        (b"SQLite format 3\0", "is no dump"),
        (b"--\n-- PostgreSQL database cluster dump\n--\n", "whole cluster"),
        (b"", "is empty"),
        (None, "No such file"),
    ],
)
def test_what_is_no_dump_is_named_for_what_it_is(content, says, tmp_path):
    path = tmp_path / "backup"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Misuse) as refused:
        dump_at(path)
    assert says in str(refused.value)


def test_a_dump_that_is_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "dump")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "folder" / "toc.dat")

    for path in (tmp_path / "dump", tmp_path / "folder"):
        with pytest.raises(Misuse, match="it is a pipe"):
            dump_at(path)
