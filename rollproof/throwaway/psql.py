"""psql on a throw-away server: a script run as a person would run it, and what psql said."""

import os
import re
import secrets
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from rollproof.model.errors import Inconclusive
from rollproof.system.child_process import ChildProcess
from rollproof.system.deadline import Deadline
from rollproof.throwaway.servers.server import Server

_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "SYSTEMROOT")
_ENDING = 2.0  # seconds psql may take to cancel what runs
_ERROR = re.compile(r"^psql:(?P<file>.*?):(?P<line>\d+): (?P<level>ERROR|FATAL|error):\s+(?P<text>.*)$", re.MULTILINE)
_INVALID = re.compile(r"invalid command \\(un)?restrict")


@dataclass(frozen=True)
class Complaint:
    """An error of PostgreSQL's: the line of the script on which its statement ended (from 1), and the sentence."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Ran:
    """How psql ended, and the errors it told of; `said` is all that it wrote on stderr."""

    code: int
    complaints: tuple[Complaint, ...]
    said: str


@dataclass(frozen=True)
class Psql:
    """psql on a database of a throw-away server; at the `deadline` it is ended, and however we end, it ends with us."""

    server: Server
    url: str
    deadline: Deadline

    def run(self, script: str, *, is_strict: bool, may_command: bool = False) -> Ran:
        """Run a script; a strict one ends at its first error. Only where it `may_command` are psql's own commands in it obeyed.

        Raises `Inconclusive` if there is no psql, or at the deadline.
        """
        with tempfile.TemporaryDirectory(prefix="rollproof-") as folder:
            file = Path(folder, "script.sql")
            opening = "" if may_command else f"\\restrict {secrets.token_hex(16)}\n"
            with file.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as writing:
                writing.write(opening + script)
            command = [_program(self.server), "-X", "-q", "-f", str(file)]
            strictly = ["-v", "ON_ERROR_STOP=1"] if is_strict else []
            return self._run([*command, *strictly], len(opening.splitlines()))

    def _run(self, command: list[str], before: int) -> Ran:
        known = {key: str(value) for key, value in conninfo_to_dict(self.url).items()}
        own = {"LC_ALL": "C", "PGPASSWORD": known.pop("password", ""), "PGAPPNAME": "rollproof psql"}
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | own
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as trouble:
            running = ChildProcess([*command, "-d", make_conninfo(**known)], environment, out, trouble)
            try:
                code = running.wait(min(self.deadline.left, 10**6))
            finally:
                running.end(_ENDING)
            self.deadline.require()
            trouble.seek(0)
            said = trouble.read().decode("utf-8", "replace")
        if _INVALID.search(said):
            raise Inconclusive(
                f"{command[0]} is so old that it obeys commands in a dump: use a later release of its major version"
            )
        found = _ERROR.finditer(said)
        return Ran(code or 0, tuple(Complaint(int(each["line"]) - before, each["text"]) for each in found), said)


def _program(server: Server) -> str:
    beside = server.bindir / "psql" if server.bindir else None
    found = str(beside) if beside and beside.is_file() else shutil.which("psql")
    if not found:
        raise Inconclusive(
            f"there is no psql beside {server.name} and none on the PATH: install one (postgresql-client)"
        )
    return found
