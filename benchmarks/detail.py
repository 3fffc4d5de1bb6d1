"""What `capture --detail` costs a scan: the same tables read with sums of parts and without, in turn.

    uv run python benchmarks/detail.py                       # a million rows of each table, on the embedded server
    uv run python benchmarks/detail.py --server local --rows 300000

CPU is that of the server's session, which alone reads: it tells the same on a busy machine. By the clock is the least of all turns.
Small and wide tables, keys in the order of the rows and at random, and a table of which one row in fifty was written again.
"""

import argparse
import os
import statistics
import time

import psycopg

from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.throwaway.servers.provide import provide

NARROW = "i % 1000 AS n"
WIDE = """gen_random_uuid()::text::varchar(36) AS owner, 'Note number ' || i || ' ' || repeat(md5(i::text), 4) AS body,
(i / 3.0)::numeric(12, 2) AS total, jsonb_build_object('mood', i % 5, 'score', (i % 1000) / 10.0) AS meta,
'2024-01-01'::timestamptz + make_interval(secs => i * 1.000001) AS created, i % 3 = 0 AS active"""
TABLES = {
    "bigint": ("i::bigint AS id", "id"),
    "uuid": ("gen_random_uuid() AS id", "id"),
    "text": ("gen_random_uuid()::text AS id", "id"),
    "composite": ("i / 10 AS id, i % 10 AS b", "id, b"),
    "uuid, a time in order": ("gen_random_uuid() AS id, '2024-01-01'::timestamptz + i * interval '1 s' AS made", "id"),
    "bigint, one in fifty moved": ("i::bigint AS id", "id"),
    "bigint, in no order": ("i::bigint * 7919 % 10000019 AS id", "id"),
}
MADE = """
CREATE UNLOGGED TABLE t AS SELECT {key}, {rest} FROM generate_series(1, {rows}) AS i;
ALTER TABLE t ADD PRIMARY KEY ({columns});
{more};
VACUUM ANALYZE t"""
MORE = {
    "uuid, a time in order": "ALTER TABLE t ALTER made SET NOT NULL",
    "bigint, one in fifty moved": "UPDATE t SET id = id WHERE id % 50 = 0",
}


def scanned(url: str, *, detail: bool) -> tuple[float, float, int]:
    """Return seconds of CPU and by the clock, the choice of parts included, and how many pages are summed at once."""
    view = SnapshotReader(Target.parse(url), Limits(jobs=1))
    try:
        found = view.ask(lambda connection: relations(connection, ["public"]))
        scanner = Scanner(view, found)
        if detail:
            scanner.keep_details()
        processes = set(view.processes)
        began, clock = _cpu(processes), time.perf_counter()
        scanner.of("public.t")
        took = _cpu(processes) - began, time.perf_counter() - clock
        told = scanner.details({"public.t": scanner.of("public.t")})
        return *took, told["public.t"].division.parts if told else 0
    finally:
        view.close()


def _cpu(processes: set[int]) -> float:
    return sum(int(open(f"/proc/{each}/schedstat").read().split()[0]) for each in processes) / 1e9  # noqa: PTH123


def compared(url: str, repeat: int) -> str:
    """Return the cells of a row: nanoseconds of CPU without, with, the difference in both kinds of time, the parts."""
    plain: list[tuple[float, float, int]] = []
    detailed: list[tuple[float, float, int]] = []
    for turn in range(repeat + 1):
        for detail in (False, True) if turn % 2 else (True, False):
            (detailed if detail else plain).append(scanned(url, detail=detail))
    with psycopg.connect(url) as connection:
        ((rows,),) = connection.execute("SELECT count(*) FROM t").fetchall()
    cpu = [statistics.median(each[0] for each in some[1:]) for some in (plain, detailed)]
    clock = [min(each[1] for each in some[1:]) for some in (plain, detailed)]
    parts = detailed[0][2]
    return (
        f"{cpu[0] / rows * 1e9:.0f} ns | {cpu[1] / rows * 1e9:.0f} ns | {100 * (cpu[1] / cpu[0] - 1):+.0f} % |"
        f" {100 * (clock[1] / clock[0] - 1):+.0f} % | {parts:,}"
    )


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="embedded")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    server = provide(options.server, {"shared_buffers": "1GB", "max_wal_size": "4GB"})
    print(f"{server.name}, {options.rows:,} rows, medians of {options.repeat}, load {os.getloadavg()[0]:.1f}")  # noqa: T201
    print("| key | rows | CPU of a row | with --detail | CPU | by the clock | parts |\n|---|---|---|---|---|---|---|")  # noqa: T201
    try:
        for name, (key, columns) in TABLES.items():
            for kind, rest in (("narrow", NARROW), ("wide", WIDE)):
                server.create("detail")
                url = server.dsn("detail")
                more = MORE.get(name, "SELECT")
                with psycopg.connect(url, autocommit=True) as connection:
                    for statement in MADE.format(
                        key=key, rest=rest, rows=options.rows, columns=columns, more=more
                    ).split(";"):
                        connection.execute(statement.encode())
                print(f"| {name} | {kind} | {compared(url, options.repeat)} |", flush=True)  # noqa: T201
                server.drop("detail")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
