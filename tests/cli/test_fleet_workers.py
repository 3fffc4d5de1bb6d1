"""Whoever does the work: no target is lost with its worker, and nobody is told a password."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest
from distributed import LocalCluster
from distributed.security import Security

from fixtures.fleet import NAMES, outcomes
from fixtures.waiting import within

BY_NIGHT = pytest.mark.skipif(not os.environ.get("ROLLPROOF_NIGHT"), reason="by night, or with ROLLPROOF_NIGHT=1")

ROOT = Path(__file__).parents[2]
WAITS = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name LIKE 'rollproof%' AND datname = $1 AND wait_event_type = 'Lock'
"""


def worker_of(process):
    """Return the process that does the work of another one."""
    below = psutil.Process(process.pid).children(recursive=True)
    return [each.pid for each in below if "spawn_main" in " ".join(each.cmdline())]


@pytest.mark.parametrize("executor", [pytest.param("processes:1", marks=BY_NIGHT), "dask://local:1"])
def test_a_worker_that_is_killed_loses_no_target(executor, tenants, baselines, tmp_path):
    url = tenants.server.dsn(tenants.databases["two"])
    words = ("verify", "--targets", tenants.list_in(tmp_path), "--reference", str(baselines), "--executor", executor)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **tenants.environment}
    line = [sys.executable, "-m", "rollproof", *words, "-k", "row"]
    with psycopg.connect(url) as holder, (tmp_path / "said").open("w") as said:
        holder.execute("LOCK TABLE orders")
        with subprocess.Popen(line, cwd=tmp_path, env=environment, stdout=said, stderr=said) as running:
            with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.RawCursor) as seen:
                within(120, lambda: seen.execute(WAITS, [tenants.databases["two"]]).fetchone()[0])
            (worker,) = worker_of(running)
            os.kill(worker, signal.SIGKILL)
            holder.rollback()
            code = running.wait(timeout=120)

    assert code == 0, (tmp_path / "said").read_text()
    found = outcomes(tmp_path / "rollproof-report")
    assert {name: each["verdict"] for name, each in found.items()} == dict.fromkeys(NAMES, "PARTLY VERIFIED")
    # dask itself has another worker do the job
    assert max(each["attempts"] for each in found.values()) == (2 if executor == "processes:1" else 1)
    assert not worker_of(psutil.Process())


SPY = """
import json, pathlib, pickle
from concurrent.futures import Executor, Future, ThreadPoolExecutor

class Spy(Executor):
    made = 0

    def __init__(self):
        Spy.made += 1
        self.pool = ThreadPoolExecutor(2)

    def submit(self, call, *args):
        with open("sent", "ab") as sent:
            sent.write(pickle.dumps((call, args)) + b"\\n")
        if len(open("sent", "rb").read().splitlines()) and Spy.made == 1 and FAILS:
            raise RuntimeError("cannot schedule new futures after shutdown")
        return self.pool.submit(call, *args)

    def shutdown(self, wait=True, *, cancel_futures=False):
        pathlib.Path("closed").touch()
        self.pool.shutdown(wait=wait, cancel_futures=cancel_futures)

FAILS = False

def fails_once():
    global FAILS
    FAILS = True
    return Spy()
"""


@pytest.mark.parametrize("factory", ["Spy", "fails_once"])
def test_any_executor_will_do_and_is_told_no_password(factory, tenants, verify, tmp_path):
    (tmp_path / "mine.py").write_text(SPY)
    (tmp_path / "rollproof.toml").write_text(
        '[rehearsal]\nsource = "postgresql://u:c4nary-pa55@h/d"\n[fleet]\nper_server = 1\n'
    )

    done = verify("--executor", f"mine:{factory}:2")

    assert done.returncode == 0, done.output
    assert len(outcomes(tmp_path / "rollproof-report")) == len(NAMES)
    sent = (tmp_path / "sent").read_bytes()
    assert b"rollproof.fleet.work" in sent
    for secret in ("c4nary-pa55", tenants.environment["PGPASSWORD"]):
        assert secret.encode() not in sent
    assert (tmp_path / "closed").exists()


def test_an_executor_that_takes_no_jobs_leaves_each_target_inconclusive(verify, tmp_path):
    never = "from concurrent.futures import Executor\nclass Never(Executor):\n    pass\n"
    (tmp_path / "mine.py").write_text(never)

    done = verify("--executor", "mine:Never")

    assert done.returncode == 7, done.output
    found = outcomes(tmp_path / "rollproof-report")
    assert {each["verdict"] for each in found.values()} == {"INCONCLUSIVE"}
    assert len(found) == len(NAMES)
    assert "NotImplementedError" in json.dumps([*found.values()])


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler with one worker, which speaks TLS: its address, and the variables by which dask is told of its certificates."""
    security = Security.temporary()
    variables = {}
    for name in ("ca_file", "client_cert", "client_key"):
        path = tmp_path / f"{name}.pem"
        path.write_text(getattr(security, f"tls_{name}"))
        variables["DASK_DISTRIBUTED__COMM__TLS__" + name.upper().replace("CLIENT_", "CLIENT__")] = str(path)
    more = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": 50}
    with LocalCluster(host="127.0.0.1", protocol="tls://", security=security, **more) as cluster:
        yield cluster.scheduler_address.replace("tls://", "dask://"), variables


@pytest.fixture
def verify(tenants, baselines, command, tmp_path):
    """Call it with arguments to verify the tenants in an empty folder."""
    words = ("verify", "--targets", tenants.list_in(tmp_path), "--reference", baselines, "-k", "indexes")

    def run(*arguments, **environment):
        return command(tmp_path, *words, *arguments, environment={**tenants.environment, **environment})

    return run


def test_a_scheduler_is_spoken_to_by_tls_as_dask_is_configured(scheduler, verify, tmp_path):
    address, variables = scheduler

    done = verify("--executor", address, **variables)

    # The worker has no password: it has its own environment.
    assert done.returncode == 7, done.output
    assert "no password supplied" in json.dumps([*outcomes(tmp_path / "rollproof-report").values()])
    assert "dask://127.0.0.1" in (tmp_path / "rollproof-report" / "fleet.json").read_text()
