"""PostgreSQL's client programs, run with an eye on how far they are, and with no password on a command line."""

import os
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from psycopg.conninfo import make_conninfo

from rollproof.server.connection import Target, with_defaults
from rollproof.system.child_process import ChildProcess
from rollproof.system.deadline import Deadline

FASTER = "-c maintenance_work_mem=128MB"
"""Options of a session that restores."""
_LOOK = 1.0  # seconds between two looks at what a program has said
_TELL = 5.0  # seconds between two words about how far it is
_ENDING = 2.0  # seconds a program may take to cancel what runs
_STYLE = frozenset({"PGCLIENTENCODING", "PGDATESTYLE", "PGGEQO"})
_ONE_MORE = re.compile(rb"(?:dumping contents of|processing data for) table")


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, and what it said."""

    code: int
    said: str


@dataclass(frozen=True)
class Programs:
    """Runs programs of a `folder` until the `deadline`; `tell` hears how far they are."""

    folder: Path
    deadline: Deadline
    tell: Callable[[str], None] = field(default=lambda _: None)

    def run(self, command: list[str], target: Target, options: str, doing: str = "", *, alone: bool = False) -> Ended:
        """Run a program on the database at a target, with options of the session (as PGOPTIONS has them).

        `doing` is told from time to time, its {} filled with the tables begun so far. Where the target stands `alone`, libpq's
        variables say nothing about it. Raises `Inconclusive` at the deadline.
        """
        program = [str(self.folder / command[0]), *command[1:], f"--dbname={_conninfo(target)}"]
        with tempfile.TemporaryDirectory(prefix="rollproof-") as folder:
            said = Path(folder, "said")
            with said.open("wb") as trouble:
                running = ChildProcess(program, _environment(target, options, alone=alone), trouble, trouble)
                try:
                    code = self._ended(running, said, doing)
                finally:
                    running.end(_ENDING)
            return Ended(code, target.hide(said.read_text("utf-8", "replace")))

    def _ended(self, running: ChildProcess, said: Path, doing: str) -> int:
        """Wait for its end, and return its exit code."""
        told = time.monotonic()
        while (code := running.wait(min(_LOOK, max(self.deadline.left, 0)))) is None:
            self.deadline.require()
            if doing and time.monotonic() - told > _TELL:
                told = time.monotonic()
                # A file opened anew: where we read in the one that it writes to, it would go on writing.
                self.tell(doing.format(len(_ONE_MORE.findall(said.read_bytes()))))
        return code


def _conninfo(target: Target) -> str:
    known = {name: value for name, value in with_defaults(target).items() if not name.endswith("password")}
    return make_conninfo(**known)


def _environment(target: Target, options: str, *, alone: bool) -> dict[str, str]:
    """Return our own environment, but for what would change how rows are written, or where the target is."""
    kept = {
        name: value for name, value in os.environ.items() if not (name.startswith("PG") and (alone or name in _STYLE))
    }
    own = {"PGAPPNAME": "rollproof", "LC_ALL": "C", "PG_COLOR": "never", "PGTZ": "UTC", "PGOPTIONS": options}
    word = target.parameters.get("password")
    return {**kept, **own, **({} if word is None else {"PGPASSWORD": word})}
