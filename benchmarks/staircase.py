"""A staircase over many small revisions: our own time per revision, beside two pg_dump and a diff.

    python -m benchmarks.staircase [--tables 100] [--revisions 200] [--server local]

Own time is what is left of the whole once the tool's commands are taken off. Each revision goes up, down and up again, and
both ways are judged; the yardstick dumps before and after with data, and compares. Both are measured on the same server, in turns.
"""

import argparse
import statistics
import subprocess
import time
from pathlib import Path

import psycopg

from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.staircase import Staircase
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.servers.provide import provide


def filled(url: str, tables: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for n in range(tables):
            parent = max(n - 1, 0)
            connection.execute(
                f"CREATE TABLE t{n} (id int PRIMARY KEY, a text, b timestamptz DEFAULT now(), p int REFERENCES t{parent});"
                f"CREATE INDEX ON t{n} (a); INSERT INTO t{n} SELECT g, 'x' || g FROM generate_series(1, 50) AS g"
            )
        connection.execute("ANALYZE")


def steps(revisions: int, tables: int) -> list[Step]:
    psql = "psql -X -q -v ON_ERROR_STOP=1 -c"
    return [
        Step(
            f"{n:04}",
            (f"{psql} 'ALTER TABLE t{n % tables} ADD c{n} int'",),
            (f"{psql} 'ALTER TABLE t{n % tables} DROP c{n}'",),
        )
        for n in range(revisions)
    ]


def dumped_twice(bindir: Path, url: str) -> float:
    began = time.perf_counter()
    words = [str(bindir / "pg_dump"), url]
    one, two = (subprocess.run(words, check=True, capture_output=True).stdout for _ in range(2))  # noqa: S603 (the server's own)
    assert [line for line in one.splitlines() if b"restrict" not in line] == [
        line for line in two.splitlines() if b"restrict" not in line
    ]
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=int, default=100)
    parser.add_argument("--revisions", type=int, default=200)
    parser.add_argument("--server", default="local")
    asked = parser.parse_args()
    server = provide(asked.server)
    try:
        world = World(server)
        server.create(world.database)
        filled(world.url, asked.tables)
        stages = Stages(
            world,
            Commands(world, Path(), Rehearsal()),
            Configured(Settings(), None),
            lambda _: None,
            keeps_session=True,
        )
        yardstick, tool = [], 0.0
        began = time.perf_counter()
        for stage in Staircase(stages, steps(asked.revisions, asked.tables)).told():
            assert stage.word == "good", stage
            tool += stage.seconds
            if stage.name == "migrate again" and int(stage.revision) % 5 == 0:
                yardstick.append(dumped_twice(server.bindir or Path(), world.url))
        whole = time.perf_counter() - began - sum(yardstick)
        print(f"{server.name}, {asked.tables} tables, {asked.revisions} revisions")  # noqa: T201
        print(  # noqa: T201
            f"own time per revision: {(whole - tool) / asked.revisions:.3f} s (the tool's: {tool / asked.revisions:.3f} s)"
        )
        print(f"two pg_dump and a diff: {statistics.median(yardstick):.3f} s")  # noqa: T201
    finally:
        server.stop()


if __name__ == "__main__":
    main()
