"""Told to end, at whatever moment: the exit code says by which signal, the reports say what was checked, nothing is left behind."""

import importlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import psutil
import psycopg
import pytest

from rollproof.throwaway.servers.server import fresh_name

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")  # the children touch no thread
SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
EVERY = int(os.environ.get("ROLLPROOF_SIGNALS", "0"))  # how many random moments more; 0 is the sample for every day
NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
VERIFY = ("verify", "post_rollback", "-m", "post_rollback and rows")
# Where the signal comes: hooks of pytest's and functions of ours, the n-th time.
MOMENTS = [
    ("pytest_cmdline_parse", 1),
    ("rollproof.commands.prepare:recorded", 1),
    ("rollproof.server.exported_snapshot:SnapshotExporter.__init__", 1),
    ("pytest_itemcollected", 100),
    ("pytest_pyfunc_call", 2),
    ("rollproof.server.reader:SnapshotReader.close", 1),
    ("rollproof.report.folder:put_or_remove", 2),
    ("pytest_terminal_summary", 1),
    ("pytest_unconfigure", 1),
]
_ONCE = (
    "configure",
    "sessionstart",
    "report_header",
    "collection",
    "collection_modifyitems",
    "collection_finish",
    "runtestloop",
)
_OFTEN = ("plugin_registered", "pycollect_makeitem", "generate_tests", "fixture_setup", "fixture_post_finalizer")
_CASES = ("protocol", "setup", "call", "makereport", "logreport", "teardown", "logstart", "logfinish")
MORE = [
    *((f"pytest_{name}", 1) for name in (*_ONCE, "sessionfinish", "report_teststatus")),
    *((f"pytest_{name}", 7) for name in _OFTEN),
    *((f"pytest_runtest_{name}", nth) for name in _CASES for nth in (1, 6)),
    ("rollproof.probes.foreign_keys:Orphans.__init__", 1),
    ("rollproof.report.folder:Runs.enter", 1),
    ("rollproof.report.folder:Runs.publish", 1),
    ("rollproof.report.folder:replace_file", 1),
    ("rollproof.report.junit:document", 1),
]


@pytest.fixture(scope="module")
def shop(server):
    """The URL of a shop."""
    name = fresh_name()
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(SHOP.read_text())
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture(scope="module")
def baseline(shop, command, tmp_path_factory):
    """The shop's baseline."""
    folder = tmp_path_factory.mktemp("baseline")
    taken = command(folder, "capture", "--database-url", shop)
    assert taken.returncode == 0, taken.output
    return folder / "baseline.json"


@pytest.fixture
def start(shop, command, tmp_path):
    """Run another command there; returns how it ended."""
    return lambda *words, **when: command(tmp_path, *words, "--database-url", shop, **when)


@pytest.fixture
def verify(shop, baseline, command, tmp_path):
    """Run a verification into a folder of its own; returns how it ended."""
    return lambda **when: command(tmp_path, *VERIFY, "--database-url", shop, "--reference", str(baseline), **when)


def left_on(url):
    """Return what is ours in the database, once it is nothing or after ten seconds; other tests have others there."""
    ours = "SELECT pid, application_name, state FROM pg_stat_activity WHERE application_name LIKE 'rollproof%'"
    ours += " AND datname = current_database()"
    end = time.monotonic() + 10
    with psycopg.connect(url, autocommit=True) as watcher:
        while (found := watcher.execute(ours).fetchall()) and time.monotonic() < end:
            time.sleep(0.05)
    return found


def reports(folder):
    """Return the report, after a look at the whole folder: four whole files, the same in the one run that is kept, no scraps."""
    kept = [each for each in (folder / "runs").iterdir() if each.name not in {".first", ".newest"}]
    assert [each.name.partition("Z-")[2] for each in kept] == ["interrupted"]
    names = ["junit.xml", "report.html", "result.json", "summary.md"]
    assert sorted(each.name for each in folder.iterdir() if each.name != "fingerprints.jsonl") == sorted(
        [*names, "runs"]
    )
    assert [(folder / name).read_bytes() == (kept[0] / name).read_bytes() for name in names] == [True] * 4
    assert sorted(each.name for each in kept[0].iterdir()) == names
    assert (folder / "report.html").read_text().rstrip().endswith("</html>")
    properties = ElementTree.parse(folder / "junit.xml").iter("property")  # noqa: S314 (our own)
    assert [each.get("value") for each in properties if each.get("name") == "rollproof.verdict"] == ["INTERRUPTED"]
    return json.loads((folder / "result.json").read_bytes())


def require_ended(folder, ended, number, shop):
    """Require everything that is promised of a run that was told to end."""
    assert ended.returncode == 128 + number, ended.output
    found = reports(folder / "rollproof-report")
    assert (found["verdict"], found["exit_code"]) == ("INTERRUPTED", ended.returncode)
    assert found["sentence"].startswith(f"ended by {signal.Signals(number).name} ")
    selection = found["selection"]
    assert ("nothing was checked" in found["sentence"]) == (selection["ran"] == 0)
    assert "Traceback" not in ended.output
    assert ended.output.count("INTERRUPTED: ") == 1
    assert left_on(shop) == []


