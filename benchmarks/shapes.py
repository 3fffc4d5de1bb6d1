"""The fingerprint of tables of other shapes beside COPY BINARY of the same, in the seconds of the server's processors.

    uv run python benchmarks/shapes.py                                     # about five minutes
    uv run python benchmarks/shapes.py --server local:/usr/lib/postgresql/15/bin --scale 0.5 --repeat 3

For each table our scan, with everything around it, and COPY take turns. What counts is how long all processes of the server
computed, so that others at work on the machine disturb little; with two sessions one waits for half of it where two cores are
free (`parity.py` tells by the clock). A partitioned table is copied by a query.
"""

import argparse
import os
import re
import resource
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from parity import AMOUNTS, NOTES, SERVER, fingerprint

from rollproof.throwaway.servers.provide import provide

MIXED = (
    "int4",
    "int8",
    "text",
    "bool",
    "timestamptz",
    "numeric(12,2)",
    "float8",
    "uuid",
    "date",
    "varchar(20)",
    "int2",
    "time",
)
VALUES = {
    "int4": "i + {n}", "int8": "i * {n}::int8", "text": "md5((i + {n})::text)", "bool": "(i + {n}) % 2 = 0",
    "timestamptz": "'2024-01-01'::timestamptz + make_interval(secs => i * {n}.5)", "numeric(12,2)": "(i + {n}) / 7.0",
    "float8": "i / ({n} + 1.0)", "uuid": "md5((i + {n})::text)::uuid", "date": "'2024-01-01'::date + i % 1000 + {n}",
    "varchar(20)": "'note ' || (i + {n}) % 1000", "int2": "(i + {n}) % 1000",
    "time": "'00:00'::time + make_interval(secs => i + {n})",
}  # fmt: skip
EVENT = """jsonb_build_object(
 'user', jsonb_build_object('id', i, 'name', md5(i::text), 'tags', jsonb_build_array(i % 7, 'x', true, null)),
 'items', (SELECT jsonb_agg(jsonb_build_object('sku', md5((i + k)::text), 'price', (i % 997 + k) / 7.0, 'n', k))
           FROM generate_series(1, 10) AS k), 'at', '2024-01-01T00:00:00Z', 'ok', i % 2 = 0)"""
HEADING = """| table | size | server seconds of ours | of COPY BINARY | half of ours in times COPY | client seconds |
|---|---|---|---|---|---|"""
LARGE = """CREATE UNLOGGED TABLE large (id int, body text); ALTER TABLE large ALTER body SET STORAGE EXTERNAL;
INSERT INTO large SELECT i, (SELECT string_agg(md5((i * 5000 + k)::text), '') FROM generate_series(1, 4000) AS k)
FROM generate_series(1, {rows}) AS i"""
PARTED = """CREATE TABLE parted (id int8, at timestamptz, v text) PARTITION BY RANGE (id);
DO $$ BEGIN FOR n IN 0..4999 LOOP
    EXECUTE format('CREATE UNLOGGED TABLE parted_%s PARTITION OF parted FOR VALUES FROM (%s) TO (%s)', n, n * 100, n * 100 + 100);
    IF n % 250 = 0 THEN COMMIT; END IF;
END LOOP; END $$;
INSERT INTO parted SELECT i, '2024-01-01'::timestamptz + make_interval(secs => i), md5(i::text)
FROM generate_series(0, {rows} - 1) AS i"""


def mixed(columns: int) -> str:
    """Return a select list of so many columns of all kinds, with NULLs in two of three rows of every fifth."""
    kinds = [MIXED[number % len(MIXED)] for number in range(columns)]
    values = [VALUES[kind].format(n=number) for number, kind in enumerate(kinds)]
    nulls = [f"CASE WHEN i % 3 > 0 THEN {each} END" if number % 5 == 0 else each for number, each in enumerate(values)]
    return ", ".join(f"({each})::{kinds[number]} AS c{number}" for number, each in enumerate(nulls))


def filled(name: str, columns: str, rows: int) -> str:
    return f"CREATE UNLOGGED TABLE {name} AS SELECT {columns} FROM generate_series(1, {rows}) AS i"


