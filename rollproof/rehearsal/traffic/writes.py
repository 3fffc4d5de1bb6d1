"""What writes in the migrated database: an SQL file, SQL, or a shell command (`--traffic`)."""

import re
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.model.statements import statements
from rollproof.rehearsal.record import Stage, Word
from rollproof.rehearsal.stages import Stages

NAME = "writes in between"
_SQL = re.compile(r"\s*(INSERT|UPDATE|DELETE|MERGE|WITH|BEGIN|CALL|SELECT|TRUNCATE)\s", re.IGNORECASE)
_OF_PSQL = re.compile(r"^\s*\\\w", re.MULTILINE)


@dataclass(frozen=True)
class Writes:
    """A shell `command`, or the `statements` of SQL."""

    command: str = ""
    statements: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, folder: Path) -> "Writes":
        """Tell what a person means by --traffic: a file whose name ends in .sql, or SQL by its first word; else a shell command.

        Raises `Misuse` if it is SQL that cannot be run.
        """
        if text.endswith(".sql") and (folder / text).is_file():
            sql = (folder / text).read_text("utf-8")
        elif text.endswith(".sql") and " " not in text:
            raise Misuse(f"--traffic: there is no file {text}")
        elif _SQL.match(text):
            sql = text
        else:
            return cls(text)
        if _OF_PSQL.search(sql):
            raise Misuse("--traffic: psql's own commands are no SQL; let psql run it: --traffic 'psql -f FILE'")
        found = tuple(each for each in statements(f"{sql}\n;") if each.strip("; \n"))
        if not found:
            raise Misuse(f"--traffic: {text} holds no statement")
        return cls(statements=found)

    def made(self, make: Stages) -> Stage:
        """Write; the stage is undecided where that failed altogether."""
        if self.command:
            stage = make.ran(NAME, (self.command,), measure=False)
            return Stage(
                NAME, "good" if stage.word == "good" else "undecided", stage.sentence, stage.began, stage.seconds
            )
        make.tell(NAME)
        began = time.monotonic()
        refused = self._refused(make.world.url)
        word: Word = "undecided" if len(refused) == len(self.statements) else "good"
        told = (
            f"{counted(len(refused), 'statement')} of {len(self.statements)} refused: {refused[0]}" if refused else ""
        )
        return Stage(NAME, word, told, began - make.began, time.monotonic() - began)

    def _refused(self, url: str) -> list[str]:
        refused = []
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in self.statements:
                try:
                    connection.execute(statement.encode())
                except psycopg.Error as error:
                    refused.append(str(error).strip())
        return refused
