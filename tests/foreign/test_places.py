"""Wherever pytest is started, and however it is said what to verify: the same cases, the same verdict, no secret.

ROLLPROOF_PLACES=all tries every way in every place, for every phase and with every place of the reference.
"""

import os
import shlex
import shutil
import sys
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.environments import Environment, kept, told

ROOT = Path(__file__).parents[2]
PROJECTS = Path(__file__).parent / "projects"
PHASES = ("post_rollback", "pre_migration", "pre_rollback", "post_migration")
HOSTILE = 'open(r"{}", "a").close()\nraise SystemExit("the conftest beside the reference was run")\n'
# Root may write anywhere, unless it gives that away.
AS_OTHERS_MAY = (
    ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.name == "posix" and not os.getuid() else ()
)


@dataclass(frozen=True)
class Start:
    """Where pytest is started, and what may be written there; `spare` is a folder elsewhere, `drive` one in memory."""

    folder: Path
    spare: Path
    drive: Path
    environment: Environment
    prefix: str = "--"  # of options whose short name the project has taken
    writable: bool = True


@dataclass(frozen=True)
class Said:
    """How it is said: which program, its words, more variables."""

    words: tuple[str | Path, ...]
    variables: dict[str, str] = field(default_factory=dict)
    program: str = "pytest"


def _start(start, name):
    shutil.copytree(PROJECTS / name, start.folder / name)
    return replace(start, folder=start.folder / name)


def _empty(start, name="empty"):
    (start.folder / name).mkdir()
    return replace(start, folder=start.folder / name)


def _in_its_tests(start):
    inside = _start(start, "strict").folder / "specs"
    return replace(start, folder=inside, writable=False)  # an ini file there would make it the root


def _read_only(start):
    started = _start(start, "strict")
    started.folder.chmod(0o555)
    return replace(started, writable=False, environment=replace(start.environment, through=AS_OTHERS_MAY))


PLACES = {
    "an empty folder": _empty,
    "a project with settings of its own": lambda start: _start(start, "strict"),
    "its folder of tests": _in_its_tests,
    "a project with options of its own": lambda start: replace(_start(start, "options"), prefix="--rollproof-"),
    "a project with native settings": lambda start: _start(start, "native"),
    "a folder of a name with blanks": lambda start: _empty(start, "a b [c] 100%; d"),
    "a folder that is read-only": _read_only,
    "a folder on another drive": lambda start: _start(replace(start, folder=start.drive), "strict"),
    "the root folder": lambda start: replace(start, folder=Path("/"), writable=False),
    "the clone": lambda start: replace(start, folder=ROOT, environment=CLONE, writable=False),
}
CLONE = Environment(Path(sys.executable).parent)


def _two_words(start, url, reference):
    return Said((f"{start.prefix}database-url", url, f"{start.prefix}reference", reference))


def _equals(start, url, reference):
    return Said((f"{start.prefix}database-url={url}", f"{start.prefix}reference={reference}"))


def _long_names(start, url, reference):
    return _two_words(replace(start, prefix="--rollproof-"), url, reference)


def _variables(start, url, reference):
    del start
    return Said((), {"ROLLPROOF_DATABASE_URL": url, "ROLLPROOF_REFERENCE": str(reference)})


def _configuration(start, url, reference):
    file = (start.folder if start.writable else start.spare) / "rollproof.toml"
    file.write_text(f"database_url = '''{url}'''\nreference = '''{reference}'''\n")
    return Said(() if start.writable else ("--rollproof-config", file))


def _addopts(start, url, reference):
    return Said((), {"PYTEST_ADDOPTS": shlex.join(map(str, _two_words(start, url, reference).words))})


def _ini_addopts(start, url, reference):
    said = shlex.join(map(str, _equals(start, url, reference).words))
    file = start.folder / "pytest.ini"
    if start.writable and (file.exists() or not any(start.folder.iterdir())):
        own = file.read_text().replace("addopts =", f"addopts = {said}") if file.exists() else "[pytest]\n"
        file.write_text(own if said in own else f"{own}addopts = {said}\n")
        return Said(())
    return Said(("-o", f"addopts={said}"))


