"""What it costs to say which rows of a table differ, and in which columns: seconds and memory, beside reading both tables.

    uv run python benchmarks/row_evidence.py                             # a million rows of 1 KB, on the embedded server
    uv run python benchmarks/row_evidence.py --server local --rows 100000

Each way runs in a process of its own, all take turns; of seconds and of the largest size the median is shown. All rows differ
in one column, or one in a hundred does. COPY reads the same two tables, one after the other.
"""

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import psycopg

from rollproof.commands.verification import Opening
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.throwaway.servers.provide import provide
from rollproof.verdict.row_evidence import RowEvidence, Wanted

SERVER = {"max_wal_size": "8GB", "wal_level": "minimal", "max_wal_senders": "0"}
TABLES = """
CREATE TABLE notes AS
SELECT {key} AS id, i AS number, repeat(md5(i::text), 30) AS body, NULL::text AS note, now() AS at
FROM generate_series(1, {rows}) AS i;
ALTER TABLE notes ADD PRIMARY KEY (id);
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.notes_backup AS
SELECT id, number, body, CASE WHEN number % {every} = 0 THEN 'a note' END AS note, at FROM notes;
ANALYZE;
"""
CASES = (("bigint", 1), ("uuid", 1), ("uuid", 100))
KEYS = {"bigint": "i::bigint", "uuid": "md5(i::text)::uuid"}


def copied(url: str) -> float:
    """Return the seconds that COPY takes for both tables."""
    began = time.perf_counter()
    with psycopg.connect(url) as connection:
        for table in ("notes", "migration_backup.notes_backup"):
            connection.execute(f"COPY {table} TO '/dev/null' (FORMAT binary)")
    return time.perf_counter() - began


def looked(url: str, reference: str, wanted: Wanted) -> float:
    """Return the seconds until it is known which rows differ, without the fingerprints that told that some do."""
    sides = Opening(Settings(database_url=url), Reference.parse(reference), None).verification()
    try:
        evidence = RowEvidence(sides.before, sides.after, sides.copies, wanted)
        sides.after.begin()
        evidence.size("public.notes")
        began = time.perf_counter()
        report = evidence.of("public.notes")
        seconds = time.perf_counter() - began
        assert report, "some rows differ"
        assert report.columns, "in a column"
        return seconds
    finally:
        sides.close()


def measured(work: Callable[..., float], *given: object) -> tuple[float, float]:
    """Return the seconds, and the largest size of this process in MB."""
    return work(*given), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def apart(work: Callable[..., float], *given: object) -> tuple[float, float]:
    """Return the same of a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measured, work, *given).result()


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--server", default="embedded")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--cases", type=int, default=len(CASES), help="how many of the cases are measured, from the first"
    )
    options = parser.parse_args()
    server = provide(options.server, SERVER)
    with ExitStack() as keep:
        keep.callback(server.stop)
        folder = keep.enter_context(tempfile.TemporaryDirectory())
        print("| key | differ | way | seconds | beside COPY of both | MB |", "|---|---|---|---|---|---|", sep="\n")  # noqa: T201
        for key, every in CASES[: options.cases]:
            name = f"evidence_{key}_{every}"
            server.create(name)
            url = server.dsn(name)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(TABLES.format(key=KEYS[key], rows=options.rows, every=every))
            _compare(url, key, every, options.repeat, Path(folder) / "rows")
            server.drop(name)


def _compare(url: str, key: str, every: int, repeat: int, file: Path) -> None:
    ways = {
        "COPY of both": (copied, url),
        "20 rows, all counted by column": (looked, url, "backup", Wanted()),
        "all rows in a file": (looked, url, "backup", Wanted(file=file)),
        "all rows in a file, with values": (looked, url, "backup", Wanted(file=file, values=True)),
    }
    found = [{name: apart(*way) for name, way in ways.items()} for _ in range(repeat)]  # type: ignore[arg-type] # a mixture
    middle = {name: [statistics.median(each[name][place] for each in found) for place in (0, 1)] for name in ways}
    for name, (seconds, size) in middle.items():
        ratio = seconds / middle["COPY of both"][0]
        share = "all" if every == 1 else f"1 in {every}"
        print(f"| {key} | {share} | {name} | {seconds:.1f} | {ratio:.1f} | {size:.0f} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
