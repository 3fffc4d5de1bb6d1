"""What an application loses while it is verified beside it: pgbench alone, beside verifications, and beside gentle ones.

    uv run python benchmarks/neighbour.py                                  # on the embedded server, about ten minutes
    uv run python benchmarks/neighbour.py --server local:BINDIR --select-only --fsync on

One pgbench runs all the time, on a database of its own; beside it come and go, in turns, nothing and one or two verifications
of another database of the same server. Each is held against what pgbench did alone just before and just after.
`pgbench` must be on PATH. The verifications share the machine with the server: what they need themselves is in the numbers.
"""

import argparse
import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psycopg

from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server, shown

NOTES = """
CREATE UNLOGGED TABLE {name} AS
SELECT gen_random_uuid()::text::varchar(36) AS id, 'Note number ' || i || ' ' || repeat(md5(i::text), 8) AS body,
       jsonb_build_object('mood', i % 5, 'tags', jsonb_build_array('a', 'b', md5((i % 100)::text))) AS meta,
       '2024-01-01'::timestamptz + make_interval(secs => i) AS created, i % 3 = 0 AS active
FROM generate_series(1, {rows}) AS i;
"""
NICE = int(os.environ.get("NICE", "0"))  # 19: nearly as if the verifications were on another machine
QUIET = 2.0  # seconds after something ended, until the next is measured
READ = (
    "SELECT sum(heap_blks_read + COALESCE(idx_blks_read, 0))::int8, sum(heap_blks_hit + COALESCE(idx_blks_hit, 0))::int8"
    " FROM pg_statio_user_tables"
)


class Window(NamedTuple):
    """What pgbench did between two moments."""

    tps: float
    p95: float
    missed: float  # blocks not found in shared buffers, of a thousand


class Application:
    """pgbench at work until it is told to end; it logs each transaction."""

    def __init__(self, url: str, folder: Path, options: argparse.Namespace) -> None:
        self.url, self._prefix = url, folder / "log"
        kind = ["--select-only"] if options.select_only else ["--builtin=tpcb-like"]
        command = [
            "pgbench", "--no-vacuum", "--log", f"--log-prefix={self._prefix}", *kind,
            f"--client={options.clients}", "--jobs=2", "--time=100000", url,
        ]  # fmt: skip
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603

    def between(self, began: float, ended: float, blocks: tuple[int, int]) -> Window:
        times = []
        for path in glob.glob(f"{self._prefix}.*"):  # noqa: PTH207
            with open(path) as lines:  # noqa: PTH123
                for line in lines:
                    _, _, took, _, second, micros, *_ = (*line.split(), *["0"] * 6)  # the last line may be half written
                    if began <= int(second) + int(micros) / 1e6 < ended:
                        times.append(int(took) / 1000)
        times.sort()
        p95 = times[int(len(times) * 0.95)] if times else float("nan")
        return Window(len(times) / (ended - began), p95, 1000 * blocks[0] / max(sum(blocks), 1))

    def blocks(self) -> tuple[int, int]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            [(read, found)] = connection.execute(READ).fetchall()
            return read, found

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


