"""What `--source` names."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from rollproof.model.errors import Misuse
from rollproof.model.redaction import secrets_typed
from rollproof.server.connection import Target, connect
from rollproof.server.transactions import one
from rollproof.settings.dump_format import dump_at, is_dump
from rollproof.settings.reference import is_database
from rollproof.throwaway.dumps import major_at

_COMMAND = "command:"
_PLAIN, _PACKED = 2, 8  # bytes in a database, with indexes, for one in a file
_HEAD = 4096  # bytes of a file that are looked at


@dataclass(frozen=True)
class Size:
    """The major version of PostgreSQL that a source is of, if it has one, and about how many bytes it has in a database."""

    major: int | None
    bytes: int


@dataclass(frozen=True)
class Source:
    """What is rehearsed on; `where` is a URL, a path or a shell command. Prints without passwords."""

    kind: Literal["nothing", "database", "dump", "script", "command", "clone"]
    where: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str | None) -> "Source":
        """Return what a person means by --source. Raises `Misuse` for what it cannot be."""
        if not text:
            return cls("nothing")
        if text.startswith(_COMMAND):
            if not text.removeprefix(_COMMAND).strip():
                raise Misuse(
                    "--source command: names no command; type it behind the colon: --source 'command:make database'"
                )
            return cls("command", text.removeprefix(_COMMAND))
        if is_database(text):
            Target.parse(text)
            return cls("database", text)
        return cls(_kind_of(Path(text)), text)

    @property
    def path(self) -> Path:
        """The file, of a dump or a script."""
        return Path(self.where)

    def size(self) -> "Size":
        """Look how large it is. Raises `Inconclusive` if it cannot be reached, `Misuse` if it is damaged."""
        if self.kind == "database":
            with connect(Target.parse(self.where)) as connection:
                size = one(connection, "SELECT pg_catalog.pg_database_size(pg_catalog.current_database())")
                return Size(connection.info.server_version // 10_000, int(str(size)))
        if self.kind == "dump":
            dump = dump_at(self.path)
            files = [*self.path.iterdir()] if dump.form == "directory" else [self.path]
            packed = dump.form in ("custom", "directory") or dump.compressed
            return Size(major_at(dump), sum(file.stat().st_size for file in files) * (_PACKED if packed else _PLAIN))
        return Size(None, self.path.stat().st_size * _PLAIN if self.kind == "script" else 0)

    def __str__(self) -> str:
        if self.kind == "database":
            return str(Target.parse(self.where))
        if self.kind == "command":
            return secrets_typed(self.where.split(), {}).hide(f"{_COMMAND}{self.where}")
        return {"nothing": "nothing", "clone": "the clone of --server exec:"}.get(self.kind, self.where)


def _kind_of(path: Path) -> Literal["dump", "script"]:
    """Tell a dump from a script by its first bytes."""
    forms = "--source takes a database's URL, a dump of pg_dump, an SQL file, or command:COMMAND"
    try:
        if not path.exists():
            raise Misuse(f"--source: there is no file {path}\n{forms}")
        if is_dump(path):
            return "dump"
        if path.is_dir():
            raise Misuse(f"--source: the folder {path} is no dump: it has no toc.dat\n{forms}")
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except (OSError, ValueError) as error:
        raise Misuse(f"--source: {path} cannot be read: {error}\n{forms}") from error
    if not head.strip() or b"\0" in head:
        raise Misuse(
            f"--source: {path} is {'no text' if head.strip() else 'empty'}, so it is no SQL file, and no dump either\n{forms}"
        )
    return "script"