def _file_of_words(start, url, reference):
    file = start.spare / "words"
    file.write_text("\n".join(map(str, _two_words(start, url, reference).words)))
    return Said((f"@{file}",))


def _mixed(start, url, reference):
    return Said((f"{start.prefix}reference", reference), {"ROLLPROOF_DATABASE_URL": url})


def _verify(start, url, reference):
    return replace(_two_words(replace(start, prefix="--"), url, reference), program="rollproof")


WAYS = {
    "two words": _two_words,
    "an equals sign": _equals,
    "long names": _long_names,
    "variables": _variables,
    "rollproof.toml": _configuration,
    "PYTEST_ADDOPTS": _addopts,
    "addopts": _ini_addopts,
    "a file of words": _file_of_words,
    "a variable and two words": _mixed,
    "rollproof verify": _verify,
}
REFERENCES = ("inside", "outside", "beside a conftest.py of somebody else's")


def cells(place):
    """Return way, phase and place of the reference of each run in a place: by day one, each in another way."""
    if os.environ.get("ROLLPROOF_PLACES") == "all":
        return list(product(WAYS, PHASES, REFERENCES))
    n = [*PLACES].index(place)
    return [([*WAYS][n], PHASES[n % 4], REFERENCES[(n + n // 3) % 3])]


def _place_of(reference, start, folder):
    if reference == "inside" and start.writable:
        return start.folder / "baselines"
    place = folder / "elsewhere"
    if reference.startswith("beside"):
        place.mkdir()
        (place / "conftest.py").write_text(HOSTILE.format(folder / "ran"))
        (place / "test_of_theirs.py").write_text(HOSTILE.format(folder / "ran"))
        (place / "pytest.ini").write_text("[pytest]\naddopts = --there-is-no-such-option\n")
    return place


@pytest.fixture
def start(tmp_path, open_folder, plain, oldest):
    """Call it with a place and a number for where to start there, and a folder for all else; every second time by an old pytest."""

    def make(place, number):
        folder, drive = tmp_path / str(number), open_folder / str(number)
        for each in (folder, folder / "spare", drive):
            each.mkdir()
        return PLACES[place](Start(folder, folder / "spare", drive, (plain, oldest)[number % 2])), folder

    return make


@pytest.mark.promise
@pytest.mark.parametrize("place", PLACES)
def test_a_phase_comes_to_the_same_from_anywhere(place, start, ledger, came_to):
    url, baseline = ledger
    password = conninfo_to_dict(url)["password"]
    wrong = {}
    for number, (way, phase, reference) in enumerate(cells(place)):
        here, folder = start(place, number)
        where = kept(baseline, phase, _place_of(reference, here, folder))
        said = WAYS[way](here, url, where)
        asked = ("verify", phase) if said.program == "rollproof" else ("-m", phase)
        variables = {"ROLLPROOF_REPORT_DIR": str(folder / "reports"), **said.variables}
        ended = here.environment(here.folder, *asked, *said.words, program=said.program, **variables)
        reported = told(ended, folder / "reports")
        if reported != came_to(phase) or password in ended.output or (folder / "ran").exists():
            wrong[way, phase, reference] = f"{reported} where {came_to(phase)} was expected\n{ended.output}"

    assert wrong == {}, "\n".join(f"{cell}:\n{output}" for cell, output in wrong.items())


OWN_CHECK = """
import pytest


@pytest.mark.post_rollback
def it_has_its_tables(before, after):
    assert before.tables == after.tables
"""


def test_verify_imports_us_before_pytest_does_and_no_warning_is_left_to_be_an_error(tmp_path, plain, ledger):
    url, baseline = ledger
    shutil.copytree(PROJECTS / "strict", tmp_path / "strict")
    (tmp_path / "strict/specs/check_own.py").write_text(OWN_CHECK)
    said = ("verify", "-v", "--database-url", url, "--reference", kept(baseline, "post_rollback", tmp_path))

    ended = plain(tmp_path / "strict", *said, program="rollproof")

    assert (ended.returncode, "it_has_its_tables PASSED" in ended.output) == (1, True), ended.output
