"""To add something to this project needs no more edits than CONTRIBUTING.md says: each is made in a copy, and works there.

The facet is the stranger's: how large the large objects are. All six additions stand in one copy, so none is in another's way.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

ROOT = Path(__file__).parents[2]
OURS = ("rollproof", "checks", "fixtures", "reports", "scenarios", "tools", "docs", "conftest.py", "pyproject.toml")
GROUND = ROOT / "scenarios" / "cases" / "museum.sql"
FACET, CHECK = "large_object_sizes", "no_drafts"
DRAFT = "CREATE TABLE public.draft (id integer PRIMARY KEY)"
SIZES = """\
-- identity: the number of a large object   description: how many bytes it holds
SELECT
    l.loid::text AS identity,
    max(l.pageno::bigint * current_setting('block_size')::integer / 4 + length(l.data))::text AS description
FROM pg_catalog.pg_largeobject AS l
GROUP BY 1
"""
PHASE = """\
    Phase(
        name="post_backup",
        when="after the nightly backup",
        good="BACKED UP",
        good_sentence="the backup is complete",
        bad="NOT BACKED UP",
        bad_sentence="the backup is not complete",
        essentials=(),
        log="rollback completed",
        tables="either",
    ),
)

PHASES:"""
FORMAT = '''\
"""One line, for a chat."""

from rollproof.verdict.outcome import Report


def line(report: Report) -> str:
    """Return the verdict and what failed."""
    failed = sorted({outcome.check for outcome in report.outcomes if outcome.findings})
    return f"{report.verdict}: {', '.join(failed)}"


RENDERS = ("chat.txt", line)
'''
SETTING = """\
    chat_room: str = "lobby"
    schemas: tuple[str, ...] | None = None
