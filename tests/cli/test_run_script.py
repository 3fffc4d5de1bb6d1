"""./run: one line that works in a clone, whatever Python and whichever user; it is tried on a clone that is set up in no time."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SMALL = ROOT / "tests" / "data" / "run"
TOOLS = [
    "sh",
    "[",
    "printf",
    "cat",
    "cksum",
    "cp",
    "dirname",
    "find",
    "id",
    "ln",
    "mkdir",
    "readlink",
    "rm",
    "sed",
    "sleep",
    "tr",
]
PYTHON = Path(sys.base_prefix, "bin", "python3")
UV = shutil.which("uv", path=str(PYTHON.parent)) or shutil.which("uv")  # what is first on the PATH may be a shim
SHELLS = [["dash"], ["bash", "--posix"], ["busybox", "sh"], ["zsh", "--emulate", "sh"], ["ksh"], ["yash", "--posix"]]
NOBODY = 65534


@pytest.fixture
def clone(open_folder):
    """A clone with a small project in the place of ours, in a folder with a name that has to be quoted."""
    folder = open_folder / "a clone's"
    shutil.copytree(SMALL, folder)
    shutil.copy(ROOT / "run", folder)
    (folder / "wheels").mkdir()
    subprocess.run([sys.executable, folder / "small_backend.py", folder / "wheels"], check=True)
    wheel = next((folder / "wheels").glob("*.whl"))
    wanted = f"small_backend==1.0 --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}"
    (folder / "requirements.lock").write_text(f"--no-index\n--find-links ./wheels\n{wanted}\n")
    return folder


@pytest.fixture
def machine(open_folder):
    """Call it with names → programs (a path, or a shell script's text) for a PATH that has these, and what each system has."""

    def make(**programs):
        folder = open_folder / "-".join(["bin", *sorted(programs)])
        folder.mkdir()
        for name in TOOLS:
            (folder / name).symlink_to(shutil.which(name))
        for name, program in programs.items():
            if isinstance(program, Path):
                (folder / name.replace("_", "-")).symlink_to(program)
            else:
                (folder / name.replace("_", "-")).write_text(f"#!/bin/sh\n{program}\n")
                (folder / name.replace("_", "-")).chmod(0o755)
        return {"PATH": str(folder), "HOME": str(open_folder / "home")}

    return make


def run(clone, environment, *words, by=(), script="run", **how):
    """Run ./run there (or a link to it), by a shell or by itself; return how it ended."""
    how = {"stdin": subprocess.DEVNULL, "cwd": "/", **how}
    return subprocess.run(
        [*by, clone / script, *words], env=environment, capture_output=True, text=True, check=False, **how
    )


def said(ended):
    """Return what the small program said of its call."""
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def python_of_the_system(needs):
    """Return the system's Python, if it can import this; most often it is externally managed."""
    for place in (Path("/usr/bin/python3"), Path(sys.base_prefix, "bin", "python3")):
        asked = f"import sys, {needs}; sys.exit(sys.version_info < (3, 11))"
        if place.exists() and not subprocess.run([place, "-c", asked], capture_output=True, check=False).returncode:
            return place
    pytest.skip(f"no Python of the system's is new enough and has {needs}")


needs_uv = pytest.mark.skipif(not UV, reason="uv is not installed")


@needs_uv
def test_uv_makes_the_environment_once_and_what_was_typed_arrives(clone, machine, tmp_path):
    usual = machine(uv=Path(UV), python3=PYTHON)
    words = ["0", "a b", "$HOME", "it's", "", "*", "-m", "x and not y", "--reference=a b"]

    first, second = (run(clone, usual, "small", *words, cwd=tmp_path) for _ in range(2))

    for ended in (first, second):
        assert said(ended)["words"] == words
        assert said(ended)["folder"] == str(tmp_path)
        assert said(ended)["python"] == str(clone / ".venv")
    assert first.stderr == f"run: setting up {clone}/.venv (once)\n"
    assert second.stderr == ""


@needs_uv
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_any_shell_will_do(clone, machine, shell):
    program = shutil.which(shell[0]) or pytest.skip(f"{shell[0]} is not installed")

    ended = [run(clone, machine(uv=Path(UV), python3=PYTHON), "small", "7", "a  b", by=[program, *shell[1:]])]
    ended.append(run(clone, {**os.environ}, "small", "7", "a  b", by=[program, *shell[1:]]))

    for each in ended:
        assert (each.returncode, bool(each.stdout)) == (7, True), each.stderr
        assert json.loads(each.stdout)["words"] == ["7", "a  b"]


@needs_uv
def test_the_command_takes_the_place_of_run(clone, machine):
    """So a signal, standard input and the exit code are its own."""
    usual = machine(uv=Path(UV), python3=PYTHON)
    said(run(clone, usual, "small"))

    with subprocess.Popen(
        [clone / "run", "small", "wait"], env=usual, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert json.loads(running.stdout.readline())["pid"] == running.pid
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == -signal.SIGTERM


@needs_uv
def test_the_command_has_the_variables_that_were_there(clone, machine):
    """But for the environment's two: also those whose names a script might use itself."""
    mine = {
        "env": "prod",
        "root": "mine",
        "name": "n",
        "python": "p",
        "cache": "c",
        "each": "e",
        "UV_NO_CACHE": "1",
        "X": " a",
    }
    usual = machine(uv=Path(UV), python3=PYTHON) | mine

    had = [said(run(clone, usual, "small"))["variables"] for _ in range(2)]

    for variables in had:
        assert {name: variables[name] for name in mine} == mine
        assert variables["VIRTUAL_ENV"] == f"{clone}/.venv"
        assert set(variables) - set(usual) <= {"VIRTUAL_ENV", "PWD", "OLDPWD", "SHLVL", "_", "LC_CTYPE"}


@needs_uv
def test_two_at_once_set_it_up_once(clone, machine):
    usual = machine(uv=Path(UV), python3=PYTHON)
    calls = [
        subprocess.Popen([clone / "run", "small"], env=usual, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]

    told = [call.communicate(timeout=60) for call in calls]

    assert [call.returncode for call in calls] == [0, 0], told
    assert sum("setting up" in stderr for _, stderr in told) == 1
    assert not (clone / ".venv.lock").is_symlink()


@needs_uv
def test_it_is_made_anew_after_a_pull_and_after_a_kill(clone, machine):
    usual = machine(uv=Path(UV), python3=PYTHON)
    run(clone, usual, "small")
    with (clone / "requirements.lock").open("a") as lock:
        lock.write("# pulled\n")
    (clone / ".venv.lock").symlink_to(str(2**22 + 1))  # of a process that cannot be

    assert "setting up" in run(clone, usual, "small").stderr
    assert run(clone, usual, "small").stderr == ""


def test_a_python_that_is_externally_managed_makes_an_environment(clone, machine, open_folder):
    """By a link to ./run, from anywhere; root is somebody else meanwhile, whose home and clone are read-only."""
    (clone.parent / "linked").symlink_to(clone / "run")
    (open_folder / "tmp").mkdir()
    (open_folder / "tmp").chmod(0o1777)
    usual = machine(python3=python_of_the_system("ensurepip")) | {"TMPDIR": str(open_folder / "tmp")}
    root = os.geteuid() == 0
    somebody = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if root else {}

    ended = [run(clone, usual, "small", script=clone.parent / "linked", **somebody) for _ in range(2)]

    assert Path(said(ended[0])["python"]).is_relative_to(open_folder / "tmp" if root else clone)
    assert said(ended[1])["python"] == said(ended[0])["python"]
    assert ended[1].stderr == ""
    assert (clone / ".venv").exists() == (not root)


def test_without_ensurepip_a_pip_installs_from_outside(clone, machine):
    """As on Debian without python3-venv."""
    python = python_of_the_system("pip")
    usual = machine(python3=f'case "$*" in *ensurepip*) exit 1 ;; esac\nexec {python} "$@"')

    assert said(run(clone, usual, "small"))["python"] == str(clone / ".venv")
    assert not list((clone / ".venv").glob("lib/*/site-packages/pip"))


FETCHED_UV = """
for last; do :; done
[ "$1" != venv ] || exec {uv} venv --quiet --no-project --python {python} "$last"
exec {uv} "$@"
"""


@needs_uv
def test_a_python_that_is_too_old_fetches_uv(clone, machine):
    """As on Ubuntu 22.04. That uv would bring a newer Python; here it is led to ours."""
    fetched = {"python3.uv": FETCHED_UV.format(uv=UV, python=PYTHON), "chmod": Path(shutil.which("chmod"))}

    ended = run(clone, machine(python3=(SMALL / "old_python").read_text(), **fetched), "small")

    assert said(ended)["python"] == str(clone / ".venv")


MISSING = {
    "no python": ({}, "it needs Python 3.11 or newer, or uv, which brings one"),
    "too old": ({"python3": "exit 1"}, "it needs Python 3.11 or newer"),
    "debian": (
        {"python3": 'case "$*" in *version_info*) ;; *) exit 1 ;; esac', "apt_get": "exit 1"},
        "this Python can make no environment: apt-get install python3-venv",
    ),
    "other": (
        {"python3": 'case "$*" in *version_info*) ;; *) exit 1 ;; esac'},
        "this Python has neither ensurepip nor pip",
    ),
    "uv fails": ({"uv": '[ "$1" = --version ]'}, "the environment could not be set up; the lines above say why"),
}


@pytest.mark.parametrize("which", MISSING)
def test_what_is_missing_is_said_and_is_never_taken_for_a_verdict(which, clone, machine):
    programs, sentence = MISSING[which]

    ended = run(clone, machine(**programs), "small")

    assert ended.returncode == 7
    assert f"run: {sentence}" in ended.stderr
    assert ended.stdout == ""


@needs_uv
def test_a_package_that_is_not_the_one_of_the_lock_is_not_installed(clone, machine):
    lock = (clone / "requirements.lock").read_text()
    (clone / "requirements.lock").write_text(lock.replace("sha256:", "sha256:0")[:-2])

    ended = run(clone, machine(uv=Path(UV), python3=PYTHON), "small")

    assert (ended.returncode, "ash" in ended.stderr) == (7, True), ended.stderr


@pytest.mark.parametrize("words", [[], ["--help"], ["-m", "post_rollback"]], ids=" ".join)
def test_without_a_command_it_says_what_it_is_for(words, clone, machine):
    ended = run(clone, machine(), *words)

    assert (ended.returncode, ended.stdout) == (4, "")
    assert "./run pytest -m post_rollback --rehearse" in ended.stderr
    assert "#" not in ended.stderr


def test_it_holds_to_what_every_shell_understands():
    shellcheck = shutil.which("shellcheck", path=str(Path(sys.executable).parent)) or shutil.which("shellcheck")

    checked = subprocess.run(
        [shellcheck or pytest.skip("shellcheck is not installed"), ROOT / "run"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert checked.returncode == 0, checked.stdout
