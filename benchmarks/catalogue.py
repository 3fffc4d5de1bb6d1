"""What it costs to know the structure of a large database: rollproof beside pg_dump, in one run; prints a Markdown table.

    uv run python benchmarks/catalogue.py                 # 10,000 tables, three turns: about four minutes on two quiet cores
    uv run python benchmarks/catalogue.py --tables 1000 --repeat 1
    uv run python benchmarks/catalogue.py --server embedded --server local:BINDIR    # capture and pg_dump on each, analysed and not

Each table has a key, an index and a foreign key. Ours is measured on a server with the default max_locks_per_transaction, where
pg_dump fails; pg_dump, on a second server that holds the same and has room for its locks. Both take turns.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

import psycopg

from rollproof.server import pg_binaries
from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server

TABLE = (
    "CREATE TABLE t{0:05} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint, name text NOT NULL, at timestamptz);"
    "CREATE INDEX ON t{0:05} (name); ALTER TABLE t{0:05} ADD FOREIGN KEY (parent) REFERENCES t{1:05};"
    "INSERT INTO t{0:05} (name) VALUES ('a'), ('b'), ('c');"
)
HELD = (
    "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
    " WHERE a.datname = 'catalogue' AND a.application_name = 'rollproof'"
)
CAPTURE = """
import resource, sys, time
from rollproof.catalog.capture import Scope, capture
from rollproof.server.reader import Limits, Target, SnapshotReader
began = time.monotonic()
view = SnapshotReader(Target.parse(sys.argv[1]), Limits())
capture(view, Scope(None, "migration_backup", "public.migration_log"))
view.close()
print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""

FIGURES = ("capture", "memory", "locks", "structure", "pg_dump", "first verdict")


class Neighbour:
    """Another session that counts our locks, and once locks a thousand tables itself."""

    def __init__(self, url: str, tables: int) -> None:
        self.most, self.error, self._url, self._tables = 0, "", url, min(tables, 1000)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            try:
                with connection.transaction():
                    names = ", ".join(f"t{number:05}" for number in range(1, self._tables + 1))
                    connection.execute(f"LOCK TABLE {names} IN ACCESS SHARE MODE".encode())
            except psycopg.errors.OutOfMemory as error:  # 53200
                self.error = str(error)
            while not self._done.wait(0.02):
                self.most = max(self.most, connection.execute(HELD).fetchall()[0][0])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def filled(server: Server, tables: int, name: str = "catalogue", *, analysed: bool = True) -> str:
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        for start in range(1, tables + 1, 250):
            part = range(start, min(start + 250, tables + 1))
            connection.execute("".join(TABLE.format(number, max(1, number - 1)) for number in part).encode())
        if analysed:
            connection.execute("ANALYZE")
    return server.dsn(name)


def timed(command: list[str], folder: Path, first: str | None = None) -> float:
    """Return the seconds until the command ended well, or, with `first`, until it printed a line with that in it."""
    began, seen = time.monotonic(), None
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:  # noqa: S603
        said = []
        for line in running.stdout or ():
            said.append(line)
            if seen is None and first and first in line:
                seen = time.monotonic() - began
    if running.returncode:
        sys.exit("".join(said[-30:]))
    return time.monotonic() - began if seen is None else seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tables", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--content", action="store_true", help="also every row: the whole of post_rollback, once")
    parser.add_argument("--server", action="append", help="as pytest has it; several are measured one after the other")
    options = parser.parse_args()
    if options.server:
        every_major(options)
        return
    servers = [provide("embedded"), provide("embedded", {"max_locks_per_transaction": "2048"})]
    try:
        with tempfile.TemporaryDirectory() as folder:
            report(measured(servers, options, Path(folder)), servers[0].name, options)
    finally:
        for server in servers:
            server.stop()


def every_major(options: argparse.Namespace) -> None:
    """Print what it takes on each server, before anybody analysed the catalogue and after."""
    sys.stdout.write(f"{options.tables:,} tables, medians of {options.repeat}\n\n")
    sys.stdout.write(
        "| server | catalogue | captured | pg_dump --schema-only | ratio | CPU captured | CPU pg_dump | ratio |\n"
        "|---|---|---|---|---|---|---|---|\n"
    )
    for where in options.server:
        # Nobody may analyse it meanwhile; and there must be room for pg_dump's locks.
        server = provide(where, {"autovacuum": "off", "max_locks_per_transaction": "2048"})
        try:
            url = filled(server, options.tables, analysed=False)
            side_by_side(server, url, "fresh", options.repeat)
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("ANALYZE")
            side_by_side(server, url, "analysed", options.repeat)
        finally:
            server.stop()


