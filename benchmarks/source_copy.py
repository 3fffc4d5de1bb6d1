"""How long it takes to copy a source, beside plain pg_dump and pg_restore with as many jobs; prints a Markdown table.

    uv run python benchmarks/source_copy.py [--megabytes 1000] [--turns 3] [--jobs 2] [--server local:BINDIR]

The source lies on one throw-away server and is copied to another; both ways take turns, and each copy is dropped before the next
is made. Ours makes the roles, the database's properties and the planner's statistics as well. On the disk there are at most the
source, one dump and one copy.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg

from rollproof.server.pg_binaries import pg_dump
from rollproof.server.transactions import Limits
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server, fresh_name
from rollproof.throwaway.source.build import built
from rollproof.throwaway.source.built import How
from rollproof.throwaway.source.where import Source

TABLES = """
CREATE TABLE customers (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, mail text, at timestamptz, about jsonb);
INSERT INTO customers (name, mail, at, about) SELECT md5(i::text), md5((i * 7)::text) || '@example.org', now() - i * interval '1 s',
    jsonb_build_object('city', md5((i % 900)::text), 'n', i) FROM generate_series(1, {rows}) AS i;
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer bigint, total numeric(12, 2), note text);
INSERT INTO orders (customer, total, note)
    SELECT 1 + i % {rows}, i / 7.0, repeat(md5(i::text), 3) FROM generate_series(1, {rows} * 2) AS i;
CREATE TABLE lines (orders bigint, place int, amount int, code uuid, PRIMARY KEY (orders, place));
INSERT INTO lines SELECT 1 + i / 3, i % 3, i % 100, md5(i::text)::uuid FROM generate_series(0, {rows} * 6 - 3) AS i;
CREATE TABLE papers (id int PRIMARY KEY, body bytea);
INSERT INTO papers SELECT i, decode(repeat(md5(i::text), 200), 'hex') FROM generate_series(1, {rows} / 50) AS i;
CREATE INDEX ON customers (mail);
CREATE INDEX ON orders (customer);
CREATE INDEX ON lines (code);
ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers;
ALTER TABLE lines ADD FOREIGN KEY (orders) REFERENCES orders;
ANALYZE
"""
BYTES_OF_A_ROW = 1700  # of a customer, with all that hangs on it
HEAD = """{server}, {size:.2f} GB in the source, {jobs} jobs, {turns} turns

| how | seconds | of plain |
|---|---|---|"""


def plain(source: str, server: Server, jobs: int, compress: tuple[str, ...] = ()) -> float:
    """Dump and restore as one would by hand; return the seconds."""
    program, _ = pg_dump(14, server.version // 10_000) or sys.exit("there is no pg_dump")
    name = fresh_name()
    began = time.monotonic()
    server.create(name)
    try:
        with tempfile.TemporaryDirectory() as folder:
            to = str(Path(folder, "dump"))
            dump = [str(program), "-Fd", f"-j{jobs}", *compress, f"--file={to}", source]
            restore = [str(program.with_name("pg_restore")), f"-j{jobs}", f"--dbname={server.dsn(name)}", to]
            for command in (dump, restore):
                subprocess.run(command, check=True)  # noqa: S603 (PostgreSQL's own)
        return time.monotonic() - began
    finally:
        server.drop(name)


def ours(source: str, server: Server, jobs: int) -> float:
    """Copy as a rehearsal does; return the seconds."""
    name = fresh_name()
    try:
        return built(Source.parse(source), server, name, How(limits=Limits(jobs=jobs))).seconds
    finally:
        server.drop(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--server", default="local")
    options = parser.parse_args()
    source, server = provide(options.server), provide(options.server)
    try:
        source.create("rollproof_source")
        url = source.dsn("rollproof_source")
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in TABLES.format(rows=options.megabytes * 1_000_000 // BYTES_OF_A_ROW).split(";\n"):
                connection.execute(statement.encode())
            ((size,),) = connection.execute("SELECT pg_database_size(current_database())").fetchall()
        ways: dict[str, Callable[[], float]] = {
            "plain": partial(plain, url, server, options.jobs),
            "plain, as little compressed as ours": partial(plain, url, server, options.jobs, ("-Z1",)),
            "rollproof": partial(ours, url, server, options.jobs),
        }
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(options.turns):
            for name, way in ways.items():
                took[name].append(way())
    finally:
        source.stop()
        server.stop()
    medians = {name: statistics.median(times) for name, times in took.items()}
    print(HEAD.format(server=server.name, size=size / 1e9, jobs=options.jobs, turns=options.turns))  # noqa: T201
    for name, seconds in medians.items():
        print(f"| {name} | {seconds:.1f} | {seconds / medians['plain']:.2f} |")  # noqa: T201


if __name__ == "__main__":
    main()
