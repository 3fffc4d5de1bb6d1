"""How long it takes until somebody hears that one of 200 tables is damaged, and how long the run takes; prints a Markdown table.

    uv run python benchmarks/first_red.py --before PYTHON [--megabytes 2000] [--turns 3] [--server local:BINDIR]

PYTHON is the interpreter of an environment with an earlier version, which knew the same and told it later. The tables have sizes
from some kilobytes to a quarter of all. A tenth of them was updated to what it was, as by a migration and its rollback; one is
damaged: a small one, a middle one or the largest, by an UPDATE, by a rewrite, or by an UPDATE of which no counter tells any more.
Both versions take turns, each with a baseline of its own; medians. Time counts from the first case on, when the scans begin. What
an earlier version tells first is the first case that failed (`-v`). CPU is that of the process until its end, and not the server's.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from rollproof.throwaway.servers.provide import provide

TABLES = 200
RED = re.compile(r" so far: | FAILED")
PLACES = {"small": 150, "middle": 20, "largest": 0}
DAMAGES = [("UPDATE", place) for place in PLACES] + [
    ("rewrite", "middle"),
    ("no trace", "small"),
    ("no trace", "middle"),
]
HEAD = """| damaged | by | version | first red | end | share | CPU |
|---|---|---|---|---|---|---|"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", required=True)
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--server", default="embedded")
    options = parser.parse_args()
    server = provide(options.server)
    try:
        server.create("red")
        with tempfile.TemporaryDirectory() as folder, psycopg.connect(server.dsn("red"), autocommit=True) as session:
            fill(session, options.megabytes)
            versions = {"before": options.before, "now": sys.executable}
            turns = measured(session, versions, server.dsn("red"), Path(folder), options.turns)
            print("\n".join([HEAD, *turns]))  # noqa: T201
    finally:
        server.stop()


def fill(session: psycopg.Connection, megabytes: int) -> None:
    """Make the tables, the largest first: each has a share as the n-th of many things in a row by their size."""
    shares = [1 / (number + 1) ** 1.3 for number in range(TABLES)]
    for number, share in enumerate(shares):
        rows = max(20, int(megabytes * 1e6 * share / sum(shares) / 130))
        session.execute(
            f"CREATE TABLE {name(number)} AS SELECT i::bigint AS id, md5(i::text) AS a, i % 1000 AS b,"
            f" now() - i * interval '1 s' AS at, repeat('x', 30) AS c FROM generate_series(1, {rows}) AS i"
        )
        session.execute(f"ALTER TABLE {name(number)} ADD PRIMARY KEY (id)")
    session.execute("VACUUM ANALYZE")


def name(number: int) -> str:
    """Return a table's name, in whose order nothing lies."""
    return f"t{number * 37 % TABLES:03}"


@dataclass
class Way:
    """One version, and what each turn took: seconds to the first red, to the end, and of CPU."""

    version: str
    python: str
    url: str
    folder: Path
    took: list[tuple[float, float, float]] = field(default_factory=list)

    def run(self, *words: str) -> subprocess.Popen[str]:
        environment = {each: value for each, value in os.environ.items() if not each.startswith("ROLLPROOF")}
        command = [self.python, "-m", "rollproof", *words, "--database-url", self.url]
        return subprocess.Popen(  # noqa: S603 (our own commands)
            command,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def capture(self) -> None:
        """Take the baseline."""
        taken = self.run("capture", "--output", f"{self.version}.json")
        told, _ = taken.communicate()
        if taken.returncode:
            sys.exit(told)

    def turn(self) -> None:
        """Verify once."""
        began, first, said = 0.0, 0.0, []
        running = self.run(
            "verify", "-v", "--reference", f"{self.version}.json", "--report-dir", f"{self.version}-report"
        )
        assert running.stdout
        for line in running.stdout:
            said.append(line)
            began = began or (time.monotonic() if "::test_" in line else 0.0)
            first = first or (time.monotonic() if RED.search(line) else 0.0)
        _, status, used = os.wait4(running.pid, 0)
        running.returncode = os.waitstatus_to_exitcode(status)
        if running.returncode != 1 or not first:
            sys.exit("".join(said[-40:]))
        self.took.append((first - began, time.monotonic() - began, used.ru_utime + used.ru_stime))

    def line(self, place: str, how: str) -> str:
        """Return its line of the table."""
        first, end, used = (statistics.median(column) for column in zip(*self.took, strict=True))
        return f"| {place} | {how} | {self.version} | {first:.1f} s | {end:.1f} s | {first / end:.0%} | {used:.1f} s |"


def measured(
    session: psycopg.Connection, versions: dict[str, str], url: str, folder: Path, turns: int
) -> Iterator[str]:
    """Yield a line for each damage and version."""
    for how, place in DAMAGES:
        ways = [Way(version, python, url, folder) for version, python in versions.items()]
        for way in ways:
            way.capture()
        for number in range(3, TABLES, 10):
            session.execute(f"UPDATE {name(number)} SET b = b WHERE id < 1000")
        damage(session, name(PLACES[place]), how)
        for _ in range(turns):
            for way in ways:
                way.turn()
        session.execute(f"UPDATE {name(PLACES[place])} SET b = 17 % 1000 WHERE id = 17")
        yield from (way.line(place, how) for way in ways)


def damage(session: psycopg.Connection, table: str, how: str) -> None:
    """Change one row; by a rewrite, whether the table was rewritten besides; without a trace, the counters are thrown away."""
    if how == "rewrite":
        session.execute(f"ALTER TABLE {table} ALTER b TYPE bigint")
        session.execute(f"ALTER TABLE {table} ALTER b TYPE integer USING CASE id WHEN 17 THEN 18 ELSE b END")
    else:
        session.execute(f"UPDATE {table} SET b = 18 WHERE id = 17")
    if how == "no trace":
        session.execute("SELECT pg_stat_reset()")


if __name__ == "__main__":
    main()
