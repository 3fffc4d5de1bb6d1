"""Whatever pytest and its plugins offer: no run is called good that did not ask every question and hear a good answer.

Tiny checks stand in for the real ones, for what is tried here is between pytest and the reports; their code is the real one.
"""

import json
import os
from pathlib import Path

import pytest
from _pytest._code import ExceptionInfo

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
CONFTEST = f"""
import sys
from pathlib import Path
import pytest
sys.path.insert(0, {str(ROOT)!r})
from rollproof.plugin.options import Run, is_look
from rollproof.plugin.run import Sides
from rollproof.plugin.own_checks import named
from rollproof.plugin.stash import NAMED, RUN, SIDES
from rollproof.model.phase import PHASES
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.report.folder import Runs
from rollproof.model.redaction import secrets_in
parts = ("bundled", "not_configured", "outcomes", "files", "reporter", "summary")
pytest_plugins = tuple(f"rollproof.plugin.{{name}}" for name in parts)

@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    here = Path(__file__).parent
    configured = Configured(Settings(database_url="postgresql:///shop"), None)
    config.stash[RUN] = Run(
        configured, PHASES["post_rollback"], rehearse=False, dry_run=False, look=is_look(config.option), typed=(),
        secrets=secrets_in([], {{}}), runs=Runs(here / "reports", 2),
    )
    typed = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else ()
    config.stash[NAMED] = named(typed, here, here / "checks")
    config.args = [*config.stash[NAMED].own]
    config.stash[SIDES] = Sides(config, config.stash[RUN])
"""
INI = "[pytest]\nmarkers =\n    post_rollback: x\n    pre_rollback: x\n    rows: x\ntestpaths = checks\nxfail_strict = true\n"
CHECK = """
'''Everything is as it was.

When it fails: mend it.'''
import pytest
from pathlib import Path
from rollproof.model.errors import Inconclusive
from rollproof.model.failure import NotRestored, Warned
from rollproof.model.finding import Finding
FOUND = (Finding('columns', 'public.a.b', 'text', None, compared=True),)
pytestmark = [pytest.mark.post_rollback{more}]
{case}
"""
EACH = "@pytest.mark.parametrize('owner', ['a', 'b', 'c'])\ndef test_{name}(owner): pass"
CHECKS = {
    "columns": "def test_columns():\n    if Path('damaged').exists(): raise NotRestored(FOUND)",
    "content": EACH.format(name="content"),
    "endpoints": "def test_endpoints(): pytest.skip('no endpoints')",
    "rows": EACH.format(name="rows"),
}
CASES = 8

WRAPS = "@pytest.hookimpl(wrapper=True)\n"
PLUGINS = {
    "expects": "def pytest_collection_modifyitems(items):\n    [item.add_marker(pytest.mark.xfail) for item in items]",
    "expects_unrun": "def pytest_collection_modifyitems(items):\n    [i.add_marker(pytest.mark.xfail(run=False)) for i in items]",
    "skips": "def pytest_collection_modifyitems(items):\n    [item.add_marker(pytest.mark.skip(reason='slow')) for item in items]",
    "skips_some": "def pytest_collection_modifyitems(items):\n    [i.add_marker(pytest.mark.skip(reason='slow')) for i in items"
    " if 'columns' in i.nodeid]",
    "skips_late": "def pytest_runtest_setup(item):\n    if 'columns' in str(item): pytest.skip('not today')",
    "skips_by_fixture": "@pytest.fixture(autouse=True)\ndef off(request):\n    'col' in str(request.node) and pytest.skip('off')",
    "swallows": WRAPS + "def pytest_pyfunc_call():\n    try: return (yield)\n    except Exception: return True",
    "swallows_outside": WRAPS + "def pytest_runtest_call():\n    try: yield\n    except Exception: pass",
    "whitewashes": WRAPS + "def pytest_runtest_makereport():\n"
    "    report = yield\n    report.outcome = 'passed'\n    return report",
    "asks_nothing": "@pytest.hookimpl(tryfirst=True)\ndef pytest_pyfunc_call(): return True",
    "runs_nothing": "@pytest.hookimpl(tryfirst=True)\ndef pytest_runtest_protocol(): return True",
    "drops": "def pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if 'columns' not in i.nodeid]",
    "reruns": "from _pytest.runner import runtestprotocol\n"
    "def pytest_runtest_protocol(item, nextitem):\n"
    "    reports = runtestprotocol(item, nextitem=nextitem, log=False)\n"
    "    if any(r.failed for r in reports):\n"
    "        Path('damaged').unlink()\n"
    "        for r in reports:\n"
    "            r.outcome = 'rerun' if r.failed else r.outcome\n"
    "            item.ihook.pytest_runtest_logreport(report=r)\n"
    "        reports = runtestprotocol(item, nextitem=nextitem, log=False)\n"
    "    for r in reports: item.ihook.pytest_runtest_logreport(report=r)\n"
    "    return True",
    "stops": "def pytest_runtest_teardown(item):\n    item.session.shouldstop = 'time is up'",
    "exits": "def pytest_runtest_teardown(item):\n    pytest.exit('enough', returncode=0)",
}  # fmt: skip

