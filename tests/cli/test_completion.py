"""A shell completes our words: each of the three is asked as a person asks it, by its own means."""

import os
import pty
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from select import select

import pytest

from fixtures.every import every

BIN = Path(sys.executable).parent
SHELLS = ("bash", "zsh", "fish")
CASES = [
    ("rollproof capt", {"capture"}),
    ("rollproof completion fi", {"fish"}),
    ("rollproof verify pre_m", {"pre_migration"}),
    ("rollproof verify -m post_r", {"post_rollback"}),
    ("rollproof verify --max-a", {"--max-active-sessions"}),
    ("rollproof verify post_rollback --server emb", {"embedded"}),
    ("rollproof repair --server aut", {"auto"}),
    ("rollproof repair --pro", {"--prove"}),
    ("rollproof capture --gen", {"--gentle"}),
    ("rollproof explain sequence_", {"sequence_positions", "sequence_values"}),
]
FILES = [("rollproof capture --output pla", "place"), ("rollproof verify --reference kept.j", "kept.json")]


@pytest.fixture(params=SHELLS)
def shell(request, tmp_path):
    """Call it with a line for the words that may follow; it stands in a folder with a file and a folder."""
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed here")
    (tmp_path / "kept.json").touch()
    (tmp_path / "place").mkdir()
    surroundings = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(tmp_path), "TERM": "dumb"}
    script = subprocess.run([BIN / "rollproof", "completion", request.param], check=True, capture_output=True).stdout
    (tmp_path / "script").write_bytes(script)
    ask = {"bash": bash, "zsh": zsh, "fish": fish}[request.param]
    return lambda line: ask(line, tmp_path, surroundings)


def asked(words, folder, surroundings):
    done = subprocess.run(words, cwd=folder, env=surroundings, check=True, capture_output=True, text=True, timeout=60)
    return set(done.stdout.split("\n")) - {""}


def bash(line, folder, surroundings):
    *before, last = line.split(" ")
    program = f"""
    compopt() {{ offered=$*; }}
    . ./script
    COMP_WORDS=({" ".join(line.split(" "))}) COMP_CWORD={len(before)} COMP_LINE='{line}' COMP_POINT={len(line)}
    {function(folder)} rollproof '{last}' '{before[-1]}'
    printf '%s\\n' "${{COMPREPLY[@]}}"
    [[ $offered == *default* ]] && compgen -f -- '{last}' | while read -r each; do [[ -d $each ]] && each+=/; echo "$each"; done
    true
    """
    return asked(["bash", "--norc", "-c", program], folder, surroundings) - {last}


def function(folder):
    return re.search(r"complete .*-F (\S+)", (folder / "script").read_text())[1]


def fish(line, folder, surroundings):
    program = f"source script; complete --do-complete '{line}'"
    return {each.partition("\t")[0] for each in asked(["fish", "--no-config", "-c", program], folder, surroundings)}


def zsh(line, folder, surroundings):
    """Return what the last word may become: zsh completes before a person's eyes only, so one sits there."""
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-f", "-i"], {**surroundings, "PS1": "> "})  # noqa: S606, S607
    try:
        begin = "autoload -U compinit; compinit -u -D; setopt nobeep; bindkey -e; . ./script; echo re''ady\n"
        os.write(terminal, begin.encode())
        read_until(terminal, "ready\r")
        os.write(terminal, line.encode())
        read_until(terminal, line[-3:])
        os.write(terminal, b"\t")
        read_until(terminal, r"\S")
        os.write(terminal, b"\x01print -r -- '[\x05]'\n")
        shown = read_until(terminal, r"\n\[.*\]")
    finally:
        os.close(terminal)
        os.waitpid(pid, 0)
    return {re.findall(r"\n\[(.*?)\s?\]", shown)[-1].rpartition(" ")[2]}


def read_until(terminal, pattern):
    shown, end = "", time.monotonic() + 60
    while not re.search(pattern, shown):
        assert time.monotonic() < end, shown
        if select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 4096).decode("utf-8", "replace")
    return shown


def test_a_shell_completes_commands_options_phases_and_checks(shell, request):
    of_zsh = request.node.callspec.params["shell"] == "zsh"
    for line, wanted in CASES:
        if of_zsh and len(wanted) > 1:
            continue  # it would begin a menu
        assert shell(line) == wanted, line


def test_a_shell_completes_files_and_folders(shell):
    for line, wanted in FILES:
        assert {each.rstrip(" /") for each in shell(line)} == {wanted}, line


@every("shell", ["tcsh", ""])
def test_another_shell_is_refused(shell, command, tmp_path):
    assert command(tmp_path, "completion", shell).returncode == 4
