"""How long a server keeps sessions of ours after each way in which a run can end, and how long the run itself takes.

    uv run python benchmarks/freedom.py --server embedded --server local:/usr/lib/postgresql/15/bin    # half an hour
    uv run python benchmarks/freedom.py --silence 6 --case network --json

It runs in a network of its own, where packets can be swallowed without a word to either end; the server is asked through its
socket file, which no packet filter sees. Two tables are locked by another session, so that two sessions of ours wait while a
third holds the snapshot. `--silence` makes all limits shorter than they are (60 s).
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from rollproof.throwaway.servers.data_directory import server_user
from rollproof.throwaway.servers.provide import provide

INSIDE = "ROLLPROOF_NETWORK_OF_ITS_OWN"
OURS = "FROM pg_stat_activity WHERE application_name LIKE 'rollproof%' AND datname = 'shop'"
PROGRAM = (
    "import sys; from rollproof.system import background; background.SILENCE = float(sys.argv.pop(1));"
    "from rollproof.__main__ import run; run()"
)
DEAD = "table inet dead {{ chain arriving {{ type filter hook input priority 0; {rules}}}\n}}\n"
CASES: dict[str, list[str]] = {
    "kill -9": [],
    "SIGTERM": [],
    "SIGSTOP": [],
    "network": ["sport", "dport"],
    "network, server to client": ["sport"],
    "network, client to server": ["dport"],
    "network, then SIGTERM": ["sport", "dport"],
    "server frozen": [],
}
PARTS = ("snapshot", "sessions", "process")
GIVE_UP = 400.0
SHORT = 10.0  # seconds of silence below which a new connection need not be waited for either


def outside(arguments: list[str]) -> int:
    """Enter a network of our own, as root or as anybody the kernel allows it to; return its exit code."""
    user = [] if os.geteuid() == 0 else ["--map-current-user", "--keep-caps"]
    return subprocess.call(  # noqa: S603
        ["unshare", "--net", *user, sys.executable, __file__, *arguments],  # noqa: S607
        env={**os.environ, INSIDE: "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )


def filled(admin: psycopg.Connection) -> None:
    admin.execute(
        "CREATE TABLE a AS SELECT i FROM generate_series(1, 50000) AS i; CREATE TABLE b AS TABLE a; ANALYZE a, b"
    )


def swallow(port: int | None, directions: Sequence[str]) -> None:
    """Drop what arrives from or for the port; without directions nothing is dropped any more."""
    subprocess.run(["nft", "delete", "table", "inet", "dead"], check=False, capture_output=True)  # noqa: S607
    if directions:
        rules = "".join(f"tcp {direction} {port} drop\n" for direction in directions)
        subprocess.run(["nft", "-f", "-"], input=DEAD.format(rules=rules), check=True, text=True)  # noqa: S607


@contextmanager
def pooler(url: str, folder: Path) -> "Iterator[tuple[str, subprocess.Popen[bytes]]]":
    """PgBouncer in transaction mode before the server; yields the URL through it."""
    known = urlsplit(url)
    program = shutil.which("pgbouncer", path=os.environ.get("PATH", "") + ":/usr/sbin") or "pgbouncer"
    (folder / "users").write_text(f'"{known.username}" "{known.password}"\n')
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host={known.hostname} port={known.port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = 6432\n"
        f"auth_type = plain\nauth_file = {folder}/users\npool_mode = transaction\nunix_socket_dir =\n"
    )
    running = subprocess.Popen(  # noqa: S603
        [program, "-q", str(folder / "pgbouncer.ini")], stderr=subprocess.DEVNULL, **server_user().popen
    )
    try:
        time.sleep(1)
        yield url.replace(f":{known.port}/", ":6432/"), running
    finally:
        running.send_signal(signal.SIGCONT)
        running.kill()
        running.wait()


@dataclass
class Trial:
    """One run that is brought to one end, watched from the server's side."""

    admin: psycopg.Connection
    locker: psycopg.Connection
    url: str
    silence: float
    folder: Path

    def started(self, *more: str) -> "subprocess.Popen[bytes]":
        """Start a run, and return it when a session of ours waits for the locks."""
        self.log = (self.folder / "log").open("w")
        command = [sys.executable, "-c", PROGRAM, str(self.silence), "verify", "--database-url", self.url, *more]
        command += ["--reference", str(self.folder / "baseline.json"), "--lock-timeout", "3600"]
        run = subprocess.Popen(  # noqa: S603
            [*command, "--report-dir", str(self.folder / "report")],
            stdout=self.log,
            stderr=subprocess.STDOUT,
            cwd=self.folder,
        )
        waiting = f"SELECT count(*) FILTER (WHERE wait_event_type = 'Lock') >= 1 {OURS}"
        end = time.monotonic() + 120
        while not self.admin.execute(waiting).fetchall()[0][0]:
            if time.monotonic() > end or run.poll() is not None:
                raise SystemExit(f"the run did not begin: {(self.folder / 'log').read_text()}")
            time.sleep(0.1)
        return run

    def measure(self, case: str, *, bouncer: "subprocess.Popen[bytes] | None" = None) -> dict[str, Any]:
        """Return seconds until no snapshot, session and process of ours is left, the exit code, whether there are reports."""
        shutil.rmtree(self.folder / "report", ignore_errors=True)
        self.locker.execute("LOCK a, b")
        run = self.started()
        pids = [pid for (pid,) in self.admin.execute(f"SELECT pid {OURS}")] if case == "server frozen" else []
        if bouncer and pids:
            pids = [bouncer.pid]
        swallow(urlsplit(self.url).port, CASES[case])
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        ends = {"kill -9": signal.SIGKILL, "SIGTERM": signal.SIGTERM, "SIGSTOP": signal.SIGSTOP}
        if number := ends.get(case.rpartition(" ")[2] if "then" in case else case):
            run.send_signal(number)
        if case in {"SIGSTOP", "server frozen"} or bouncer:
            self.locker.rollback()  # what runs comes to its own end, for the line lives
        seen = self._watched(run, case)
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        if run.poll() is None:
            run.send_signal(signal.SIGCONT)
        swallow(urlsplit(self.url).port, [])
        self.locker.rollback()
        seen["exit"] = run.wait(GIVE_UP)
        seen["reports"] = (self.folder / "report" / "result.json").exists()
        seen["said"] = [line for line in (self.folder / "log").read_text().splitlines() if "no answer" in line][:3]
        return seen

    def _watched(self, run: "subprocess.Popen[bytes]", case: str) -> dict[str, Any]:
        began = time.monotonic()
        seen: dict[str, Any] = {}
        # Sessions that only wait for a question hold nothing, and stay as long as their line seems to live.
        wanted = {"SIGSTOP": {"snapshot"}, "server frozen": {"process"}}.get(case, {"snapshot", "process"})
        while not wanted <= seen.keys() and time.monotonic() - began < GIVE_UP:
            [(held, left)] = self.admin.execute(f"SELECT count(backend_xmin), count(*) {OURS}").fetchall()
            now = round(time.monotonic() - began, 1)
            for name, over in (("snapshot", not held), ("sessions", not left), ("process", run.poll() is not None)):
                if over:
                    seen.setdefault(name, now)
            time.sleep(0.1)
        if "sessions" not in seen:
            seen["left"] = [*self.admin.execute(f"SELECT state, count(*) {OURS} GROUP BY 1")]
        return seen