GOOD, PART, BAD, NONE = ("VERIFIED", 0), ("PARTLY VERIFIED", 0), ("NOT RESTORED", 1), ("NOTHING CHECKED", 5)
LOOK = (None, 5)  # nothing is said, and nothing written
UNTOLD, ENDED = ("INCONCLUSIVE", 7), ("INTERRUPTED", 130)
# What is typed → what it comes to where all is well (None: not tried, nothing can be hidden there), and where `columns` is not.
TYPED = {
    "": (GOOD, BAD),
    "--setup-show": (None, BAD),
    "--setup-only": (NONE, NONE),
    "--setup-plan": (None, LOOK),
    "--collect-only": (LOOK, LOOK),
    "-k rows": (PART, PART),
    "-k nothing": (None, NONE),
    "-m rows": (PART, PART),
    "--deselect checks/test_columns.py": (None, PART),
    "--ignore checks/test_columns.py": (None, PART),
    "--ignore-glob */test_col*": (None, PART),
    "checks/test_rows.py": (None, PART),
    "checks/test_rows.py::test_rows[a] checks/test_content.py checks/test_columns.py": (PART, BAD),
    "-o python_files=test_rows.py": (GOOD, BAD),
    "-o python_functions=test_rows": (GOOD, BAD),
    "-x": (None, BAD),
    "--maxfail=1": (None, BAD),
    "--sw": (GOOD, BAD),
    "--sw-skip": (None, BAD),
    "--lf": (None, BAD),
    "--ff": (None, BAD),
    "--nf": (None, BAD),
    "--runxfail": (None, BAD),
    "--keep-duplicates checks checks": (None, BAD),
    "-p expects": (GOOD, BAD),
    "-p expects --runxfail": (None, BAD),
    "-p expects_unrun": (None, NONE),
    "-p skips": (None, NONE),
    "-p skips_some": (PART, PART),
    "-p skips_late": (None, PART),
    "-p skips_by_fixture": (GOOD, BAD),
    "-p swallows": (GOOD, BAD),
    "-p swallows_outside": (None, BAD),
    "-p whitewashes": (None, BAD),
    "-p asks_nothing": (None, BAD),
    "-p runs_nothing": (None, NONE),
    "-p drops": (None, PART),
    "-p reruns": (GOOD, BAD),
    "-p stops": (UNTOLD, BAD),
    "-p exits": (None, ENDED),
}


