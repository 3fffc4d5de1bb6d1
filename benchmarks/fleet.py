"""What many databases cost: beside a bare connection and capture, from 10 to 200 of them, with a worker that is killed, by schemas.

    uv run python benchmarks/fleet.py cost        # one target after the other, in turns with connection and capture
    uv run python benchmarks/fleet.py growth      # 10, 50, 200 databases by threads: seconds, CPU and memory of the client
    uv run python benchmarks/fleet.py killed      # 200 databases, two dask workers, of which one is killed half way
    uv run python benchmarks/fleet.py schemas     # 10, 100, 1,000 schemas of one database

CPU is that of the client, of its pg_dump and of the server, as the kernel counts it. Each database has 20 tables with a key, an
index, a foreign key and three rows, as `catalogue.py` makes them.
"""

import argparse
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
from catalogue import filled

from rollproof.commands.taken import take
from rollproof.fleet.job import Job, answer_of, encoded
from rollproof.fleet.work import done
from rollproof.settings.options import Settings
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.room import room_for
from rollproof.throwaway.servers.server import Server

EACH = 10_000_000
"""Bytes of a database with a few small tables: most of it is PostgreSQL's own catalogue."""
ROLLPROOF = (sys.executable, "-m", "rollproof")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


@contextmanager
def databases(number: int, tables: int) -> Iterator[tuple[Server, list[str]]]:
    """Make so many databases that hold the same."""
    with room_for(number * EACH):
        server = provide("embedded", {"max_connections": "100", "autovacuum": "off"})
    try:
        filled(server, tables, "pattern")
        with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
            for each in range(number):
                admin.execute(f"CREATE DATABASE tenant_{each:04} TEMPLATE pattern")
        yield server, [server.dsn(f"tenant_{each:04}") for each in range(number)]
    finally:
        server.stop()


def postmaster(url: str) -> psutil.Process:
    with psycopg.connect(url) as connection:
        parent = psutil.Process(connection.info.backend_pid).parent()
    assert parent, "a backend has a postmaster"
    return parent


