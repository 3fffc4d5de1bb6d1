"""One revision of a migration tool, as what goes up and down."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Step:
    """A revision: the shell commands that apply it and take it back; without `revision` it is a whole migration by its commands.

    `down` is empty where the tool says that there is no way back; `irreversible` is then why. `file` is where it is written.
    `refusal` is a regular expression for what the tool prints where the way down says of itself that there is none.
    """

    revision: str
    up: tuple[str, ...]
    down: tuple[str, ...]
    title: str = ""
    file: Path | None = None
    irreversible: str = ""
    refusal: str = ""

    def refused(self, said: str) -> str:
        """Return the line in which a tool that went down has said that there is no way back; "" if it has not."""
        if not self.refusal:
            return ""
        return next((line.strip() for line in reversed(said.splitlines()) if re.search(self.refusal, line)), "")
