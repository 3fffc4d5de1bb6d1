"""What one file of a migration holds: one way, or both in sections; as psql is to run it."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rollproof.model.errors import Misuse
from rollproof.rehearsal.tools.row import Files

Way = Literal["up", "down"]
_QUIET = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"|(\$\w*\$).*?\1", re.DOTALL)
_NO_WAY = re.compile(r"^--\s*irreversible\b.*", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class Section:
    """The statements of one way, on the lines of the file on which they stand; `options` is what else tells how to run them."""

    text: str
    options: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to run."""
        return not _QUIET.sub(_bare, self.text).strip(" \t\r\n;")

    @property
    def no_way(self) -> str:
        """Why this way leads nowhere; "" if it does lead somewhere."""
        if said := _NO_WAY.search(self.text):
            return f"its way down says: {said[0].lstrip('- ')}"
        return "its way down is empty" if self.is_empty else ""

    def in_transaction(self, known: Files) -> bool:
        """Tell whether all of it is one transaction; a single statement is one by itself, and may be one that must stand alone."""
        if known.no_transaction and re.search(
            known.no_transaction, self.options + self.text, re.IGNORECASE | re.MULTILINE
        ):
            return False
        return ";" in _QUIET.sub(_bare, self.text).strip(" \t\r\n;")


def section(file: Path, known: Files, way: Way) -> Section:
    """Return one way of a file. Raises `Misuse` if the file asks for what psql cannot do as the tool does."""
    text = file.read_text("utf-8", "surrogateescape")
    if known.refused and (found := _search(known.refused, text)):
        raise Misuse(f"{file}: psql cannot do what this asks for: {found[0]}; pass --migrate and --rollback instead")
    beside = file.with_name(known.options) if known.options else None
    options = beside.read_text("utf-8") if beside and beside.is_file() else ""
    if not known.up_begins:
        return Section(text, options)
    marks = [_search(each, text) for each in (known.up_begins, known.down_begins)]
    begins = marks[0 if way == "up" else 1]
    if not begins:
        return Section("", options)
    after = [each.start() for each in marks if each and each.start() > begins.start()]
    first = min(each.start() for each in marks if each)
    above = "\n" * text.count("\n", 0, begins.start())
    return Section(above + text[begins.start() : min(after, default=len(text))], options + text[:first])


def _search(pattern: str, text: str) -> "re.Match[str] | None":
    return re.search(pattern, text, re.IGNORECASE | re.MULTILINE)


def _bare(quoted: "re.Match[str]") -> str:
    return "" if quoted[0].startswith(("--", "/*")) else "''"
