"""Signed baselines: who sealed one, and keys that sign nothing."""

import hashlib
import os
from pathlib import Path

import msgspec
import pytest

from rollproof.commands.verification import recorded
from rollproof.model.errors import Misuse
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.settings.reference import Reference
from rollproof.sources.baseline import load, save, unsealed
from rollproof.sources.signature import Key, read_key

ORIGIN = Origin("shop", "7", 180000, "2026-11-28 10:00:00.123+00", None, "0.3.0")
FACETS = {"tables": {"public.t": "table"}, "rows": {"public.t": "3"}, "content": {"public.t": "i3:-5"}}
SNAPSHOT = Snapshot(ORIGIN, FACETS, hashes={"public.t": b"x" * 24})


def huge(path):
    with path.open("wb") as file:
        file.truncate(100 * 2**30)


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key"
    path.write_bytes(os.urandom(32))
    path.chmod(0o600)
    return path


@pytest.mark.promise
def test_a_required_signature_tells_who_sealed_it(tmp_path, key):
    path, mine, other = tmp_path / "baseline.json", read_key(str(key), "--sign"), Key(Path("other"), b"o" * 32)
    save(SNAPSHOT, path, mine)
    snapshot, seal = unsealed(path, key=mine)
    assert (snapshot, seal.signed) == (SNAPSHOT, True)
    assert (unsealed(path)[1].signed, load(path)) == (False, SNAPSHOT)

    with pytest.raises(Misuse, match=r"signed with another key.*\n.*capture --sign"):
        unsealed(path, key=other)
    file = msgspec.json.decode(path.read_bytes())
    forged = {**file["snapshot"], "facets": {**FACETS, "tables": {"public.t": "view"}}}
    body = msgspec.json.encode(forged)
    path.write_bytes(
        msgspec.json.encode({**file, "sha256": hashlib.sha256(body).hexdigest(), "snapshot": msgspec.Raw(body)})
    )
    assert load(path).facets["tables"] == {"public.t": "view"}  # the plain seal is anybody's
    with pytest.raises(Misuse, match="signed with another key"):
        unsealed(path, key=mine)
    save(SNAPSHOT, path)
    with pytest.raises(Misuse, match="is not signed"):
        unsealed(path, key=mine)
    with pytest.raises(Misuse, match="the reference of this run is no file"):
        recorded(Reference.parse("postgresql://elsewhere/d"), key=mine)
    assert key.read_bytes().hex() not in repr(mine)


@pytest.mark.promise
@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b"k" * 31), "at least 32 bytes"),
        (lambda path: (path.write_bytes(b"k" * 32), path.chmod(0o640)), "chmod 600"),
        (os.mkfifo, "it is a pipe"),
        (lambda _: None, "No such file"),
        (huge, "holds more than"),
    ],
)
def test_a_key_that_others_may_know_signs_nothing(tmp_path, make, says):
    path = tmp_path / "a key"
    old = os.umask(0o077)
    make(path)
    os.umask(old)

    with pytest.raises(Misuse, match=says) as refused:
        read_key(str(path), "--sign")

    assert "kkk" not in str(refused.value)
