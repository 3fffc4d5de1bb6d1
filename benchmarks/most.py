"""What a verification takes at the most: sessions, locks, age of its snapshot, memory of the client and of its server processes.

    uv run python benchmarks/most.py [--server local:BINDIR] [--rows 200000] [--value 5000000]

Another session looks every 50 ms, and at the memory that is not shared four times a second; what comes and goes between two
looks is not seen. Each case is verified as usual and with --gentle.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg

from rollproof.throwaway.servers.provide import provide
from rollproof.throwaway.servers.server import Server

OURS = """
SELECT count(*), count(*) FILTER (WHERE a.state = 'active'),
       COALESCE(max(EXTRACT(epoch FROM clock_timestamp() - a.xact_start)) FILTER (WHERE a.backend_xmin IS NOT NULL), 0)::float8,
       (SELECT count(*) FROM pg_locks AS l WHERE l.pid = ANY (array_agg(a.pid))),
       (SELECT count(*) FROM pg_locks AS l WHERE l.pid = ANY (array_agg(a.pid) FILTER (WHERE a.application_name = 'rollproof'))),
       array_agg(a.pid)
FROM pg_stat_activity AS a WHERE a.application_name LIKE 'rollproof%'
"""
MANY = "DO $$ BEGIN FOR i IN 1..{many} LOOP EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, name text)', i); END LOOP; END $$"
ROWS = """
CREATE TABLE notes AS SELECT i AS id, md5(i::text) || repeat(md5(i::text), 8) AS body FROM generate_series(1, {rows}) AS i;
ALTER TABLE notes ADD PRIMARY KEY (id);
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.notes_backup AS TABLE notes;
UPDATE notes SET body = 'damaged' WHERE id % 1000 = 0;
DELETE FROM notes WHERE id % 100000 = 1
"""
WIDE = """
CREATE TABLE films (id int PRIMARY KEY, body text);
ALTER TABLE films ALTER body SET STORAGE EXTERNAL;
INSERT INTO films SELECT i, repeat(md5(i::text), {size} / 32) FROM generate_series(1, 8) AS i;
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.films_backup AS TABLE films;
UPDATE films SET body = body || 'x' WHERE id = 3
"""

HEAD = """{server}

| case | how | seconds | sessions (at work) | locks (without pg_dump's) | snapshot's age | client | servers |
|---|---|---|---|---|---|---|---|"""


class Sampler:
    """Another session that looks at ours, and at the memory of `client` and its children."""

    def __init__(self, url: str, client: psutil.Process) -> None:
        self.most = dict.fromkeys(("sessions", "active", "age", "locks", "own locks", "client", "servers"), 0.0)
        self._url, self._client, self._done = url, client, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        turn = 0
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._done.wait(0.05):
                [(sessions, active, age, locks, own, pids)] = connection.execute(OURS).fetchall()
                seen = {"sessions": sessions, "active": active, "age": age, "locks": locks or 0, "own locks": own or 0}
                if turn % 5 == 0:
                    with suppress(psutil.Error):
                        family = [self._client, *self._client.children(recursive=True)]
                        seen["client"] = sum(process.memory_info().rss for process in family) / 1e6
                    seen["servers"] = sum(map(unshared, pids or [])) / 1e6
                self.most = {name: max(most, seen.get(name, 0)) for name, most in self.most.items()}
                turn += 1

    def end(self) -> dict[str, float]:
        self._done.set()
        self._thread.join()
        return self.most


def unshared(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_full_info().uss)
    except psutil.Error:
        return 0


def filled(server: Server, name: str, sql: str) -> str:
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        for statement in sql.strip().split(";\n"):
            connection.execute(statement)
        connection.execute("VACUUM ANALYZE")
    return server.dsn(name)


def cases(server: Server, folder: Path, options: argparse.Namespace) -> dict[str, list[str]]:
    many = filled(server, "many", MANY.format(many=1000))
    rows = filled(server, "rows", ROWS.format(rows=options.rows))
    wide = filled(server, "wide", WIDE.format(size=options.value))
    command = [
        sys.executable,
        "-m",
        "rollproof",
        "capture",
        "--database-url",
        many,
        "--output",
        str(folder / "many.json"),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return {
        "vibes rehearsal": ["--rehearse", "--server", server.dsn("postgres")],
        "1,000 tables": ["--database-url", many, "--reference", str(folder / "many.json")],
        f"{options.rows:,} rows, one of 1,000 damaged": ["--database-url", rows, "--reference", "backup"],
        f"8 values of {options.value / 1e6:.0f} MB, one damaged": ["--database-url", wide, "--reference", "backup"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", default="embedded")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--value", type=int, default=50_000_000, help="bytes")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    server = provide(options.server, {"shared_buffers": "128MB"})
    try:
        print(HEAD.format(server=server.name))  # noqa: T201
        for name, arguments in cases(server, folder, options).items():
            for how in ([], ["--gentle"]):
                print(line(server, folder, name, [*arguments, *how]), flush=True)  # noqa: T201
    finally:
        server.stop()
        shutil.rmtree(folder)


def line(server: Server, folder: Path, name: str, arguments: list[str]) -> str:
    began = time.monotonic()
    command = [sys.executable, "-m", "rollproof", "verify", *arguments, "--report-dir", str(folder / "report")]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603
        sampler = Sampler(server.dsn("postgres"), psutil.Process(process.pid))
        process.wait()
        seconds = time.monotonic() - began
        most = sampler.end()
    if process.returncode > 1:
        print((folder / "said").read_text()[-2000:])  # noqa: T201
    how = "gentle" if "--gentle" in arguments else "default"
    sessions, locks = f"{most['sessions']} ({most['active']})", f"{most['locks']} ({most['own locks']})"
    memory = f"{most['client']:.0f} MB | {most['servers']:.0f} MB"
    return f"| {name} | {how} | {seconds:.0f} | {sessions} | {locks} | {most['age']:.0f} s | {memory} |"


if __name__ == "__main__":
    main()
