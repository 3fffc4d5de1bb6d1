"""What is no dump is named for what it is, and waited for no longer than a file."""

import gzip
import os
from pathlib import Path

import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.settings.dump_format import dump_at, is_dump


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


@every(
    ("content", "is_one"),
    [
        (b"PGDMP\x01\x10", True),
        (b"\0" * 257 + b"ustar" + b"\0" * 250, True),
        (b"--\n-- PostgreSQL database dump\n--\n", True),
        (gzip.compress(b"--\n-- PostgreSQL database dump\n--\n"), True),
        (b"age-encryption.org/v1\n", True),  # to be told what it is
        (b"\x28\xb5\x2f\xfd1234", True),
        (b'{"format": 5}', False),
        (gzip.compress(b'{"format": 5}'), False),
        (b"\x1f\x8b cut short", False),
        (b"", False),
        (None, False),
    ],
)
def test_a_dump_is_told_from_a_baseline_by_its_first_bytes(content, is_one, tmp_path):
    path = tmp_path / "it"
    path.unlink(missing_ok=True)
    if content is not None:
        path.write_bytes(content)

    assert is_dump(path) is is_one


def test_what_cannot_be_read_is_no_dump_and_waited_for_by_nobody(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()

    assert not any(map(is_dump, (tmp_path / "pipe", tmp_path / "folder", Path("a\0b"))))
    (tmp_path / "folder" / "toc.dat").touch()
    assert is_dump(tmp_path / "folder")
