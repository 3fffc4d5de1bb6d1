"""However a self-test ends, nothing of its server is left, and what it tried need not be tried again."""

import json
import os
import signal

import psutil
import psycopg
import pytest

from rollproof.throwaway.servers.data_directory import MEMORY
from rollproof.throwaway.servers.server import fresh_name

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")  # the children touch no thread
EVERY = bool(os.environ.get("ROLLPROOF_SIGNALS"))  # both signals, at each moment; by default a sample for every day
SHOP = "CREATE TABLE orders (id int PRIMARY KEY, total numeric NOT NULL, note text NOT NULL)"
ONE_TRIED = "rollproof.rehearsal.selftest.journal:Journal.keep", 2
MOMENTS = {
    ONE_TRIED: 1,
    ("rollproof.rehearsal.selftest.run:ground", 1): None,
    ("rollproof.rehearsal.selftest.run:faults_of", 1): None,
    ("rollproof.rehearsal.selftest.trial:plant", 1): 0,
    ("rollproof.rehearsal.selftest.ground:Ground.renew", 3): 0,
}
"""Where the signal comes, and how many faults were tried then; None where there is no journal yet."""


@pytest.fixture(scope="module")
def shop(server):
    """The URL of a shop."""
    name = fresh_name()
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(SHOP)
    yield server.dsn(name)
    server.drop(name)


def left(pid):
    """Return what is left of a self-test: the processes and the directories of its server."""
    known = [" ".join(each.info["cmdline"] or []) for each in psutil.process_iter(["cmdline"])]
    return [each for each in known if f"rollproof-server-{pid}-" in each] + [*MEMORY.glob(f"rollproof-server-{pid}-*")]


@pytest.mark.skipif(not EVERY, reason="by night, or with ROLLPROOF_SIGNALS: other commands are ended by day")
@pytest.mark.promise
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM] if EVERY else [signal.SIGINT])
@pytest.mark.parametrize("moment", MOMENTS if EVERY else [ONE_TRIED], ids=str)
def test_a_signal_leaves_no_server_and_resume_goes_on(moment, number, command, shop, tmp_path):
    words = ["selftest", "--database-url", shop, "--only", "NOT NULL lost"]
    words += ["--only", "connection limit"]  # whose statement names the throw-away database, another one each time
    ended = command(tmp_path, *words, number=number, at=moment[0], nth=moment[1])
    tried, reports = MOMENTS[moment], tmp_path / "rollproof-report"

    assert ended.returncode == 128 + number, ended.output
    assert "Traceback" not in ended.output
    assert left(ended.pid) == []
    assert not (reports / "selftest.json").exists()
    assert (reports / "selftest.jsonl").exists() == (tried is not None)

    done = command(tmp_path, *words, "--resume")
    told = json.loads((reports / "selftest.json").read_text("utf-8"))

    assert done.returncode == 0, done.output
    assert (told["resumed"], told["tried"]) == (tried or 0, 3)
    if tried:
        assert "going on where 1 of 3 faults were tried" in done.said
    assert left(done.pid) == []
    assert not (reports / "selftest.jsonl").exists(), "all of it is in the reports"
