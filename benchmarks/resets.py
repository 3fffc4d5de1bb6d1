"""How long a state of a throw-away database takes to be kept and brought back, beside a bare DROP and CREATE DATABASE.

    python -m benchmarks.resets [--servers local,embedded] [--megabytes 1000] [--turns 5]

In turns on the same server; medians. The database has 100 tables, and one more that holds the megabytes.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import psycopg

from rollproof.rehearsal.world import World
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server

TABLES = 100
ROWS_OF_A_MEGABYTE = 7200


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def prepared(server: Server, megabytes: int) -> World:
    world = World(server)
    server.create(world.database)
    with psycopg.connect(world.url, autocommit=True) as connection:
        for n in range(TABLES):
            connection.execute(f"CREATE TABLE t{n} (id int PRIMARY KEY, a text, b timestamptz DEFAULT now())")
            connection.execute(f"CREATE INDEX ON t{n} (a)")
            connection.execute(f"INSERT INTO t{n} SELECT g, 'x' || g FROM generate_series(1, 50) AS g")
        made = "CREATE TABLE large AS SELECT g, repeat('x', 100) AS t FROM generate_series(1, %s) AS g"
        connection.execute(made, [megabytes * ROWS_OF_A_MEGABYTE])
    return world


def measured(where: str, megabytes: int, turns: int) -> str:
    server = provide(where)
    try:
        world = prepared(server, megabytes)
        keeping = seconds(world.keep)
        (kept,) = world.kept
        world.bring_back(kept)
        back, bare = [], []
        for _ in range(turns):
            back.append(seconds(lambda: world.bring_back(kept)))
            bare.append(
                seconds(lambda: server.drop(world.database)) + seconds(lambda: server.create(world.database, kept))
            )
        figures = (keeping, statistics.median(back), statistics.median(bare))
        return f"| {server.name} | {megabytes} MB | " + " | ".join(f"{each:.2f} s" for each in figures) + " |"
    finally:
        server.stop()


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--servers", default="local,embedded")
    asked.add_argument("--megabytes", default=0, type=int)
    asked.add_argument("--turns", default=5, type=int)
    known = asked.parse_args()
    for where in known.servers.split(","):
        print(measured(where, known.megabytes, known.turns), flush=True)  # noqa: T201 (that is what it is for)


if __name__ == "__main__":
    main()
