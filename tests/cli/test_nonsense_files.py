"""Whatever a file is, or holds: one sentence and exit code 4, soon; and what nobody foresaw is never taken for a verdict."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollproof import __main__ as entry
from rollproof.commands.prepare import recorded
from rollproof.model.errors import Misuse
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.rows.scan_cache import FILE, ScanCache
from rollproof.settings.options import resolve
from rollproof.sources.baseline import load, save, unsealed
from rollproof.sources.signature import Key, read_key

ORIGIN = Origin("shop", "7", 180000, "2026-11-28 10:00:00.123+00", None, "0.3.0")
FACETS = {
    "tables": {"public.t": "table"},
    "rows": {"public.t": "3"},
    "content": {"public.t": "i2:-5"},
    "sequence_positions": {"public.s": "7"},
    "foreign_keys": {
        "public.t.k": '{"table":"public.t","columns":["a"],"references":"public.u","referenced_columns":["b"]}'
    },
    "sequence_columns": {"public.t.a": '{"table":"public.t","column":"a","sequence":"public.s","increment":1}'},
}
SNAPSHOT = Snapshot(ORIGIN, FACETS, hashes={"public.t": b"x" * 24})
NOWHERE = "postgresql://u@127.0.0.1:1/d"


def sealed(path, body):
    """Write what a forger writes: a file whose seal is right, whatever is in it."""
    body = body if isinstance(body, bytes) else msgspec.json.encode(body)
    digest = hashlib.sha256(body).hexdigest().encode()
    path.write_bytes(b'{"format":1,"sha256":"' + digest + b'","snapshot":' + body + b"}")


def ended(capsys, monkeypatch, *arguments):
    """Run the command line in this process; return its exit code and what it said."""
    monkeypatch.setattr("sys.argv", ["rollproof", *map(str, arguments)])
    code = entry._ended()  # noqa: SLF001 (all of it but the end of the process)
    return code, capsys.readouterr().err


def huge(path):
    with path.open("wb") as file:
        file.truncate(100 * 2**30)


def bound(path):
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(os.path.relpath(path))  # a whole path may be too long for one


NO_FILES = {
    "a pipe": (os.mkfifo, "it is a pipe"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "it is a device"),
    "a folder": (Path.mkdir, "it is a folder"),
    "a socket": (bound, "it is a socket"),
    "a loop": (lambda path: path.symlink_to(path), "symbolic links"),
    "a link to nothing": (lambda path: path.symlink_to(path.with_name("nothing")), "No such file"),
    "huge": (huge, "holds more than"),
    "empty": (Path.touch, "not a whole"),
    "deep": (lambda path: path.write_bytes(b"[" * 200_000), "not a whole"),
    "deep within": (lambda path: path.write_bytes(b'{"format":1,"snapshot":' + b"[" * 200_000), "not a whole"),
    "0xff": (lambda path: path.write_bytes(b"\xff" * 100), "not a whole"),
    "text": (lambda path: path.write_text("Dear colleague,"), "not a whole"),
}


@pytest.mark.promise
@pytest.mark.parametrize("kind", NO_FILES)
def test_what_is_no_baseline_ends_with_4_and_a_sentence(tmp_path, capsys, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    make, says = NO_FILES[kind]
    make(tmp_path / "baseline.json")

    code, said = ended(capsys, monkeypatch, "repair", "--database-url", NOWHERE)

    assert (code, "Traceback" in said) == (4, False)
    assert says in said
    assert len(said.strip().splitlines()) <= 4
    assert [path.name for path in tmp_path.iterdir()] == ["baseline.json"]


@pytest.mark.promise
@pytest.mark.parametrize("kind", [*NO_FILES, "dotted"])
def test_what_is_no_configuration_ends_with_4_and_a_sentence(tmp_path, capsys, monkeypatch, kind):
    monkeypatch.chdir(tmp_path)
    make, says = NO_FILES.get(kind) or (lambda path: path.write_text("a" + ".a" * 100_000 + " = 1"), "nested so deep")
    make(tmp_path / "it.toml")

    code, said = ended(capsys, monkeypatch, "doctor", "--database-url", NOWHERE, "--rollproof-config", "it.toml")

    if kind == "empty":
        assert code == 7  # which is a configuration like any other, and the server is not there
        return
    assert (code, "Traceback" in said) == (4, False)
    assert (says if "whole" not in says else "is not TOML") in said


def test_a_pipe_or_a_device_is_not_waited_for(tmp_path):
    """Seen from outside, because what hangs would hang here."""
    os.mkfifo(tmp_path / "pipe")
    for reference in ("pipe", "/dev/stdin"):
        done = subprocess.run(
            [sys.executable, "-m", "rollproof", "verify", "--database-url", NOWHERE, "--reference", reference],
            cwd=tmp_path, stdin=subprocess.PIPE, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 4, reference


def wrong(**changes):
    return msgspec.structs.replace(SNAPSHOT, **changes)


def fact(facet, identity, text):
    return wrong(facets={**FACETS, facet: {identity: text}})


UNSOUND = {
    "a name that is none": fact("tables", "public.t; DROP", "table"),
    "a name that ends nowhere": fact("columns", 'public."t.a', "integer"),
    "a zero byte in a name": fact("views", 'public."a\0b"', "view"),
    "a zero byte in a text": fact("comments", "public.t (table)", "a\0b"),
    "a key that is no JSON": fact("foreign_keys", "public.t.k", "it is no JSON"),
    "a key of brackets": fact("foreign_keys", "public.t.k", "[" * 200_000),
    "a key that lacks its table": fact("foreign_keys", "public.t.k", '{"columns":["a"]}'),
    "a key with a program": fact(
        "foreign_keys", "public.t.k", FACETS["foreign_keys"]["public.t.k"].replace("public.u", "u;x.y")
    ),
    "a key of no columns": fact(
        "foreign_keys", "public.t.k", FACETS["foreign_keys"]["public.t.k"].replace('["a"]', "[]").replace('["b"]', "[]")
    ),
    "an operator that is none": fact(
        "foreign_keys", "public.t.k", FACETS["foreign_keys"]["public.t.k"][:-1] + ',"equality":["OPERATOR(a.=) OR --"]}'
    ),
    "a json list": fact("sequence_columns", "public.t.json", "[1]"),
    "no number of rows": fact("rows", "public.t", "three"),
    "a number without end": fact("rows", "public.t", "9" * 5000),
    "no fingerprint": fact("content", "public.t", "i2:x"),
    "no position": fact("sequence_positions", "public.s", "7 boats"),
    "half a hash": wrong(hashes={"public.t": b"x" * 23}),
    "hashes of no table": wrong(hashes={"public": b""}),
    "a server of the future": wrong(origin=msgspec.structs.replace(ORIGIN, server_version=2**80)),
    "a server of the past": wrong(origin=msgspec.structs.replace(ORIGIN, server_version=-1)),
    "no date": wrong(origin=msgspec.structs.replace(ORIGIN, taken="yesterday")),
    "a schema with a zero byte": wrong(origin=msgspec.structs.replace(ORIGIN, schemas=("a\0",))),
    "twice": msgspec.json.encode(SNAPSHOT).replace(b'"public.t":"table"', b'"public.t":"view","public.t":"table"'),
    "a lone surrogate": msgspec.json.encode(SNAPSHOT).replace(b'"table"', b'"\\ud800"'),
    "bytes": msgspec.json.encode(SNAPSHOT).replace(b'"table"', b'"\xff"'),
    "a number for a text": msgspec.json.encode(SNAPSHOT).replace(b'"table"', b"12345678901234567890"),
    "blanks": msgspec.json.encode(SNAPSHOT).replace(b'"table"', b' "table"'),
}


@pytest.mark.promise
@pytest.mark.parametrize("kind", UNSOUND)
def test_a_sealed_baseline_that_nobody_took_is_refused(tmp_path, kind):
    sealed(tmp_path / "baseline.json", UNSOUND[kind])

    with pytest.raises(Misuse, match=r"sealed but not a snapshot|sealed, but no rollproof wrote it so|not a whole"):
        recorded(str(tmp_path / "baseline.json"))


PIECES = st.sampled_from(
    [
        b"",
        b"\xff",
        b"\x00",
        b"\\u0000",
        b"\\ud800",
        b'"',
        b"{",
        b"[",
        b"9" * 400,
        b"null",
        b"-1",
        b"true",
        b"{}",
        b",",
        b":",
        b"a;b",
    ]
)


@settings(max_examples=int(os.environ.get("ROLLPROOF_FORGERIES", "40")) * 5, deadline=None)
@given(edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), PIECES), min_size=1, max_size=3))
def test_whatever_is_changed_and_sealed_again_is_refused_or_is_a_baseline(edits, tmp_path_factory):
    body = msgspec.json.encode(SNAPSHOT)
    for place, length, piece in edits:
        at = int(place * len(body))
        body = body[:at] + piece + body[at + length :]
    path = tmp_path_factory.getbasetemp() / "edited.json"
    sealed(path, body)

    with suppress(Misuse):
        baseline = recorded(str(path))
        assert msgspec.json.decode(body, type=Snapshot).facets.keys() == baseline.snapshot.facets.keys()


def test_what_is_sound_is_taken(tmp_path):
    sealed(tmp_path / "baseline.json", wrong(facets={**FACETS, "auguries": {"public.t": "favourable"}}))

    baseline = recorded(str(tmp_path / "baseline.json"))

    assert baseline.tables == ("public.t",)
    assert "holds auguries, which this version of rollproof does not know: not checked" in baseline.notes[0]


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
        recorded("postgresql://elsewhere/d", key=mine)
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


def test_the_reports_folder_is_believed_only_so_far(tmp_path):
    """Of what an earlier run left, lines that are none are not read; what is no file is refused."""
    line = {
        "anchor": {"identity": "a", "snapshot": "7:9:", "taken": "t", "standby": False},
        "rows": 1,
        "fingerprint": "i2:-3",
    }
    wrong = [
        {**line, "fingerprint": "x"},
        {**line, "anchor": {**line["anchor"], "snapshot": "7"}},
        {**line, "rows": "many"},
        [],
    ]
    lines = [*map(msgspec.json.encode, wrong), b"[" * 200_000, b"\xff", b""]
    (tmp_path / FILE).write_bytes(b"\n".join(lines))
    assert ScanCache(tmp_path / FILE, resume=True).line("a") is None
    (tmp_path / FILE).write_bytes(b"\n".join([*lines, msgspec.json.encode(line)]))
    assert ScanCache(tmp_path / FILE, resume=True).line("a").rows == 1

    (tmp_path / FILE).unlink()
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(Misuse, match="it is a pipe"):
        ScanCache(tmp_path / FILE, resume=True)


@pytest.mark.promise
@pytest.mark.parametrize(
    ("raised", "code", "says"),
    [
        (RuntimeError("it holds hunter22"), 3, "please report it"),
        (MemoryError(), 3, "please report it"),
        (RecursionError(), 3, "please report it"),
        (SystemExit(1), 3, ""),
        (SystemExit("gone"), 3, ""),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(32, "gone"), 141, ""),
        (Misuse("wrong"), 4, "rollproof: wrong"),
    ],
)
def test_no_command_ends_with_1_but_a_verification(capsys, monkeypatch, raised, code, says):
    def fail(*_, **__):
        raise raised

    monkeypatch.setattr("rollproof.cli.examine", fail)
    monkeypatch.setenv("PGPASSWORD", "hunter22")

    found, said = ended(capsys, monkeypatch, "doctor", "--database-url", NOWHERE)

    assert found == code
    assert says in said
    assert "hunter22" not in said


def test_a_reader_that_goes_away_is_no_verdict():
    done = subprocess.run(
        [shutil.which("bash"), "-c", f"{sys.executable} -m rollproof explain | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}"],
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("option", ["--database-url", "--reference", "--rollproof-config"])
def test_bytes_that_are_no_text_in_an_option_are_misuse(tmp_path, capsys, monkeypatch, option):
    r"""The shell hands over whatever was typed; `postgresql://u:\xff@h/d` is no URL that anything can be sent to."""
    monkeypatch.chdir(tmp_path)
    given = {"--database-url": NOWHERE, option: os.fsdecode(b"postgresql://u:\xff@127.0.0.1:1/d")}

    code, said = ended(capsys, monkeypatch, "repair", *(word for pair in given.items() for word in pair))

    assert (code, "Traceback" in said) == (4, False)


@pytest.mark.parametrize("field", ["database_url", "reference", "report_dir", "server"])
def test_a_zero_byte_in_the_configuration_is_misuse(tmp_path, field):
    (tmp_path / "rollproof.toml").write_text(f'{field} = "a\\u0000b"')

    with pytest.raises(Misuse, match="no text"):
        resolve({}, {}, tmp_path / "rollproof.toml")


def test_bytes_that_are_no_text_in_an_option_of_pytest_are_misuse(tmp_path):
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"rollproof", b"verify", b"--database-url", NOWHERE.encode(), b"--report-dir=a\xff"],
        cwd=tmp_path, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 4, done.stdout.decode("utf-8", "replace")[-3000:]
    assert b"Traceback" not in done.stdout + done.stderr
