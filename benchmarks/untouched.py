"""What `--unread-if-untouched` saves: 200 tables of which one was written to since the baseline; prints a Markdown table.

    uv run python benchmarks/untouched.py [--tables 200] [--megabytes 10] [--turns 5] [--server local:BINDIR]

All ways take turns; medians. CPU is that of the server's sessions, which does not depend on what else the machine does.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

from rollproof.throwaway.servers.provide import provide

HEAD = """| way | verification | CPU of the server |
|---|---|---|"""
ROW = 130  # bytes, with its header
FILL = """
CREATE TABLE t{number} AS SELECT i AS id, 'customer ' || i AS name, i * 1.5 AS amount, now() AS at, i % 7 = 0 AS paid,
    '{{"a": 1, "b": "x"}}'::jsonb AS more FROM generate_series(1, {rows}) AS i
"""
WAYS = ("all tables are read", "by the server's counters", "by counters and page headers")


def filled(url: str, tables: int, megabytes: int) -> str:
    """Fill a database, and make a role that only reads; return its URL."""
    password = conninfo_to_dict(url)["password"]
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(tables):
            connection.execute(FILL.format(number=number, rows=megabytes * 2**20 // ROW).encode())
        connection.execute("CREATE EXTENSION pageinspect")
        connection.execute(f"CREATE ROLE looks LOGIN PASSWORD '{password}'".encode())
        connection.execute("GRANT pg_read_all_data, pg_monitor TO looks")
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
        size = connection.execute(
            "SELECT pg_size_pretty(sum(pg_relation_size(oid))) FROM pg_class WHERE relname ~ '^t[0-9]+$'"
        )
        print(f"{tables} tables, {(size.fetchone() or ('?',))[0]}, {connection.info.server_version}", file=sys.stderr)  # noqa: T201
    return url.replace("//postgres:", "//looks:")


def rollproof(folder: Path, *words: str) -> str:
    """Run a command; return what it prints."""
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "rollproof", *words], cwd=folder, check=False, capture_output=True, text=True
    )
    if done.returncode not in {0, 1}:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


def used(url: str) -> float:
    """Return the seconds of CPU of all sessions that ended: the postmaster, their parent, adds them up."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_read_file('postmaster.pid')").fetchone()
    pid = str((row or ("0",))[0]).splitlines()[0]
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=10)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--server", default="embedded")
    options = parser.parse_args()
    server = provide(options.server)
    try:
        server.create("shop")
        told = measured(server.dsn("shop"), options)
    finally:
        server.stop()
    print(HEAD)  # noqa: T201
    for way, turns in told.items():
        seconds, cpu = (statistics.median(each) for each in zip(*turns, strict=True))
        print(f"| {way} | {seconds:.1f} s | {cpu:.1f} s |")  # noqa: T201


def measured(url: str, options: argparse.Namespace) -> dict[str, list[tuple[float, float]]]:
    """Take a baseline as each role, touch a table, and verify in turns: seconds, and seconds of the server's CPU."""
    reader = filled(url, options.tables, options.megabytes)
    told: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, who in (("reader", reader), ("superuser", url)):
            rollproof(folder, "capture", "--database-url", who, "--output", f"{name}.json")
        with psycopg.connect(url) as connection:
            connection.execute("UPDATE t0 SET paid = true WHERE id = 5")
        ways = zip(WAYS, ("reader", "reader", "superuser"), (reader, reader, url), strict=True)
        asked = {way: ["verify", "--database-url", who, "--reference", f"{name}.json"] for way, name, who in ways}
        for _ in range(options.turns):
            for way, words in asked.items():
                before, began = used(url), time.monotonic()
                said = rollproof(folder, *words, *(["--unread-if-untouched"] if way != WAYS[0] else []))
                seconds = time.monotonic() - began
                if (way == WAYS[0]) == ("not read" in said):
                    raise RuntimeError(f"{way}: {said}")
                time.sleep(1)  # its sessions end
                told[way].append((seconds, used(url) - before))
    return told


if __name__ == "__main__":
    main()