def verification(url: str, folder: Path, number: int, how: list[str]) -> "subprocess.Popen[str]":
    command = [
        "nice", f"--adjustment={NICE}", sys.executable, "-m", "rollproof", "verify", "--database-url", url,
        "--reference", str(folder / "baseline.json"), "--report-dir", str(folder / f"report{number}"), *how,
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603


def beside(application: Application, url: str, folder: Path, many: int, how: list[str]) -> tuple[Window, float, str]:
    """Return what pgbench did beside so many verifications, their seconds, and what the last said of its rests."""
    before, began = application.blocks(), time.time()
    running = [verification(url, folder, number, how) for number in range(many)]
    said = [process.communicate()[0] for process in running]
    ended, after = time.time(), application.blocks()
    if any(process.returncode for process in running):
        raise SystemExit(f"a verification went wrong: {said[-1][-2000:]}")
    time.sleep(1)
    read = (after[0] - before[0], after[1] - before[1])
    return application.between(began, ended, read), ended - began, note(folder)


def note(folder: Path) -> str:
    text = (folder / "report0/summary.md").read_text()
    return next((line.strip("- ") for line in text.splitlines() if "read gently" in line), "")


def alone(application: Application, seconds: float) -> Window:
    time.sleep(QUIET)
    before, began = application.blocks(), time.time()
    time.sleep(seconds)
    ended, after = time.time(), application.blocks()
    time.sleep(1)
    return application.between(began, ended, (after[0] - before[0], after[1] - before[1]))


def filled(server: Server, options: argparse.Namespace, folder: Path) -> tuple[str, str]:
    server.create("shop")
    server.create("history")
    shop, history = server.dsn("shop"), server.dsn("history")
    command = ["pgbench", "--initialize", "--quiet", f"--scale={options.scale}", shop]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
    with psycopg.connect(history, autocommit=True) as connection:
        for name in ("notes", "older_notes", "letters"):
            connection.execute(NOTES.format(name=name, rows=options.rows // 3))
            connection.execute(f"VACUUM ANALYZE {name}")
        size = connection.execute("SELECT pg_size_pretty(pg_database_size('history'))").fetchall()[0][0]
    with psycopg.connect(shop, autocommit=True) as connection:
        pages = connection.execute("SELECT pg_size_pretty(pg_database_size('shop'))").fetchall()[0][0]
    began = time.monotonic()
    subprocess.run(  # noqa: S603
        [sys.executable, "-m", "rollproof", "capture", "--database-url", history, "--output", folder / "baseline.json"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    print(f"verified: {size}; pgbench's: {pages}; capture alone: {time.monotonic() - began:.1f} s")  # noqa: T201
    return shop, history


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="embedded")
    parser.add_argument("--rows", type=int, default=2_400_000, help="in three tables, about 450 bytes each")
    parser.add_argument("--scale", type=int, default=10, help="pgbench's; 10 are 150 MB")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--select-only", action="store_true")
    parser.add_argument("--fsync", default="off")
    parser.add_argument("--shared-buffers", default="512MB")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--alone", type=float, default=8, help="seconds")
    parser.add_argument("--only", action="append", help="'1 gentle', '2 default' and so on")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    settings = {"shared_buffers": options.shared_buffers, "fsync": options.fsync, "max_wal_size": "8GB"}
    if options.fsync == "on":
        settings |= {"synchronous_commit": "on", "full_page_writes": "on"}
    server = provide(options.server, settings)
    try:
        print(server.name, vars(options), "load", os.getloadavg())  # noqa: T201
        measure(server, options, folder)
    finally:
        server.stop()
        shutil.rmtree(folder)


def measure(server: Server, options: argparse.Namespace, folder: Path) -> None:
    shop, history = filled(server, options, folder)
    ways = {"1 default": (1, []), "1 gentle": (1, ["--gentle"]), "2 default": (2, []), "2 gentle": (2, ["--gentle"])}
    found: dict[str, list[tuple[Window, Window, float, str]]] = {name: [] for name in options.only or ways}
    application = Application(shop, folder, options)
    try:
        before = alone(application, options.alone)
        for _ in range(options.repeat):
            for name, results in found.items():
                during, seconds, said = beside(application, history, folder, *ways[name])
                after = alone(application, options.alone)
                quiet = Window(*(statistics.mean(pair) for pair in zip(before, after, strict=True)))
                results.append((quiet, during, seconds, said))
                print(f"# {name}: {quiet} {during} {seconds:.1f} s {said} load {os.getloadavg()[0]:.1f}", flush=True)  # noqa: T201
                before = after
    finally:
        application.end()
    print(table(f"{shown(server.version)}", found, options))  # noqa: T201


def table(version: str, found: dict[str, list[tuple[Window, Window, float, str]]], options: argparse.Namespace) -> str:
    what = "select-only" if options.select_only else "tpcb-like"
    lines = []
    for name, results in found.items():
        of = [(during.tps / quiet.tps, during.p95 / quiet.p95) for quiet, during, _, _ in results]
        tps, p95 = (statistics.median(each) for each in zip(*of, strict=True))
        quiet, during, seconds = (
            statistics.median(result[0].tps for result in results),
            statistics.median(result[1].tps for result in results),
            statistics.median(result[2] for result in results),
        )
        windows = [(quiet, during) for quiet, during, _, _ in results]
        missed = [statistics.median(window.missed for window in side) for side in zip(*windows, strict=True)]
        lines.append(
            f"| {version} {what} | {name} | {quiet:.0f} → {during:.0f} | {tps:.0%} | {p95:.1f} |"
            f" {missed[0]:.1f} → {missed[1]:.1f} | {seconds:.0f} s |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