@pytest.mark.promise
@pytest.mark.parametrize(("at", "nth"), MOMENTS + (MORE if EVERY else []), ids=str)
def test_a_signal_at_any_moment_leaves_reports_that_say_so(at, nth, verify, shop, tmp_path):
    number = NUMBERS[len(at) % 3]
    ended = verify(number=number, at=at, nth=nth)

    require_ended(tmp_path, ended, number, shop)


@pytest.mark.parametrize("seed", range(1 + EVERY))
def test_a_signal_at_a_random_moment_leaves_reports_that_say_so(seed, verify, shop, tmp_path):
    """Unless the run was faster: then its verdict stands, everywhere."""
    number = NUMBERS[seed % 3]
    ended = verify(number=number, after=random.Random(seed).uniform(0.05, 3))  # noqa: S311 (a moment)

    if ended.returncode == 128 + number:
        require_ended(tmp_path, ended, number, shop)
    else:
        found = json.loads((tmp_path / "rollproof-report/result.json").read_bytes())
        assert (found["verdict"], found["exit_code"], ended.returncode) == ("PARTLY VERIFIED", 0, 0), ended.output


COMMANDS = {
    "rollproof.server.reader:SnapshotReader.close": "capture",
    "rollproof.system.files:os.fsync": "capture",
    "rollproof.commands.repair:RepairScript": "repair",
    "rollproof.commands.doctor:examine": "doctor",
    "rollproof.commands.init:proposal": "init",
}


@pytest.mark.promise
@pytest.mark.parametrize("at", COMMANDS)
def test_the_other_commands_end_at_once_and_write_nothing_half(at, start, baseline, shop, tmp_path):
    number = NUMBERS[len(at) % 3]
    reference = () if COMMANDS[at] in {"capture", "init"} else ("--reference", str(baseline))
    ended = start(COMMANDS[at], *reference, number=number, at=at)
    written = [path.name for path in tmp_path.iterdir()]

    assert ended.returncode == 128 + number, ended.output
    assert ended.output.count(f"rollproof: ended by {signal.Signals(number).name}") == 1
    assert "Traceback" not in ended.output
    assert written == (["baseline.json"] if "fsync" in at else [])
    assert [json.loads((tmp_path / name).read_bytes())["format"] for name in written] == [1] * len(written)
    assert ("SHA-256" in ended.output) == bool(written)
    assert left_on(shop) == []


def exit_code(number):
    return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1])


OF_A_REHEARSAL = [
    ("rollproof.throwaway.servers.processes:Cluster.init_directory", 1),
    ("rollproof.throwaway.servers.processes:ProcessServer.__init__", 1),
    ("rollproof.commands.stand_in:run", 1),
    ("rollproof.commands.stand_in:run", 3),
    ("rollproof.commands.bundled_story:Service._wait", 1),
    ("rollproof.plugin.run:Sides.pytest_unconfigure", 1),
    ("pytest_pyfunc_call", 1),
    ("rollproof.catalog.pg_dump:PgDump._said", 1),
]


@pytest.mark.skipif(not EVERY, reason="by night, or with ROLLPROOF_SIGNALS: 16 servers")
@pytest.mark.parametrize(("at", "nth"), OF_A_REHEARSAL if EVERY else OF_A_REHEARSAL[:1], ids=str)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM] if EVERY else [signal.SIGINT])
def test_a_signal_clears_away_the_server_of_a_rehearsal(at, nth, number, command, tmp_path):
    ended = command(tmp_path, "verify", "--rehearse", number=number, at=at, nth=nth)

    assert ended.returncode == 128 + number, ended.output
    assert json.loads((tmp_path / "rollproof-report/result.json").read_bytes())["verdict"] == "INTERRUPTED"
    left = [
        (" ".join(each.info["cmdline"] or ()), each.info["ppid"]) for each in psutil.process_iter(["cmdline", "ppid"])
    ]
    backend = (f"{sys.executable} backend.py", 1)  # of a run that is over: those of other workers have a parent
    assert [each for each in left if f"rollproof-server-{ended.pid}-" in each[0] or each == backend] == []


def exists(moment):
    """Whether there is such a hook of pytest's, or such a function of ours."""
    module, _, path = moment.partition(":")
    found = importlib.import_module(module if path else "_pytest.hookspec")
    for name in (path or module).split("."):
        found = getattr(found, name, None)
    return found is not None


def test_each_moment_is_there_though_most_are_met_by_night_only():
    moments = [*COMMANDS, *(at for at, _ in (*MOMENTS, *MORE, *OF_A_REHEARSAL))]

    assert [moment for moment in moments if not exists(moment)] == []
