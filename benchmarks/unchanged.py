"""How long `with rollproof.unchanged(url):` takes apart from its block, the first time in a process and then; prints a table.

    uv run python benchmarks/unchanged.py [--tables 20] [--turns 10] [--server local:BINDIR]

Medians, but for the first time. CPU is that of this process and of pg_dump, which it starts, and not the server's.
"""

import argparse
import os
import statistics
import time

import psycopg
from catalogue import filled

import rollproof
from rollproof.throwaway.servers.provide import provide

HEAD = """| time | baseline taken | verified | together | CPU |
|---|---|---|---|---|"""


def turn(url: str) -> tuple[float, float, float]:
    """Run a block that changes nothing in the end; return the seconds of each half, and of CPU."""
    used, began = cpu(), time.monotonic()
    block = rollproof.unchanged(url)
    block.__enter__()
    taken = time.monotonic() - began
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE for_a_while (id int)")
        connection.execute("DROP TABLE for_a_while")
    began = time.monotonic()
    block.__exit__(None, None, None)
    return taken, time.monotonic() - began, cpu() - used


def cpu() -> float:
    """Return the seconds of CPU that this process and those that it waited for have used."""
    return sum(os.times()[:4])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=20)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--server", default="embedded")
    options = parser.parse_args()
    server = provide(options.server)
    try:
        url = filled(server, options.tables, "small")
        turns = [turn(url) for _ in range(options.turns + 1)]
    finally:
        server.stop()
    rows = {"the first": turns[0], "then": tuple(map(statistics.median, zip(*turns[1:], strict=True)))}
    lines = (
        f"| {word} | {taken:.2f} s | {verified:.2f} s | {taken + verified:.2f} s | {used:.2f} s |"
        for word, (taken, verified, used) in rows.items()
    )
    print("\n".join([HEAD, *lines]))  # noqa: T201


if __name__ == "__main__":
    main()
