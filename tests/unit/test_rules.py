"""Each rule of the house finds a planted offence, names it, and finds nothing in a house that is in order."""

import pytest

from tests.house import one_place, rules, written
from tests.house.source_tree import Checkout

CHECK = '''"""Rows stay.

When it fails: rows are missing.

How to mend: put them back.

What it cannot see: their order.
"""

import pytest

from rollproof.rows import scan

pytestmark = [pytest.mark.post_rollback, pytest.mark.severity("high")]


def test_rows():
    assert scan
'''
IN_ORDER = {
    "rollproof/__init__.py": '"""The engine.\n\n    errors   what goes wrong\n    server/  one instant\n    rows/    rows\n'
    '    plugin/  pytest\n    cli      the commands\n\neach module uses only those above it\n"""\n',
    "rollproof/__main__.py": '"""Run it."""\n\nfrom rollproof import cli\n',
    "rollproof/errors.py": '"""Errors."""\n',
    "rollproof/cli.py": '"""The commands."""\n\nfrom rollproof.rows import scan\n',
    "rollproof/server/__init__.py": '"""One instant.\n\n    workers -    threads\n    connection   a session, whose text goes on\n'
    '                 in a second line\n"""\n',
    "rollproof/server/workers.py": '"""Threads."""\n\nfrom rollproof.errors import Misuse\n',
    "rollproof/server/connection.py": '"""A session."""\n\nfrom rollproof.server import workers\n',
    "rollproof/rows/__init__.py": '"""Rows.\n\n    scan   reads\n"""\n',
    "rollproof/rows/scan.py": '"""Reads."""\n\nfrom rollproof.server.connection import Session\n',
    "rollproof/plugin/__init__.py": '"""Pytest.\n\n    run   one run\n"""\n',
    "rollproof/plugin/run.py": '"""One run."""\n\nimport pytest\n',
    "checks/test_rows.py": CHECK,
    "scenarios/vibes/app.py": "from . import data\n",
    "tests/cli/test_all.py": "import pytest\n\n@pytest.mark.promise\ndef test_it(): assert True\n",
    "docs/README.md": "[promises](promises.md)\n",
    "docs/promises.md": "| promise | test |\n|---|---|\n| Rows stay. | `tests/cli/test_all.py::test_it` |\n",
}
PLANTED = {
    "a module that no map lists": (rules.maps, {"rollproof/rows/x.py": ""}, ["rollproof.rows does not list x"]),
    "a package that no map lists": (rules.maps, {"rollproof/x/__init__.py": ""}, ["rollproof does not list x"]),
    "a map of what is not there": (
        rules.maps,
        {"rollproof/rows/__init__.py": '"""Rows.\n\n    scan   reads\n    gone   went\n"""\n'},
        ["rollproof.rows lists gone, which is not there"],
    ),
    "a map that lists twice": (
        rules.maps,
        {"rollproof/rows/__init__.py": '"""Rows.\n\n    scan   reads\n    scan -   reads\n"""\n'},
        ["rollproof.rows lists scan twice"],
    ),
    "an import upwards": (
        rules.downwards,
        {"rollproof/server/workers.py": "def now():\n    from rollproof.server import connection\n"},
        ["rollproof.server.workers imports rollproof.server.connection, which rollproof.server does not list above it"],
    ),
    "an import of a higher package": (
        rules.downwards,
        {"rollproof/errors.py": "import rollproof.rows.scan\n"},
        ["rollproof.errors imports rollproof.rows.scan, which rollproof does not list above it"],
    ),
    "an import through a closed door": (
        rules.doors,
        {"rollproof/rows/scan.py": "from rollproof.server.workers import Workers\n"},
        ["rollproof.rows.scan imports rollproof.server.workers, which rollproof.server keeps to itself"],
    ),
    "a circle": (
        rules.cycles,
        {"rollproof/server/workers.py": "from rollproof.server.connection import Session\n"},
        ["rollproof.server.connection → rollproof.server.workers → rollproof.server.connection"],
    ),
    "the engine imports pytest": (
        rules.surroundings,
        {"rollproof/rows/scan.py": "from pytest import main\n"},
        ["rollproof/rows/scan.py imports pytest"],
    ),
    "the plugin imports the suite": (
        rules.surroundings,
        {"rollproof/plugin/run.py": "import fixtures.forks\n"},
        ["rollproof/plugin/run.py imports fixtures"],
    ),
    "a check is imported": (
        rules.applied,
        {"fixtures/x.py": "from checks import test_rows\n"},
        ["fixtures/x.py imports checks.test_rows"],
    ),
    "a relative import": (rules.relative, {"fixtures/x.py": "from . import y\n"}, ["fixtures/x.py imports ..y"]),
    "a check that imports the supplies": (
        rules.checks_import,
        {"checks/test_rows.py": "import os\nimport fixtures\n"},
        ["checks/test_rows.py imports fixtures"],
    ),
    "a check that explains nothing": (
        rules.checks_explain,
        {"checks/test_rows.py": CHECK.replace("How to mend: put them back.", "How to mend:")},
        ["checks/test_rows.py"],
    ),
    "a check without a phase": (
        rules.checks_marks,
        {"checks/test_rows.py": CHECK.replace("post_rollback", "rows")},
        ["checks/test_rows.py: no phase"],
    ),
    "a check of no severity": (
        rules.checks_marks,
        {"checks/test_rows.py": CHECK.replace("high", "urgent")},
        ["checks/test_rows.py: not one of the severities: ['urgent']"],
    ),
    "a check of two tests": (
        rules.checks_marks,
        {"checks/test_rows.py": CHECK + "\ndef test_more(): pass\n"},
        ["checks/test_rows.py: the tests are ['test_rows', 'test_more']"],
    ),
    "a phase's name": (
        one_place.phase_names,
        {
            "rollproof/cli.py": '"""Before pre_migration."""\nPHASE = phase == "pre_migration"\n',
            "rollproof/model/phase.py": 'NAME = "pre_migration"\n',
        },
        ["rollproof/cli.py:2 says pre_migration"],
    ),
    "an environment that is written": (
        one_place.environment,
        {"rollproof/cli.py": "os.environ['A'] = b\nos.environ.update(c)\nd = os.environ['E'] + os.environ.get('F')\n"},
        ["rollproof/cli.py:1 writes the environment", "rollproof/cli.py:2 writes the environment"],
    ),
    "a plugin by its name": (
        one_place.plugins_by_name,
        {
            "rollproof/cli.py": 'm.get_plugin("rollproof-x")\nm.register(x, "rollproof-x")\nm.get_plugin("terminalreporter")\n'
        },
        ["rollproof/cli.py:1 looks up rollproof-x", "rollproof/cli.py:2 looks up rollproof-x"],
    ),
    "a source that is asked for its class": (
        one_place.kinds_of_sources,
        {
            "rollproof/sources/live.py": "class Live: pass\n\nisinstance(1, Live)\n",
            "rollproof/cli.py": "isinstance(before, Live | None)\nisinstance(before, str)\n",
        },
        ["rollproof/cli.py:1 asks whether it is Live"],
    ),
    "a module of a pattern's name": (rules.names, {"tests/unit/helpers.py": ""}, ["tests/unit/helpers.py"]),
    "a unit test of nothing": (
        rules.unit_tests,
        {"rollproof/rows/scan.py": "", "tests/unit/test_scan_parts.py": "", "tests/unit/test_scanners.py": ""},
        ["tests/unit/test_scanners.py"],
    ),
    "a long file": (rules.long_files, {"tests/unit/test_x.py": "\n" * 301}, ["tests/unit/test_x.py"]),
    "a long check": (rules.long_files, {"checks/test_x.py": "\n" * 41}, ["checks/test_x.py"]),
    "a long method": (
        rules.long_functions,
        {"fixtures/x.py": "class Server:\n    def stop(self):\n" + "        self\n" * 25},
        ["fixtures/x.py::Server.stop"],
    ),
    "a method without a docstring": (
        rules.untold,
        {"rollproof/rows/scan.py": '"""Reads."""\nclass Scan:\n    """One."""\n    def end(self): pass\n'},
        ["rollproof/rows/scan.py::end"],
    ),
    "a promise that nobody holds": (
        rules.promises,
        {"docs/promises.md": "| Rows stay. | `tests/cli/test_all.py::test_it` |\n| All is well. | nothing |\n"},
        ["docs/promises.md: no test holds '| All is well. | nothing |'"],
    ),
    "a promise whose test is not marked": (
        rules.promises,
        {"tests/cli/test_all.py": "def test_it(): assert True\n"},
        ["docs/promises.md names tests/cli/test_all.py::test_it, which does not carry the mark"],
    ),
    "a marked test that no promise names": (
        rules.promises,
        {"tests/cli/test_more.py": "@pytest.mark.promise\ndef test_more(): assert True\n"},
        ["docs/promises.md does not name tests/cli/test_more.py::test_more"],
    ),
    "a link that leads nowhere": (
        written.links,
        {
            "README.md": "# It & more\n[a](docs/a.md#one-more) [b](docs/b.md) [c](#it--more) [d](#it) ![e](e.png) [f](../f.md)\n",
            "docs/a.md": "# `One` more!\n[g](https://example.org) [h](../README.md#c)\n",
        },
        [f"README.md: {target}" for target in ("docs/b.md", "#it", "e.png", "../f.md")] + ["docs/a.md: ../README.md#c"],
    ),
    "a page that the index forgot": (
        written.index,
        {"docs/README.md": "[a](a.md#x)\n", "docs/a.md": "", "docs/b.md": "[a](a.md)\n"},
        ["docs/b.md", "docs/promises.md"],
    ),
    "a message that no program of ours writes": (
        written.messages,
        {
            "rollproof/__init__.py": 'def f(table):\n    raise Misuse(f"{table} is locked; wait " "for {who}")\n',
            "docs/troubleshooting.md": "| `… is locked; wait for …` |\n| `Connection refused` |\n| `is free` | `x` |\n",
        },
        ["troubleshooting.md: is free"],
    ),
    "a command or an option that there is not": (
        written.options,
        {
            "CHANGELOG.md": "`rollproof prove --all`\n",
            "README.md": "`--jobs 2` `--job 2` `rollproof prove` `rollproof verify --gentle -k x` `rollproof doctor --gentel`\n",
            "docs/a.md": "```shell\nrollproof capture \\\n  --outputs x | wc\npytest -m rows --no-header --stickt\n```\n",
        },
        [
            "README.md: --job",
            "README.md: rollproof prove",
            "README.md: rollproof doctor --gentel",
            "docs/a.md: rollproof capture --outputs",
            "docs/a.md: pytest -m --stickt",
        ],
    ),
}


@pytest.fixture
def house(tmp_path):
    """Call it with files, by path, for a checkout of them."""

    def build(files):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return Checkout(tmp_path)

    return build


@pytest.mark.parametrize(("rule", "files", "offences"), PLANTED.values(), ids=PLANTED)
def test_a_planted_offence_is_found_and_nothing_else(rule, files, offences, house):
    assert rule(house(IN_ORDER)) == []
    assert rule(house(files)) == offences


def test_each_rule_is_seen_finding():
    functions = [function for module in (rules, one_place, written) for function in vars(module).values()]
    every = {rule for rule in functions if getattr(rule, "__annotations__", {}).get("return") == list[str]}

    assert every == {rule for rule, *_ in PLANTED.values()}