def server_cpu(of: psutil.Process) -> float:
    """Return the seconds of CPU of a server until now, its ended sessions included."""
    total = sum(of.cpu_times()[:4])
    for each in of.children():
        try:
            total += sum(each.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return total


def measured(server: psutil.Process, what: Callable[[], bytes]) -> tuple[bytes, tuple[float, float, float]]:
    """Return what a call returns; and its seconds, the client's CPU, and all CPU with pg_dump's and the server's."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    began, own, theirs = time.monotonic(), time.process_time(), server_cpu(server)
    told = what()
    seconds, own = time.monotonic() - began, time.process_time() - own
    time.sleep(0.3)  # until the sessions have ended
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    dumps = after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    return told, (seconds, own, own + dumps + server_cpu(server) - theirs)


def bare(url: str) -> bytes:
    with psycopg.connect(url) as connection:
        connection.execute("SELECT 1")
    take(Settings(database_url=url), os.environ)
    return b""


def cost(options: argparse.Namespace) -> None:
    with databases(options.number or 24, options.tables) as (_, urls):
        server, took = postmaster(urls[0]), dict[str, list[tuple[float, float, float]]]()
        for url in urls:
            job = Job(name="t", server="", action="capture", settings=Settings(database_url=url))
            baseline = answer_of(done(encoded(job))).files["baseline.json"]
            job = Job(
                name="t", server="", action="verify", settings=job.settings, baseline=baseline, reference="b.json"
            )
            for name, what in (("bare", lambda url=url: bare(url)), ("ours", lambda job=job: done(encoded(job)))):
                told, figures = measured(server, what)
                took.setdefault(name, []).append(figures)
                assert not told or answer_of(told).outcome.verdict == "VERIFIED", told
    say(f"{len(urls)} targets of {options.tables} tables, medians, the first two left out\n")
    say("| what | seconds | CPU of the client | all CPU |\n|---|---|---|---|")
    middle = {name: [statistics.median(each) for each in zip(*found[2:], strict=True)] for name, found in took.items()}
    for name, label in (("bare", "a bare connection, and a capture"), ("ours", "a target verified")):
        say(f"| {label} | {' | '.join(f'{each:.3f}' for each in middle[name])} |")
    ratios = [ours / theirs for ours, theirs in zip(middle["ours"], middle["bare"], strict=True)]
    say(f"| ratio | {' | '.join(f'{each:.2f}' for each in ratios)} |")


def run(folder: Path, *words: str, environment: dict[str, str] | None = None) -> tuple[float, float, float, int]:
    """Run a command; return its seconds, its CPU with its children's, its largest memory in MB, and its exit code."""
    began = time.monotonic()
    with (folder / "said.txt").open("w") as said:
        child = subprocess.Popen([*ROLLPROOF, *words], cwd=folder, stdout=said, stderr=said, env=environment)  # noqa: S603
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode


def listed(folder: Path, urls: list[str]) -> None:
    (folder / "t.txt").write_text("\n".join(urls))


def verdicts(folder: Path) -> int:
    return sum('"VERIFIED"' in path.read_text() for path in folder.glob("rollproof-report/targets/*/result.json"))


def growth(options: argparse.Namespace) -> None:
    sizes = [10, 50, options.number or 200]
    with databases(max(sizes), options.tables) as (_, urls), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say(
            "| databases | captured | a target | verified | a target | client's CPU, a target | its memory |\n"
            + "|---" * 7
            + "|"
        )
        for size in sizes:
            listed(folder, urls[:size])
            words = ("--targets", "t.txt", "--executor", "threads:8", "--per-server", "8")
            captured = run(folder, "capture", *words, "--output", f"b{size}")
            took, cpu, memory, code = run(folder, "verify", *words, "--reference", f"b{size}")
            assert (captured[-1], code) == (0, 0), (folder / "said.txt").read_text()
            each = f"{captured[0]:.1f} s | {captured[0] / size:.2f} s | {took:.1f} s | {took / size:.2f} s | {cpu / size:.3f} s"
            say(f"| {size} | {each} | {memory:.0f} MB |")


def kill_one(command: int, folder: Path, half: int) -> None:
    """Kill one of a command's dask workers with no warning, when half of the targets are done."""
    while len(list(folder.glob("rollproof-report/targets/*/result.json"))) < half:
        time.sleep(0.2)
    workers = [
        each for each in psutil.Process(command).children(recursive=True) if "spawn_main" in " ".join(each.cmdline())
    ]
    workers[0].send_signal(signal.SIGKILL)
    say(f"killed 1 of {len(workers)} workers after {half} targets")


def killed(options: argparse.Namespace) -> None:
    number = options.number or 200
    with databases(number, options.tables) as (server, urls), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = [psycopg.conninfo.conninfo_to_dict(url) for url in urls]
        password = str(known[0].pop("password", ""))
        plain = [{name: str(value) for name, value in each.items() if name != "password"} for each in known]
        listed(folder, [psycopg.conninfo.make_conninfo(**each) for each in plain])  # no password travels
        environment = {**os.environ, "PGPASSWORD": password}
        words = ("--targets", "t.txt", "--per-server", "8")
        captured = run(folder, "capture", *words, "--output", "b", environment=environment)
        assert captured[-1] == 0, (folder / "said.txt").read_text()
        threading.Thread(target=lambda: kill_one(child(), folder, number // 2), daemon=True).start()
        verify = ("verify", *words, "--reference", "b", "--executor", "dask://local:2")
        took, *_, code = run(folder, *verify, environment=environment)
        say(f"{verdicts(folder)} of {number} VERIFIED, exit code {code}, {took:.1f} s, on {server.name}")


def child() -> int:
    """Return the process of the command that runs now."""
    while True:
        for each in psutil.Process().children():
            if "verify" in each.cmdline():
                return each.pid
        time.sleep(0.1)


SCHEMA = (
    "CREATE SCHEMA tenant_{0:04}; CREATE TABLE tenant_{0:04}.users (id bigint PRIMARY KEY, name text NOT NULL);"
    "CREATE TABLE tenant_{0:04}.orders (id bigint PRIMARY KEY, by bigint REFERENCES tenant_{0:04}.users);"
    "CREATE TABLE tenant_{0:04}.a (x int); CREATE TABLE tenant_{0:04}.b (x int); CREATE TABLE tenant_{0:04}.c (x int);"
    "INSERT INTO tenant_{0:04}.users SELECT n, 'user ' || n FROM generate_series(1, 20) AS n;"
    "INSERT INTO tenant_{0:04}.orders SELECT n, n FROM generate_series(1, 20) AS n;"
)


def schemas(options: argparse.Namespace) -> None:
    say(
        "| schemas of 5 tables | captured | verified | a schema | client's CPU, a schema | its memory |\n"
        + "|---" * 6
        + "|"
    )
    for size in (10, 100, options.number or 1000):
        server = provide("embedded", {"autovacuum": "off"})
        try:
            server.create("many")
            with psycopg.connect(server.dsn("many"), autocommit=True) as connection:
                for each in range(size):
                    connection.execute(SCHEMA.format(each).encode())
                connection.execute("ANALYZE")
            by_schema(server.dsn("many"), size)
        finally:
            server.stop()


def by_schema(url: str, size: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        captured = run(folder, "capture", "--database-url", url, "--output", "b.json")
        words = ("--database-url", url, "--each-schema", "tenant_*", "--reference", "b.json", "--executor", "threads:8")
        took, cpu, memory, code = run(folder, "verify", *words)
        assert (captured[-1], code, verdicts(folder)) == (0, 0, size + 1), (folder / "said.txt").read_text()
        say(
            f"| {size:,} | {captured[0]:.1f} s | {took:.1f} s | {took / size:.2f} s | {cpu / size:.3f} s | {memory:.0f} MB |"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=["cost", "growth", "killed", "schemas"])
    parser.add_argument("--number", type=int, help="of databases, or of schemas")
    parser.add_argument("--tables", type=int, default=20)
    options = parser.parse_args()
    {"cost": cost, "growth": growth, "killed": killed, "schemas": schemas}[options.what](options)
    say(f"\nload {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, Python {sys.version.split()[0]}")


if __name__ == "__main__":
    main()