def side_by_side(server: Server, url: str, state: str, repeat: int) -> None:
    major = server.version // 10_000
    found = pg_binaries.pg_dump(major, major)
    if found is None:
        sys.exit(f"there is no pg_dump of PostgreSQL {major}")
    pg_dump = str(found[0])
    took: dict[str, list[tuple[float, float]]] = {"captured": [], "dumped": []}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeat):
            before, command = spent(url), [sys.executable, "-c", CAPTURE, url]
            said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
            took["captured"].append((float(said.split()[0]), spent(url) - before))
            before = spent(url)
            seconds = timed([pg_dump, "--schema-only", "--file", "dump.sql", url], Path(folder))
            took["dumped"].append((seconds, spent(url) - before))
    ours, theirs = ([statistics.median(values) for values in zip(*each, strict=True)] for each in took.values())
    each = (f"{mine:.2f} s | {other:.2f} s | {mine / other:.2f}" for mine, other in zip(ours, theirs, strict=True))
    sys.stdout.write(f"| {server.name} | {state} | {' | '.join(each)} |\n")
    sys.stdout.flush()


def spent(url: str) -> float:
    """Return the seconds of CPU that our child processes and the server's ended ones have had so far. On Linux, on this machine."""
    with psycopg.connect(url) as connection:
        own = Path(f"/proc/{connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
        time.sleep(0.2)  # until the server noticed that the sessions of those before have ended
        parent = Path(f"/proc/{own[1]}/stat").read_text().rpartition(")")[2].split()
    ours = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ours.ru_utime + ours.ru_stime + (int(parent[13]) + int(parent[14])) / os.sysconf("SC_CLK_TCK")


def captured(url: str) -> list[float]:
    """Return what a process that captures the catalogue says of itself: seconds, then memory."""
    command = [sys.executable, "-c", CAPTURE, url]
    return [*map(float, subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())]  # noqa: S603


def measured(servers: list[Server], options: argparse.Namespace, folder: Path) -> dict[str, list[float]]:
    ours, theirs = (filled(server, options.tables) for server in servers)
    small = filled(servers[0], 50, "small")
    pg_dump = [str((servers[1].bindir or Path("/usr/bin")) / "pg_dump"), "--schema-only", "--file", "dump.sql", theirs]
    python = [sys.executable, "-m", "rollproof"]
    for name, url in (("large", ours), ("small", small)):
        timed([*python, "capture", "--database-url", url, "--output", f"{name}.json"], folder)

    def verify(name: str, url: str, *more: str) -> list[str]:
        return [*python, "verify", "post_rollback", "--database-url", url, "--reference", f"{name}.json", *more]

    took: dict[str, list[float]] = {name: [] for name in FIGURES}
    for _ in range(options.repeat):
        with Neighbour(ours, options.tables) as neighbour:
            for name, figure in zip(("capture", "memory"), captured(ours), strict=True):
                took[name].append(figure)
            took["structure"].append(timed(verify("large", ours, "-m", "post_rollback and structure"), folder))
        if neighbour.error:
            sys.exit(f"the neighbour could not lock its tables: {neighbour.error}")
        took["locks"].append(neighbour.most)
        took["pg_dump"].append(timed(pg_dump, folder))
        took["first verdict"].append(timed(verify("small", small, "-v"), folder, first=" PASSED"))
    if options.content:
        took["everything"] = [timed(verify("large", ours), folder)]
    return took


def report(took: dict[str, list[float]], server: str, options: argparse.Namespace) -> None:
    def say(line: str) -> None:
        sys.stdout.write(line + "\n")

    middle = {name: statistics.median(values) for name, values in took.items()}
    say(f"{options.tables:,} tables on {server}, Python {sys.version.split()[0]}, medians of {options.repeat}\n")
    say("| what | measured | goal |\n|---|---|---|")
    say(f"| all catalogue facets captured | {middle['capture']:.1f} s | < 15 s |")
    say(f"| memory of the client | {middle['memory']:.0f} MB | < 500 MB |")
    say(f"| locks of ours, the most ever seen | {max(took['locks'])} | ≤ 512 |")
    say("| another session locks 1,000 tables meanwhile | no error | no error |")
    say(f"| structure verdict, from command to exit | {middle['structure']:.1f} s | < 45 s |")
    say(f"| pg_dump --schema-only (with raised lock limit) | {middle['pg_dump']:.1f} s | |")
    say(f"| capture against pg_dump | {middle['capture'] / middle['pg_dump']:.2f} | < 1 |")
    say(f"| structure verdict against pg_dump | {middle['structure'] / middle['pg_dump']:.2f} | < 1 |")
    say(f"| 50 tables: from command to the first verdict | {middle['first verdict']:.1f} s | < 3 s |")
    if "everything" in middle:
        say(f"| everything, rows and contents too, from command to exit | {middle['everything']:.1f} s | |")
    say(f"\nlargest child process: {resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