def measured(
    where: str, cases: list[str], silence: float, *, pooled: bool
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    server = provide(where, {"unix_socket_directories": str(folder)})
    try:
        server.create("shop")
        url = server.dsn("shop")
        known = urlsplit(url)
        url += "&connect_timeout=2" if silence < SHORT else ""
        to = f"host={folder} port={known.port} user={known.username} password={known.password} dbname=shop"
        with psycopg.connect(to, autocommit=True) as admin, psycopg.connect(to) as locker:
            filled(admin)
            baseline = str(folder / "baseline.json")
            subprocess.run(  # noqa: S603
                [sys.executable, "-c", PROGRAM, str(silence), "capture", "--database-url", url, "--output", baseline],
                check=True, capture_output=True, cwd=folder,
            )  # fmt: skip
            if not pooled:
                for case in cases:
                    yield case, server.name, Trial(admin, locker, url, silence, folder).measure(case)
                return
            for case in cases:
                with pooler(url, folder) as (behind, bouncer):
                    yield (
                        case,
                        f"{server.name}, PgBouncer",
                        Trial(admin, locker, behind, silence, folder).measure(case, bouncer=bouncer),
                    )
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", action="append")
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--silence", type=float, default=60)
    parser.add_argument("--pooler", action="store_true", help="with PgBouncer between")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    chosen = parser.parse_args()
    if INSIDE not in os.environ:
        sys.exit(outside(sys.argv[1:]))
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)  # noqa: S607
    for where in chosen.server or ["embedded"]:
        for case, name, seen in measured(where, chosen.case or list(CASES), chosen.silence, pooled=chosen.pooler):
            if chosen.json:
                print(json.dumps({"case": case, "server": name, **seen}), flush=True)  # noqa: T201
                continue
            times = " | ".join(str(seen.get(part, "-")) for part in PARTS)
            print(f"| {name} | {case} | {times} | {seen['exit']} | {'yes' if seen['reports'] else 'no'} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
