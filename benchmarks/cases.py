"""What a verification costs beside an earlier version of rollproof: one table, fourteen, 400 with six differences each, 10,000.

    uv run python benchmarks/cases.py --before CHECKOUT [--server local:BINDIR] [--turns 5] [one fourteen damaged many]

CHECKOUT is a clone of the earlier version with its own .venv. Both versions capture and verify the same databases, in turn.
CPU is that of the process and its children, so not the server's; medians. The first turn of several compiles the modules and does
not count.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server

HERE = Path(__file__).parent.parent
TABLES = """
DO $$ BEGIN FOR i IN 1..{tables} LOOP
  EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, name text NOT NULL, size int DEFAULT 1)', i);
  EXECUTE format('ALTER TABLE t%s ADD CONSTRAINT t%s_size CHECK (size > 0)', i, i);
  EXECUTE format('CREATE INDEX t%s_name ON t%s (name)', i, i);
  EXECUTE format('COMMENT ON TABLE t%s IS %L', i, 'number ' || i);
  EXECUTE format('INSERT INTO t%s SELECT n, md5(n::text) FROM generate_series(1, 10) AS n', i);
  IF i % 1000 = 0 THEN COMMIT; END IF;
END LOOP; END $$
"""
DAMAGE = """
DO $$ BEGIN FOR i IN 1..{tables} LOOP
  EXECUTE format('ALTER TABLE t%s ALTER name DROP NOT NULL', i);
  EXECUTE format('ALTER TABLE t%s DROP CONSTRAINT t%s_size', i, i);
  EXECUTE format('DROP INDEX t%s_name', i);
  EXECUTE format('COMMENT ON TABLE t%s IS NULL', i);
  EXECUTE format('GRANT SELECT ON t%s TO PUBLIC', i);
  EXECUTE format('DELETE FROM t%s WHERE id = 3', i);
  IF i % 1000 = 0 THEN COMMIT; END IF;
END LOOP; END $$
"""
HEAD = """| case | version | capture: CPU | wall | verify: CPU | wall | cases | exit |
|---|---|---|---|---|---|---|---|"""
CASES = {"one": (1, False), "fourteen": (14, False), "damaged": (400, True), "many": (10_000, False)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, required=True)
    parser.add_argument("--server", default="embedded")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--limit", type=float, default=1200, help="seconds after which one verification is given up")
    parser.add_argument("cases", nargs="*", default=[*CASES])
    options = parser.parse_args()
    versions = {"before": options.before.absolute(), "now": HERE}
    folder, server = Path(tempfile.mkdtemp()), provide(options.server)
    try:
        print(HEAD)  # noqa: T201
        for case in options.cases:
            for line in measured(case, versions, server, folder, options):
                print(line, flush=True)  # noqa: T201
    finally:
        server.stop()
        shutil.rmtree(folder)


def measured(
    case: str, versions: dict[str, Path], server: Server, folder: Path, options: argparse.Namespace
) -> Iterator[str]:
    """Yield a line of the table for each version."""
    tables, damage = CASES[case]
    server.create(case)
    url = server.dsn(case)
    play(url, TABLES, tables)
    turns = 1 if tables > 1000 else options.turns  # noqa: PLR2004 (what takes minutes is measured once)
    verified: dict[str, list[tuple[float, float]]] = {name: [] for name in versions}
    captured, said = {}, dict.fromkeys(versions, "")
    for name, root in versions.items():
        captured[name] = [run(root, folder / name, "capture", url, options.limit)[:2] for _ in range(2)][1:]
    if damage:
        play(url, DAMAGE, tables)
    for turn in range(turns + (turns > 1)):
        for name, root in versions.items():
            cpu, wall, said[name] = run(root, folder / name, "verify", url, options.limit)
            if turn or turns == 1:
                verified[name].append((cpu, wall))
    for name in versions:
        yield f"| {case} | {name} | {medians(captured[name])} | {medians(verified[name])} | {said[name]} |"


def play(url: str, sql: str, tables: int) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.format(tables=tables))
        connection.execute("VACUUM ANALYZE")


def run(root: Path, folder: Path, command: str, url: str, limit: float) -> tuple[float, float, str]:
    """Return the CPU and the wall seconds of one command, and of a verification its number of cases and its exit code."""
    folder.mkdir(exist_ok=True)
    shutil.rmtree(folder / "rollproof-report", ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "ROLLPROOF"))}
    words = [str(root / ".venv" / "bin" / "rollproof"), command, "--database-url", url]
    began, before = time.monotonic(), os.times()
    try:
        done = subprocess.run(  # noqa: S603 (our own command)
            words, cwd=folder, env=environment, capture_output=True, text=True, timeout=limit, check=False
        )
    except subprocess.TimeoutExpired:
        return limit, limit, f"no end within {limit:.0f} s |"
    now, wall = os.times(), time.monotonic() - began
    cpu = now.children_user + now.children_system - before.children_user - before.children_system
    result = folder / "rollproof-report" / "junit.xml"
    cases = result.read_text("utf-8").count("<testcase ") if result.exists() else 0
    return cpu, wall, f"{cases} | {done.returncode}"


def medians(times: list[tuple[float, float]]) -> str:
    return " | ".join(f"{statistics.median(column):.2f}" for column in zip(*times, strict=True))


if __name__ == "__main__":
    main()
