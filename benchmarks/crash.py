"""What a crash point costs beside the tool's own time, and what the proxy costs a tool; prints Markdown tables.

    uv run python benchmarks/crash.py [--points 10] [--server local] [--statements 10000] [--megabytes 100]

A crash point: reset, migrate up to the cut, roll back once and once more, a verdict after each; of the vibes migration at its
default scale, cut at so many places of each way. The yardstick is what a script would do in our place, on the same server: drop
and create from a template, and pg_dump with a comparison after the cut and after each rollback. The proxy: psql and small
statements one by one, rows in by COPY, rows out, each directly and by way of the proxy, in turn.
"""

# ruff: noqa: S603, S607, T201 (it runs PostgreSQL's own programs, and prints)

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import psycopg

from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.crash.crashes import Crashes
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.proxy.proxy import Proxy
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server, fresh_name

VIBES = Path(__file__).parent.parent / "scenarios" / "vibes"
PYTHON = shlex.quote(sys.executable)
SCRIPT = f"{PYTHON} data_migration.py --while-connected --log-file= --operation="


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=10)
    parser.add_argument("--server", default="local")
    parser.add_argument("--statements", type=int, default=10_000)
    parser.add_argument("--megabytes", type=int, default=100)
    options = parser.parse_args()
    server = provide(options.server)
    os.environ["PATH"] = f"{server.bindir}{os.pathsep}{os.environ['PATH']}"
    try:
        _crashes(server, options.points)
        _proxy(server, options.statements, options.megabytes)
    finally:
        server.stop()


def _crashes(server: Server, points: int) -> None:
    world, found = World(server), list[CrashPoint]()
    server.create(world.database)
    commands = Commands(world, VIBES, Rehearsal())
    made = commands.run([f"{PYTHON} data.py --create"], measure=False)
    if made.trouble:
        raise SystemExit(made.trouble)
    make = Stages(world, commands, Configured(Settings(), None), lambda told: print(told, file=sys.stderr))
    kept, step = world.keep(), Step("", (f"{SCRIPT}migrate",), (f"{SCRIPT}rollback",))
    with tempfile.TemporaryDirectory() as reports:
        for _ in Crashes(make, step, kept, points, Path(reports), found).told():
            pass
    yardstick = [_by_hand(world, kept) for _ in range(points)]
    own, theirs = [point.seconds - point.theirs for point in found], [point.theirs for point in found]
    print("| crash points of vibes | not good | own part, median | longest | the tool's, median | by hand |")
    print("|---|---|---|---|---|---|")
    told = (statistics.median(own), max(own), statistics.median(theirs), statistics.median(yardstick))
    print(
        f"| {len(found)} | {sum(not each.is_good for each in found)} | {' | '.join(f'{each:.2f} s' for each in told)} |\n"
    )


def _by_hand(world: World, kept: str) -> float:
    """Reset by SQL, and dump and compare three times, as a script would."""
    began = time.monotonic()
    with psycopg.connect(world.server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {world.database} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {world.database} TEMPLATE {kept}")
    dumped = [subprocess.run(["pg_dump", world.url], check=True, capture_output=True).stdout for _ in range(3)]
    same = {b"\n".join(line for line in each.splitlines() if b"restrict" not in line) for each in dumped}
    assert len(same) == 1
    return time.monotonic() - began


def _proxy(server: Server, statements: int, megabytes: int) -> None:
    database = fresh_name()
    server.create(database)
    url = server.dsn(database)
    print("| by psql | direct | by way of the proxy | more |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("small.sql").write_text("SELECT 1;\n" * statements)
        Path("rows").write_text(("x" * 99 + "\n") * (megabytes * 10_000))
        for name, psql in _work(statements, megabytes):
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(3):
                for took, by in zip(times, (False, True), strict=True):
                    took.append(_ran(url, psql, by_proxy=by))
            direct, proxied = map(statistics.median, times)
            print(f"| {name} | {direct:.2f} s | {proxied:.2f} s | {proxied - direct:.2f} s |")
    server.drop(database)


def _work(statements: int, megabytes: int) -> Iterator[tuple[str, list[str]]]:
    yield f"{statements:,} small statements", ["-o", "/dev/null", "-f", "small.sql"]
    yield (
        f"{megabytes} MB in",
        ["-c", "CREATE UNLOGGED TABLE t (x text)", "-c", r"\copy t FROM rows", "-c", "DROP TABLE t"],
    )
    yield (
        f"{megabytes} MB out",
        ["-c", rf"\copy (SELECT repeat('x', 99) FROM generate_series(1, {megabytes * 10_000})) TO /dev/null"],
    )


def _ran(url: str, psql: list[str], *, by_proxy: bool) -> float:
    began = time.monotonic()
    if by_proxy:
        with Proxy(url) as proxy:
            subprocess.run(["psql", "-Xq", proxy.url, *psql], check=True)
    else:
        subprocess.run(["psql", "-Xq", url, *psql], check=True)
    return time.monotonic() - began


if __name__ == "__main__":
    main()
