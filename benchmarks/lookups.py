"""What a baseline costs with the plans of look-ups by keys, and without; prints a table.

    uv run python benchmarks/lookups.py [--tables 200] [--turns 5] [--server local:BINDIR]

Each table has a primary key, a unique constraint, a foreign key with an index, and a hundred rows: a plan takes as long for any
number. Medians of the turns, taken in turns. CPU is that of this process and of pg_dump, which it starts, and not the server's.
"""

import argparse
import os
import statistics
import time

import psycopg

from rollproof.commands.taken import take
from rollproof.probes.queries.lookups import LOOKUPS
from rollproof.settings.options import Settings
from rollproof.settings.sections import Lookups
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server

HEAD = """| baseline | look-ups | time | CPU |
|---|---|---|---|"""


def filled(server: Server, tables: int) -> str:
    """Return the URL of a database with so many tables, which refer to each other."""
    server.create("lookups")
    url = server.dsn("lookups")
    with psycopg.connect(url) as connection:
        for number in range(tables):
            connection.execute(f"CREATE TABLE t{number} (id int PRIMARY KEY, code int UNIQUE, parent int, note text)")
            connection.execute(f"INSERT INTO t{number} SELECT n, n, n, 'x' FROM generate_series(1, 100) AS n")
        for number in range(tables):
            parent = f"t{(number + 1) % tables}"
            connection.execute(f"ALTER TABLE t{number} ADD FOREIGN KEY (parent) REFERENCES {parent}")
            connection.execute(f"CREATE INDEX ON t{number} (parent)")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return url


def turn(url: str, wanted: Lookups) -> tuple[int, float, float]:
    """Take a baseline; return how many look-ups it has, and the seconds of time and of CPU."""
    used, began = sum(os.times()[:4]), time.monotonic()
    taken = take(Settings(database_url=url, lookups=wanted), {})
    return len(taken.snapshot.facets.get(LOOKUPS, {})), time.monotonic() - began, sum(os.times()[:4]) - used


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--server", default="embedded")
    options = parser.parse_args()
    server = provide(options.server)
    wanted = {"without": Lookups(tables=0), "with": Lookups(tables=options.tables, rows=1)}
    measured: dict[str, list[tuple[int, float, float]]] = {word: [] for word in wanted}
    try:
        url = filled(server, options.tables)
        for _ in range(options.turns + 1):
            for word, asked in wanted.items():
                measured[word].append(turn(url, asked))
    finally:
        server.stop()
    print(HEAD)  # noqa: T201
    for word, turns in measured.items():
        number, seconds, used = map(statistics.median, zip(*turns[1:], strict=True))  # the first warms up
        print(f"| {word} | {number:.0f} | {seconds:.2f} s | {used:.2f} s |")  # noqa: T201


if __name__ == "__main__":
    main()
