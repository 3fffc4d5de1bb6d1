"""A password that was typed to pytest shows nowhere, whatever is wrong with the command line: the plugin is there early enough.

By day each third mistake and look; ROLLPROOF_PLACES=all tries all.
"""

import html
import os
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import pytest

PROJECTS = Path(__file__).parent / "projects"
CANARY = "c4n4ry"
URL = f"postgresql://someone:{CANARY}@127.0.0.1:1/none"
PHASE = ("-m", "post_rollback")
EVERY = 1 if os.environ.get("ROLLPROOF_PLACES") == "all" else 3
# What pytest refuses before it loads any plugin (`-c URL`) only `rollproof verify` can hide: tests/cli/test_canary.py.
MISTYPED = (
    ("--databse-url", URL),
    (f"--databse-url={URL}",),
    (*PHASE, f"--databse-url={URL}"),
    (*PHASE, "--rollproof-databse-url", URL),
    (*PHASE, f"--reference={URL}", "--database-url"),
    ("-m", "post_rolback", "--database-url", URL),
    ("-m", "post_rollback or pre_rollback", f"--database-url={URL}"),
    (*PHASE, f"--database-url={URL}", "no_such_file.py"),
    (*PHASE, f"--database-url={URL}", "specs/check_totals.py::it_is_not_there"),
    (*PHASE, URL),
    (*PHASE, "--database-url", URL, URL),
    (f"--database-url={URL}",),
    ("-m", URL),
    (*PHASE, "--database-url", URL, "--jobs", "many"),
    (*PHASE, "--database-url", URL, "--server"),
    (*PHASE, "--log-level", URL),
    (*PHASE, "-n", URL),
    (*PHASE, f"--database-url={URL}", "-n", "2"),
)
LOOKS = (
    ("--help",),
    ("--version", "-VV"),
    ("--trace-config", "--co"),
    ("--debug", "--co"),
    ("--markers",),
    ("--fixtures",),
    ("--co", "-q"),
    ("--setup-plan",),
    ("--cache-show",),
)
BADLY = (
    (
        *PHASE,
        "--database-url",
        URL,
        "--reference",
        "backup",
        "-vv",
        "--showlocals",
        "--tb=long",
        "--junit-xml=other.xml",
    ),
    (*PHASE, "--database-url", URL, "--reference", URL, "--debug", "--trace-config"),
    (*PHASE, "--database-url", URL, "--reference=backup", "--full-trace", "-o", "log_cli=true", "--log-level=DEBUG"),
)


def sung(text):
    """Return where the canary is in a text, or in what a browser or a decoder makes of it."""
    plain = unquote(html.unescape(text))
    return [plain[max(0, found.start() - 60) : found.end() + 40] for found in re.finditer(CANARY, plain)]


@pytest.fixture
def folder(request, tmp_path):
    """A project with settings of its own, or an empty folder."""
    if request.param == "nothing":
        return tmp_path
    return shutil.copytree(PROJECTS / request.param, tmp_path / "it")


def heard(folder, ended, *but):
    """Return where the canary sings in what was printed and written."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in but]
    texts = [ended.output, *(path.read_bytes().decode("utf-8", "replace") for path in files), *map(str, files)]
    return [found for text in texts for found in sung(text)]


@pytest.mark.promise
@pytest.mark.parametrize(("folder", "part"), [("strict", 0), ("nothing", 1)], indirect=["folder"])
def test_what_is_mistyped_is_not_repeated_with_its_password(part, folder, plain):
    typed = MISTYPED[part :: 2 * EVERY]
    ended = {words: plain(folder, *words) for words in typed}

    assert {words: found for words in typed if (found := heard(folder, ended[words]))} == {}
    assert {words: each.output for words, each in ended.items() if each.returncode != 4} == {}


@pytest.mark.parametrize("folder", ["strict"], indirect=True)
def test_looks_show_no_password(folder, plain):
    asked = [(*PHASE, "--database-url", URL, *words) for words in LOOKS[EVERY - 1 :: EVERY]]
    ended = {words: plain(folder, *words) for words in asked}

    assert {words: found for words in asked if (found := heard(folder, ended[words]))} == {}
    assert {each.returncode for each in ended.values()} <= {0, 4, 5}  # 0: pytest's own version


@pytest.mark.parametrize(
    ("folder", "words"), [*zip(("strict", "nothing", "strict"), BADLY, strict=True)], indirect=["folder"]
)
def test_a_database_that_cannot_be_reached_shows_no_password(words, folder, plain):
    ended = plain(folder, *words)

    assert heard(folder, ended) == []
    assert ended.returncode == 7


@pytest.mark.parametrize(
    ("folder", "word", "part"),
    [("strict", "--database-url", 0), ("nothing", "--databse-url", 1)],
    indirect=["folder"],
)
def test_nor_does_what_is_said_elsewhere(word, part, folder, plain):
    """In variables, in an ini file, in rollproof.toml."""
    (folder / "rollproof.toml").write_text(f"{word[2:].replace('-', '_')} = '{URL}'\njobs = 'many'\n")
    (folder / "other.ini").write_text(f"[pytest]\naddopts = {word} {URL}\n")
    said = [
        ((), {}),
        (("-c", "other.ini"), {}),
        ((), {"PYTEST_ADDOPTS": f"{word} {URL}"}),
        ((), {"PYTEST_PLUGINS": URL}),
        ((), {"ROLLPROOF_DATABASE_URL": URL, "ROLLPROOF_JOBS": URL}),
        ((), {"ROLLPROOF_DATABASE_URL": URL, "ROLLPROOF_CONFIG": URL}),
    ]
    ended = [plain(folder, *PHASE, *words, **variables) for words, variables in said[part % EVERY :: EVERY]]

    assert [found for each in ended for found in heard(folder, each, "rollproof.toml", "other.ini")] == []
    assert [each.output for each in ended if each.returncode != 4] == []
