"""One revision of a migration tool, as what goes up and down."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A revision: the shell commands that apply it and take it back; without `revision` it is a whole migration by its commands.

    `down` is empty where the tool says that there is no way back; `irreversible` is then why. `file` is where it is written.
    """

    revision: str
    up: tuple[str, ...]
    down: tuple[str, ...]
    title: str = ""
    file: Path | None = None
    irreversible: str = ""
