"""What it costs to know whether two tables hold the same rows: our fingerprint beside the other ways, in one run.

    uv run python benchmarks/parity.py                    # the full run, about ten minutes on two cores
    uv run python benchmarks/parity.py --rows 200000 --repeat 3 --skip growth --skip reladiff

Two tables are made, each with a copy, on a throw-away server. All ways take turns, so that what else the machine does meets
them alike; of each the median is shown. The ways that need many seconds are tried `--slow-repeat` times only. Other tools
compare two tables, so they are held against our fingerprints of both.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import psycopg

from rollproof.rows.scanner import Scanner
from rollproof.rows.tables import relations
from rollproof.server.reader import Limits, SnapshotReader, Target
from rollproof.throwaway.servers.provide import provide

RELADIFF = "reladiff[postgresql]==0.6.0"
SERVER = {
    "shared_buffers": "512MB",
    "max_wal_size": "8GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "work_mem": "64MB",
}

# About 400 bytes a row: 2 million rows are about 800 MB.
NOTES = """
CREATE UNLOGGED TABLE notes AS
SELECT gen_random_uuid()::text::varchar(36) AS id, gen_random_uuid()::text::varchar(36) AS owner,
       'Note number ' || i || ' ' || repeat(md5(i::text), 4) AS body,
       jsonb_build_object('mood', i % 5, 'tags', jsonb_build_array('a', 'b', md5((i % 100)::text)),
                          'score', (i % 1000) / 10.0) AS meta,
       '2024-01-01'::timestamptz + make_interval(secs => i * 1.000001) AS created,
       '2025-01-01'::timestamptz - make_interval(secs => i * 0.999) AS updated, i % 3 = 0 AS active, i % 7 = 0 AS deleted
FROM generate_series(1, {rows}) AS i;
"""
AMOUNTS = """
CREATE TYPE state AS ENUM ('open', 'paid', 'void');
CREATE UNLOGGED TABLE amounts AS
SELECT i::bigint AS id, (random() * 1e6)::numeric(12, 2) AS total, (random() * 1000)::numeric AS freen, random() AS f,
       make_interval(secs => random() * 1e5) AS iv, (ARRAY['open', 'paid', 'void'])[1 + i % 3]::state AS m,
       md5(i::text) AS t, jsonb_build_object('n', i, 'x', random()) AS j,
       '2024-01-01'::timestamptz + make_interval(secs => i * 1.000001) AS ts