@pytest.fixture
def project(pytester, monkeypatch):
    """A folder with four checks, of eight cases, and the plugins."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # the time of a run is mostly theirs
    pytester.makeini(INI)
    pytester.makeconftest(CONFTEST)
    checks = pytester.mkdir("checks")
    for name, case in CHECKS.items():
        more = ", pytest.mark.rows" if name == "rows" else ""
        (checks / f"test_{name}.py").write_text(CHECK.format(case=case, more=more))
    pytester.makepyfile(**{name: f"from pathlib import Path\nimport pytest\n{text}" for name, text in PLUGINS.items()})
    pytester.syspathinsert()
    return pytester


def run(project, typed, *, damaged=False):
    """Return the exit code and the report, None if none was written."""
    (project.path / "damaged").write_text("") if damaged else (project.path / "damaged").unlink(missing_ok=True)
    file = project.path / "reports/result.json"
    file.unlink(missing_ok=True)
    code = int(project.runpytest_inprocess(*typed.split()).ret)
    return code, json.loads(file.read_bytes()) if file.exists() else None


@pytest.mark.parametrize("typed", TYPED)
def test_a_run_is_called_what_it_earned(typed, project):
    for damaged, expected in zip((False, True), TYPED[typed], strict=True):
        if expected is None:
            continue
        code, report = run(project, typed, damaged=damaged)
        if expected is LOOK:
            assert (report, code) == LOOK
            continue
        ran, cases = report["selection"]["ran"], report["selection"]["cases"]

        assert (report["verdict"], code) == expected, report["sentence"]
        assert (f"{ran} of {cases} cases" in report["sentence"]) == (0 < ran < cases or expected is PART)
        assert cases == CASES


def test_an_end_that_another_plugin_spoils_is_no_verdict(project):
    hooks = ("sessionfinish", "unconfigure", "sessionstart")
    for hook in hooks if os.environ.get("ROLLPROOF_PLUGINS") == "each" else hooks[:1]:
        name = f"raises_at_{hook}"
        project.makepyfile(**{name: f"def pytest_{hook}():\n    raise ValueError('of another')"})

        assert project.runpytest_subprocess("-p", name).ret == 3, hook


def test_what_only_shows_something_is_no_verification(project):
    for typed in ("--fixtures", "--fixtures-per-test", "--markers", "--help", "-VV -m post_rollback", "--cache-show"):
        assert run(project, typed)[0] == 5, typed


PLUGINS_OF_PYTEST = ("python", "skipping", "terminal", "junitxml", "setuponly", "cacheprovider", "capture")


def test_without_a_plugin_of_pytests_own_nothing_is_called_good_that_is_not(project):
    """Some of them cannot be done without, and then pytest says so."""
    ended = {plugin: run(project, f"-p no:{plugin}", damaged=True) for plugin in PLUGINS_OF_PYTEST}

    assert {plugin: report for plugin, (code, report) in ended.items() if code == 0} == {}


def test_going_on_from_a_failure_is_of_a_part(project):
    for typed, ran in (("--lf", 1), ("--sw", CASES)):
        run(project, typed, damaged=True)
        code, report = run(project, typed)
        assert (report["verdict"], code, report["selection"]["ran"]) == ((*PART, ran) if ran < CASES else (*GOOD, ran))


def test_who_left_out_the_others_is_named(project):
    said = {
        '-k "rows" -m rows --deselect checks/test_content.py': ['-m "rows"', '-k "rows"', '--deselect "checks/test_content.py"'],
        "checks/test_rows.py": ["named: checks/test_rows.py"],
        "-p drops": ["left out by something that is not rollproof's"],
        "-p skips_some": ["1 left out by something that is not rollproof's"],
    }  # fmt: skip
    for typed, words in said.items():
        report = run(project, typed.replace('"', ""))[1]
        assert [word for word in words if word not in report["sentence"]] == []
        assert f"({report['selection']['by'][0]}" in report["sentence"]


def test_a_run_that_stopped_says_what_it_left_out(project):
    report = run(project, "-x", damaged=True)[1]

    assert report["sentence"].startswith(
        "1 of 8 cases (stopped early: stopping after 1 failures): the rollback did not"
    )


MANY = "@pytest.mark.parametrize('owner', range(60))\ndef test_rows(owner): raise NotRestored(FOUND)"
LATE = """
from pathlib import Path
import pytest
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    terminalreporter.write_line(f"LATE {Path('reports/junit.xml').exists()}")
    return (yield)
"""


@pytest.mark.promise
def test_many_failures_are_told_after_the_reports_are_written_and_without_tracebacks(project, monkeypatch):
    """Each traceback took 40 ms, so that thousands took minutes, and who lost patience lost the reports."""
    (project.path / "checks/test_rows.py").write_text(CHECK.format(case=MANY, more=""))
    project.makepyfile(late=LATE)
    made, real = [], ExceptionInfo.getrepr
    monkeypatch.setattr(ExceptionInfo, "getrepr", lambda *given, **how: made.append(0) or real(*given, **how))
    short = project.runpytest_inprocess("-p", "late")
    result = project.runpytest_inprocess("-p", "late", "-v")

    short.stdout.fnmatch_lines(["LATE True", "NOT RESTORED: *", "report: *"])
    assert len(short.stdout.lines) < 50
    verdict = "NOT RESTORED: the rollback did not put the database back"
    said = [
        "NOT RESTORED: *",
        "60 failures follow, *",
        "LATE True",
        "*test_rows?59?*",
        f"=*{verdict}*",
        "report: *",
        "=*60 failed*",
    ]
    result.stdout.fnmatch_lines(said)
    assert "short test summary" not in result.stdout.str(), "or the verdict does not stand at the end"
    assert (result.ret, len(made)) == (1, 0)


def test_a_check_that_cannot_be_read_is_an_error_of_ours(project):
    (project.path / "checks" / "test_late.py").write_text(
        "import nowhere\nimport pytest\npytestmark = [pytest.mark.post_rollback]\n"
    )

    for typed in ("", "--continue-on-collection-errors"):
        code, report = run(project, typed)
        assert (report["verdict"], code) == ("BROKEN", 3)


def test_what_a_phase_cannot_do_without_is_demanded_but_of_who_left_it_out_knowingly(project):
    (project.path / "checks/test_rows.py").write_text(
        CHECK.format(case="def test_rows(): pytest.skip('no rows')", more="")
    )
    code, report = run(project, "")

    assert (report["verdict"], code) == UNTOLD
    assert "whether every row is there again (rows)" in report["sentence"]
    assert run(project, "-k not(rows)")[1]["verdict"] == "PARTLY VERIFIED"
