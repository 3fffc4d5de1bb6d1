"""Whatever a file is, or holds: one sentence and exit code 4, soon; and what nobody foresaw is never taken for a verdict."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from rollproof import __main__ as entry
from rollproof.model.errors import Misuse

NOWHERE = "postgresql://u@127.0.0.1:1/d"


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
def test_what_is_no_baseline_ends_with_4_and_a_sentence(command, tmp_path):
    wrong = {}
    for kind, (make, says) in NO_FILES.items():
        folder = tmp_path / kind.replace(" ", "_")
        folder.mkdir()
        make(folder / "baseline.json")
        done = command(folder, "repair", "--database-url", NOWHERE)
        short = len(done.stderr.strip().splitlines()) <= 4
        left = [path.name for path in folder.iterdir()]
        if (done.returncode, says in done.stderr, short, left) != (4, True, True, ["baseline.json"]):
            wrong[kind] = done

    assert wrong == {}


NO_TOML = NO_FILES | {"dotted": (lambda path: path.write_text("a" + ".a" * 100_000 + " = 1"), "nested so deep")}


@pytest.mark.promise
def test_what_is_no_configuration_ends_with_4_and_a_sentence(command, tmp_path):
    """But an empty one is a configuration like any other, and then the server is not there."""
    wrong = {}
    for kind, (make, says) in NO_TOML.items():
        folder = tmp_path / kind.replace(" ", "_")
        folder.mkdir()
        make(folder / "it.toml")
        done = command(folder, "doctor", "--database-url", NOWHERE, "--rollproof-config", "it.toml")
        expected = (7, "") if kind == "empty" else (4, says if "whole" not in says else "is not TOML")
        if done.returncode != expected[0] or expected[1] not in done.stderr or "Traceback" in done.stderr:
            wrong[kind] = done

    assert wrong == {}


def test_a_pipe_or_a_device_is_not_waited_for(tmp_path):
    """Seen from outside, because what hangs would hang here."""
    os.mkfifo(tmp_path / "pipe")
    for reference in ("pipe", "/dev/stdin"):
        done = subprocess.run(
            [sys.executable, "-m", "rollproof", "verify", "--database-url", NOWHERE, "--reference", reference],
            cwd=tmp_path, stdin=subprocess.PIPE, capture_output=True, check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 4, reference


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

    monkeypatch.setattr("rollproof.commands.doctor.examine", fail)
    monkeypatch.setenv("PGPASSWORD", "hunter22")

    found, said = ended(capsys, monkeypatch, "doctor", "--database-url", NOWHERE)

    assert found == code
    assert says in said
    assert "hunter22" not in said


def test_a_reader_that_goes_away_is_no_verdict():
    done = subprocess.run(
        [shutil.which("bash"), "-c", f"{sys.executable} -m rollproof explain | true; exit ${{PIPESTATUS[0]}}"],
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


def test_bytes_that_are_no_text_in_an_option_of_pytest_are_misuse(tmp_path):
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"rollproof", b"verify", b"--database-url", NOWHERE.encode(), b"--report-dir=a\xff"],
        cwd=tmp_path, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 4, done.stdout.decode("utf-8", "replace")[-3000:]
    assert b"Traceback" not in done.stdout + done.stderr