FROM generate_series(1, {rows}) AS i;
"""
COPIED = """
ALTER TABLE {name} ADD PRIMARY KEY (id);
CREATE UNLOGGED TABLE {name}_copy AS TABLE {name};
ALTER TABLE {name}_copy ADD PRIMARY KEY (id);
VACUUM ANALYZE {name};
VACUUM ANALYZE {name}_copy;
"""
GROWN = """
CREATE UNLOGGED TABLE notes_{rows} AS
SELECT n.* FROM generate_series(1, greatest({rows} / {base}, 1)) AS k, (SELECT * FROM notes LIMIT {rows}) AS n;
VACUUM ANALYZE notes_{rows};
"""


def fingerprint(url: str, names: list[str], jobs: int) -> float:
    """Return the seconds until the contents of the tables are known, the connecting included."""
    began = time.perf_counter()
    view = SnapshotReader(Target.parse(url), Limits(jobs=jobs))
    try:
        found = view.ask(lambda connection: relations(connection, ["public"]))
        contents = Scanner(view, {f"public.{name}": found[f"public.{name}"] for name in names})
        for name in names:
            contents.of(f"public.{name}")
    finally:
        view.close()
    return time.perf_counter() - began


def fingerprint_and_memory(url: str, name: str, jobs: int) -> tuple[float, float]:
    """Return the seconds and the largest size of this process in MB."""
    return fingerprint(url, [name], jobs), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


class Ways:
    """The ways to know, by name, for one table; those in `slow` need many seconds."""

    def __init__(self, url: str, name: str, options: argparse.Namespace, programs: dict[str, str]) -> None:
        self.url, self.name, self.jobs, self.programs = url, name, options.jobs, programs
        self.quick = {
            "fingerprint, one table": lambda: fingerprint(url, [name], options.jobs),
            "fingerprint, both tables": lambda: fingerprint(url, [name, f"{name}_copy"], options.jobs),
            "COPY TO '/dev/null' (FORMAT binary), one table": self.sql(f"COPY {name} TO '/dev/null' (FORMAT binary)"),
            "count(*), one table": self.sql(f"SELECT count(*) FROM {name}"),
        }
        self.slow = {
            "EXCEPT ALL both ways": self.sql(
                f"SELECT (SELECT count(*) FROM (TABLE {name} EXCEPT ALL TABLE {name}_copy) AS a),"
                f" (SELECT count(*) FROM (TABLE {name}_copy EXCEPT ALL TABLE {name}) AS b)"
            ),
            "FULL JOIN … IS DISTINCT FROM": self.sql(
                f"SELECT count(*) FROM {name} AS a FULL JOIN {name}_copy AS b USING (id) WHERE a IS DISTINCT FROM b"
            ),
        }
        if "pg_dump" in programs:
            self.slow["pg_dump, one table"] = self.run(programs["pg_dump"], "--file=/dev/null", f"--table={name}", url)
        if "reladiff" in programs:
            for algorithm in ("hashdiff", "joindiff"):
                self.slow[f"reladiff 0.6 {algorithm}"] = self.run(
                    programs["reladiff"], url.partition("?")[0], name, f"{name}_copy", "--key-columns=id", "--columns=%",
                    f"--algorithm={algorithm}", f"--threads={options.jobs}",
                )  # fmt: skip

    def sql(self, query: str) -> Callable[[], float]:
        def work() -> float:
            with psycopg.connect(self.url, autocommit=True) as connection:
                return timed(lambda: connection.execute(query))

        return work

    def run(self, *command: str) -> Callable[[], float]:
        return lambda: timed(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))  # noqa: S603


def measured(ways: Ways, options: argparse.Namespace) -> dict[str, float]:
    """Return the median seconds of each way; they take turns."""
    seconds: dict[str, list[float]] = {}
    for turn in range(options.repeat):
        for name, work in {**ways.quick, **(ways.slow if turn < options.slow_repeat else {})}.items():
            try:
                seconds.setdefault(name, []).append(work())
            except (psycopg.Error, subprocess.CalledProcessError) as error:
                print(f"\nnot measured: {name}: {error}")  # noqa: T201
    return {name: statistics.median(each) for name, each in seconds.items() if each}


def table_of(title: str, seconds: dict[str, float]) -> str:
    copy = seconds["COPY TO '/dev/null' (FORMAT binary), one table"]
    both = seconds["fingerprint, both tables"]
    lines = [
        f"\n{title}\n",
        "| way | seconds | times COPY BINARY | times our fingerprints of both |",
        "|---|---|---|---|",
    ]
    lines += [f"| {name} | {each:.2f} | {each / copy:.2f} | {each / both:.1f} |" for name, each in seconds.items()]
    return "\n".join(lines)


def growth(url: str, options: argparse.Namespace) -> str:
    """Return how time and memory grow with the table, each in a process of its own."""
    sizes = [options.rows // 10, options.rows, options.rows * 5]
    lines = [
        "\n### Growth of the first table\n",
        "| rows | seconds | seconds per million rows | client MB |",
        "|---|---|---|---|",
    ]
    for rows in sizes:
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in GROWN.format(rows=rows, base=options.rows).strip().split(";\n"):
                connection.execute(statement)
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as process:
            known = [
                process.submit(fingerprint_and_memory, url, f"notes_{rows}", options.jobs).result() for _ in range(3)
            ]
        seconds = statistics.median(each for each, _ in known)
        lines.append(
            f"| {rows:,} | {seconds:.2f} | {seconds / rows * 1e6:.2f} | {max(size for _, size in known):.0f} |"
        )
    return "\n".join(lines)


def programs_for(options: argparse.Namespace, bindir: Path | None, folder: str) -> dict[str, str]:
    """Return where pg_dump and reladiff are; says why one is left out. reladiff gets an environment of its own."""
    found = {}
    dump = (str(bindir / "pg_dump") if bindir and (bindir / "pg_dump").exists() else None) or shutil.which("pg_dump")
    if dump:
        found["pg_dump"] = dump
    if "reladiff" in options.skip:
        return found
    try:
        subprocess.run(["uv", "venv", "--quiet", folder], check=True)  # noqa: S603, S607
        wanted = [RELADIFF, "setuptools"]
        subprocess.run(["uv", "pip", "install", "--quiet", "--python", f"{folder}/bin/python", *wanted], check=True)  # noqa: S603, S607
        found["reladiff"] = f"{folder}/bin/reladiff"
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"reladiff is left out, it could not be installed: {error}")  # noqa: T201
    return found


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of each table")
    parser.add_argument("--repeat", type=int, default=5, help="turns of the quick ways")
    parser.add_argument("--slow-repeat", type=int, default=1, help="turns of the slow ways")
    parser.add_argument("--jobs", type=int, default=2, help="sessions of ours, threads of reladiff")
    parser.add_argument("--server", default="embedded", help="as rollproof's own --server")
    parser.add_argument("--skip", action="append", default=[], choices=("reladiff", "growth", "slow", "amounts"))
    options = parser.parse_args()
    if "slow" in options.skip:
        options.slow_repeat = 0
    return options


def main() -> None:
    options = arguments()
    server = provide(options.server, SERVER)
    with tempfile.TemporaryDirectory() as folder:
        try:
            server.create("parity")
            url = server.dsn("parity")
            programs = programs_for(options, server.bindir, folder)
            print(f"{server.name}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start, {options.rows:,} rows, "  # noqa: T201
                  f"medians of {options.repeat} (slow ways: {options.slow_repeat}), --jobs {options.jobs}")  # fmt: skip
            for name, sql in (("notes", NOTES), ("amounts", AMOUNTS)):
                if name in options.skip:
                    continue
                with psycopg.connect(url, autocommit=True) as connection:
                    for statement in (sql.format(rows=options.rows) + COPIED.format(name=name)).strip().split(";\n"):
                        connection.execute(statement)
                    size = connection.execute(f"SELECT pg_size_pretty(pg_table_size('{name}'))").fetchall()[0][0]
                told = table_of(f"### {name}: {size}", measured(Ways(url, name, options, programs), options))
                print(told, flush=True)  # noqa: T201
            if "growth" not in options.skip:
                print(growth(url, options))  # noqa: T201
            print(f"\nload {os.getloadavg()[0]:.1f} at the end")  # noqa: T201
        finally:
            server.stop()


if __name__ == "__main__":
    main()
