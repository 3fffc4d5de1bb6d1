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

    def run(self, command: list[str], target: Target, options: str, doing: str = "") -> Ended:
        """Run a program on the database at a target, with options of the session (as PGOPTIONS has them).

        `doing` is told from time to time, its {} filled with the tables begun so far. Raises `Inconclusive` at the deadline.
        """
        program = [str(self.folder / command[0]), *command[1:], f"--dbname={_conninfo(target)}"]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as trouble:
            running = ChildProcess(program, _environment(target, options), out, trouble)
            told = time.monotonic()
            try:
                while (code := running.wait(min(_LOOK, max(self.deadline.left, 0)))) is None:
                    self.deadline.require()
                    if doing and time.monotonic() - told > _TELL:
                        told = time.monotonic()
                        trouble.seek(0)
                        self.tell(doing.format(len(_ONE_MORE.findall(trouble.read()))))
            finally:
                running.end(_ENDING)
            trouble.seek(0)
            return Ended(code, target.hide(trouble.read().decode("utf-8", "replace")))


def _conninfo(target: Target) -> str:
    known = {name: value for name, value in with_defaults(target).items() if not name.endswith("password")}
    return make_conninfo(**known)


def _environment(target: Target, options: str) -> dict[str, str]:
    """Return our own environment, but for what would change how rows are written."""
    kept = {name: value for name, value in os.environ.items() if name != "PGCLIENTENCODING"}
    own = {"PGAPPNAME": "rollproof", "LC_ALL": "C", "PG_COLOR": "never", "PGTZ": "UTC", "PGOPTIONS": options}
    word = target.parameters.get("password")
    return {**kept, **own, **({} if word is None else {"PGPASSWORD": word})}