def shapes(scale: float) -> dict[str, tuple[str, str]]:
    """Return for each shape its table and the SQL that makes it."""

    def of(rows: int) -> int:
        return max(int(rows * scale), 10)

    return {
        "notes (of parity.py)": ("notes", NOTES.format(rows=of(300_000))),
        "amounts (of parity.py)": ("amounts", AMOUNTS.format(rows=of(300_000))),
        "jsonb of 1 kB": ("events", filled("events", f"i AS id, {EVENT} AS data", of(60_000))),
        "240 columns of all kinds": ("wide", filled("wide", mixed(240), of(10_000))),
        "1,600 columns of integers": (
            "widest", filled("widest", ", ".join(f"i + {n} AS c{n}" for n in range(1600)), of(3_000))),
        "values of 128 kB, out of line": ("large", LARGE.format(rows=of(2_000))),
        "5,000 partitions": ("parted", PARTED.format(rows=min(of(500_000), 500_000))),
    }  # fmt: skip


_LEAVES = "relid::regclass FROM pg_partition_tree(%s)"


def computed(server_pid: int) -> float:
    """Return the seconds that all processes of the server have computed, those that ended included."""
    time.sleep(1)  # sessions that just ended are counted by the server when it has heard of it
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has just ended
            continue
        if int(stat.parent.name) == server_pid:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == server_pid:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def postmaster(url: str) -> int:
    with psycopg.connect(url) as connection:
        return int(Path(f"/proc/{connection.info.backend_pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def own_seconds() -> float:
    """Return the CPU time that this process has taken."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measured(url: str, table: str, options: argparse.Namespace) -> tuple[float, float, float]:
    """Return the medians of the server's seconds for our fingerprint and for COPY, and of our own seconds."""
    pid = postmaster(url)
    with psycopg.connect(url) as connection:
        found = connection.execute(f"SELECT {_LEAVES} WHERE isleaf", (table,)).fetchall()
    names = [name for (name,) in found] or [table]  # what is no partitioned table has no leaves
    source = f"(SELECT * FROM {table})" if len(names) > 1 else table

    def copy() -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"COPY {source} TO '/dev/null' (FORMAT binary)")

    known: list[tuple[float, float, float]] = []
    for _ in range(options.repeat):
        steps: list[Callable[[], object]] = [lambda: fingerprint(url, names, options.jobs), copy]
        spent, ours = [], own_seconds()
        for step in steps:
            began = computed(pid)
            step()
            spent.append(computed(pid) - began)
        known.append((spent[0], spent[1], own_seconds() - ours))
    ours, copied, client = (statistics.median(each) for each in zip(*known, strict=True))
    return ours, copied, client


def made(url: str, table: str, sql: str) -> str:
    """Make a table, and return its size."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in re.split(r";\n", sql.strip()) if "$$" not in sql else re.split(r";\n(?=DO|INSERT)", sql):
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
        leaves = f"SELECT {_LEAVES} WHERE isleaf"
        size = f"SELECT pg_size_pretty(COALESCE(sum(pg_table_size(leaf)), pg_table_size('{table}'))) FROM ({leaves}) AS x (leaf)"
        return str(connection.execute(size, (table,)).fetchall()[0][0])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="more or fewer rows")
    parser.add_argument("--repeat", type=int, default=5, help="turns")
    parser.add_argument("--jobs", type=int, default=2, help="sessions of ours")
    parser.add_argument("--server", default="embedded", help="as rollproof's own --server")
    parser.add_argument("--only", action="append", help="a word in the shape's name")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    server = provide(options.server, {**SERVER, "max_locks_per_transaction": "256"})
    try:
        server.create("shapes")
        url = server.dsn("shapes")
        print(f"{server.name}, load {os.getloadavg()[0]:.1f} at the start, medians of {options.repeat}\n")  # noqa: T201
        print(HEADING, flush=True)  # noqa: T201
        for shape, (table, sql) in shapes(options.scale).items():
            if not options.only or any(word in shape for word in options.only):
                size = made(url, table, sql)
                ours, copy, client = measured(url, table, options)
                line = f"| {shape} | {size} | {ours:.2f} | {copy:.2f} | {ours / copy / 2:.2f} | {client:.2f} |"
                print(line, flush=True)  # noqa: T201
        print(f"\nload {os.getloadavg()[0]:.1f} at the end")  # noqa: T201
    finally:
        server.stop()


if __name__ == "__main__":
    main()