"""
OPTION = """\
OPTIONS = (
    Option("chat_room", "ROOM", "where the verdict is told"),
"""
PROVIDER = """\
PROVIDERS = (
    Provider("desk", "desk", "the server on my desk", lambda _, options: _running(os.environ["DESK"], options)),
"""


def put(path, text):
    path.write_text(text, "utf-8")


def edit(path, old, new):
    """Replace what occurs once."""
    before = path.read_text("utf-8")
    assert before.count(old) == 1, f"{old!r} in {path}"
    put(path, before.replace(old, new))


def skeleton(copy, kind, name):
    subprocess.run([sys.executable, copy / "tools" / "new.py", kind, name], check=True, capture_output=True)


def a_facet(copy):
    skeleton(copy, "facet", FACET)
    put(copy / f"rollproof/catalog/sql/{FACET}.sql", SIZES)
    edit(copy / "rollproof/catalog/facets.toml", f"[{FACET}]\n", f"[{FACET}]\nmay_be_closed = true\npg_dump = false\n")
    case = copy / "scenarios/cases" / FACET
    put(case / "change.sql", "SELECT lo_put(4711, 0, 'some bytes');")
    put(case / "expect.toml", f'setup = "museum.sql"\nexit = 1\nfails = ["{FACET}"]\n')


def a_check(copy):
    skeleton(copy, "check", CHECK)
    check = copy / f"checks/test_{CHECK}.py"
    edit(check, "if not table]  # TODO: ask about each", 'if table.endswith(".draft")]')
    edit(check, "is not as it should be", "is a draft")
    edit(check, "[pytest.mark.post_rollback,", "[pytest.mark.post_rollback, pytest.mark.post_backup,")


def a_phase(copy):
    edit(copy / "rollproof/model/phase.py", ")\n\nPHASES:", PHASE)


def a_format(copy):
    put(copy / "rollproof/report/chat.py", FORMAT)
    edit(copy / "rollproof/report/__init__.py", "    formats  ", "    chat         one line, for a chat\n    formats  ")


def a_setting(copy):
    edit(copy / "rollproof/settings/options.py", "    schemas: tuple[str, ...] | None = None\n", SETTING)
    edit(copy / "rollproof/settings/option_table.py", "OPTIONS = (\n", OPTION)


def a_provider(copy):
    edit(copy / "rollproof/throwaway/servers/provide.py", "PROVIDERS = (\n", PROVIDER)
    edit(copy / "rollproof/throwaway/servers/provide.py", "import re\n", "import os\nimport re\n")


ALL = ("--report", "html,junit,markdown,json,chat")
ADDITIONS = {
    "a catalogue facet": (a_facet, FACET),
    "a check": (a_check, CHECK),
    "a phase": (a_phase, "post_backup"),
    "a report format": (a_format, "chat"),
    "a setting": (a_setting, "chat_room"),
    "a server provider": (a_provider, "desk"),
}


def files(folder):
    """Return what stands in each file, in short."""
    paths = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).digest() for path in paths}


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A copy in which everything was added: where it is, and which files each addition made and changed."""
    copy, edits = tmp_path_factory.mktemp("copy"), {}
    for name in OURS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, copy / name)
    for what, (add, _) in ADDITIONS.items():
        before = files(copy)
        add(copy)
        after = files(copy)
        changed = {path for path in before if before[path] != after.get(path)}
        edits[what] = (after.keys() - before.keys(), changed)
    return SimpleNamespace(folder=copy, edits=edits)


@pytest.fixture
def run(grown, tmp_path):
    """Call it with a program's arguments to run the copy's code."""

    def python(*arguments, cwd=tmp_path, **environment):
        known = {**os.environ, "PYTHONPATH": str(grown.folder), **environment}
        words = [sys.executable, *map(str, arguments)]
        return subprocess.run(words, check=False, cwd=cwd, env=known, capture_output=True, text=True)

    return python


@pytest.fixture
def verified(run, database_from, tmp_path):
    """Call it with what is changed after the baseline was taken, a phase and options; it returns how the command ended."""

    def verify(change, phase="post_rollback", *options, **environment):
        url = database_from(GROUND)
        taken = run("-m", "rollproof", "capture", "--database-url", url, "--output", tmp_path / "baseline.json")
        assert taken.returncode == 0, taken.stdout + taken.stderr
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(change)
        words = ["-m", "rollproof", "verify", phase, "--database-url", url, *options]
        return run(*words, "--reference", "baseline.json", **environment)

    return verify


def promised(what):
    """Return the files that CONTRIBUTING.md says are written and edited."""
    row = re.search(
        rf"^\| {what}\b[^|]*\|([^|]*)\|([^|]*)\|$", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE
    )
    name = ADDITIONS[what][1]
    return tuple(
        {path.replace("NAME", name) for path in re.findall(r"`([^`]+[./][^`]+)`", cell)} for cell in row.groups()
    )


@pytest.mark.parametrize("what", ADDITIONS)
def test_an_addition_needs_the_edits_that_the_manual_names(what, grown):
    assert grown.edits[what] == promised(what)


def test_a_new_facet_fails_its_check_and_stands_in_every_report(verified, tmp_path):
    ended = verified("SELECT lo_put(4711, 0, 'some bytes')", "post_rollback", "-k", f"{FACET} or large_objects", *ALL)

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "4711" in ended.stdout
    reports = tmp_path / "rollproof-report"
    for name in ("report.html", "summary.md", "junit.xml", "result.json", "chat.txt"):
        assert FACET in (reports / name).read_text("utf-8"), name
    told = json.loads((reports / "result.json").read_text("utf-8"))
    bad = [outcome for outcome in told["outcomes"] if outcome["kind"] == "not restored"]
    assert [(each["check"], [found["subject"] for found in each["findings"]]) for each in bad] == [(FACET, ["4711"])]


def test_a_case_of_a_new_facet_is_collected_and_holds(run, grown, server):
    asked = ("-q", "-p", "no:cacheprovider", "scenarios/test_cases.py", "-k", FACET, "--server", server.dsn("postgres"))

    ended = run("-m", "pytest", *asked, cwd=grown.folder)

    assert ended.returncode == 0, ended.stdout
    assert "1 passed" in ended.stdout


def test_a_new_phase_has_its_checks_and_its_words(verified, tmp_path):
    ended = verified(DRAFT, "post_backup", "--chat-room", "night", *ALL)

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "public.draft" in ended.stdout
    assert "NOT BACKED UP: 1 table" in ended.stdout
    assert (tmp_path / "rollproof-report" / "chat.txt").read_text() == f"NOT BACKED UP: {CHECK}"
    assert "--chat-room night" in (tmp_path / "rollproof-report" / "summary.md").read_text("utf-8")


def test_a_new_phase_is_good_where_nothing_is_found(verified):
    ended = verified("SELECT 1", "post_backup")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "BACKED UP: the backup is complete" in ended.stdout


def test_a_new_setting_is_known_in_all_three_places(run, tmp_path):
    program = (
        "from pathlib import Path; from rollproof.settings.configuration import resolve;"
        "print(*(resolve(typed, environment, file).chat_room for typed, environment, file in ("
        "({'chat_room': 'typed'}, {'ROLLPROOF_CHAT_ROOM': 'night'}, None),"
        "({}, {'ROLLPROOF_CHAT_ROOM': 'night'}, Path('rollproof.toml')), ({}, {}, Path('rollproof.toml')), ({}, {}, None))))"
    )
    put(tmp_path / "rollproof.toml", 'chat_room = "file"\n')

    ended = run("-c", program)

    assert ended.stdout.split() == ["typed", "night", "file", "lobby"], ended.stderr


def test_the_reference_pages_take_what_is_new(run, grown):
    ended = run(grown.folder / "tools" / "reference.py")
    pages = {name: (grown.folder / f"docs/{name}.md").read_text("utf-8") for name in ("options", "checks", "facets")}

    assert ended.returncode == 0, ended.stderr
    assert "| `--chat-room ROOM` | `ROLLPROOF_CHAT_ROOM` | lobby | where the verdict is told |" in pages["options"]
    assert f"### {CHECK}\n" in pages["checks"]
    assert (
        f"| [`{FACET}`](checks.md#{FACET}) | the number of a large object | how many bytes it holds | no |"
        in pages["facets"]
    )


def test_a_new_provider_is_asked_by_its_word_and_named_among_the_forms(run, server):
    program = "import sys; from rollproof.throwaway.servers.provide import provide; print(provide(sys.argv[1]).version)"

    found, mistyped = (run("-c", program, word, DESK=server.dsn("postgres")) for word in ("desk", "desc"))

    assert found.stdout.strip() == str(server.version), found.stderr
    assert re.search("^  desk +the server on my desk$", mistyped.stderr, re.MULTILINE)
