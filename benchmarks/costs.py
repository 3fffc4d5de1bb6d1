"""What it costs a migration to be measured while it runs: with and without, in turn; prints a Markdown table.

    uv run python benchmarks/costs.py [--pairs 5] [--rows 400000] [--server local]

The migration rewrites a table that stands on another, writes rows, builds indexes, and makes 100 small tables. The difference is
the median of what each pair of neighbours differs by. The first pair fills the caches and does not count.
"""

import argparse
import statistics
import time

import psycopg

from rollproof.rehearsal.costs.meter import measured
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server

TABLES = """
CREATE TABLE orders (id int PRIMARY KEY, note text NOT NULL, amount numeric NOT NULL);
INSERT INTO orders SELECT g, repeat('x', g % 100), g FROM generate_series(1, {rows}) AS g;
CREATE TABLE items (id int PRIMARY KEY, orders_id int NOT NULL REFERENCES orders);
INSERT INTO items SELECT g, g FROM generate_series(1, {rows}) AS g;
VACUUM ANALYZE
"""
MIGRATION = (
    "ALTER TABLE orders ALTER id TYPE bigint",
    "ALTER TABLE items ALTER orders_id TYPE bigint",
    "UPDATE orders SET note = note || 'y'",
    "CREATE INDEX ON orders (note)",
    "CREATE INDEX ON orders (amount, note)",
    *(f"CREATE TABLE made_{number} (id int PRIMARY KEY, orders_id bigint REFERENCES orders)" for number in range(100)),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--server", default="local")
    options = parser.parse_args()
    server = provide(options.server)
    try:
        pairs = _pairs(server, options.pairs, options.rows)
    finally:
        server.stop()
    without, with_ = (statistics.median(column) for column in zip(*pairs, strict=True))
    more = statistics.median(100 * (measured_ / alone - 1) for alone, measured_ in pairs)
    print(f"| {options.rows:,} rows | not measured | measured | difference |\n|---|---|---|---|")  # noqa: T201
    print(f"| {server.name} | {without:.2f} s | {with_:.2f} s | {more:+.1f} % |")  # noqa: T201


def _pairs(server: Server, pairs: int, rows: int) -> list[tuple[float, float]]:
    server.create("kept")
    with psycopg.connect(server.dsn("kept"), autocommit=True) as connection:
        for statement in TABLES.format(rows=rows).strip().split(";"):
            connection.execute(statement.encode())
    found = []
    for number in range(pairs + 1):
        first = number % 2  # whoever comes second may find other caches
        times = {way: _run(server, measure=bool(way)) for way in (first, 1 - first)}
        found.append((times[0], times[1]))
    return found[1:]


def _run(server: Server, *, measure: bool) -> float:
    """Return for how many seconds the migration ran."""
    server.create("tried", template="kept")
    url = server.dsn("tried")
    with measured(url if measure else ""), psycopg.connect(url) as connection:
        began = time.monotonic()
        for statement in MIGRATION:
            connection.execute(statement.encode())
        connection.commit()
        seconds = time.monotonic() - began
    server.drop("tried")
    return seconds


if __name__ == "__main__":
    main()
