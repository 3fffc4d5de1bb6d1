"""A script as psql takes it, split into its statements, each with its line. Pure.

Unlike `model/statements`, which reads what a server printed, this reads what a person wrote, which may be no SQL at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rollproof.model.names import tokens

_ROLE = re.compile(r"--\s*role:\s*(\S+)\s*$", re.IGNORECASE)
_FROM_STDIN = re.compile(r"COPY\b.*\bFROM\s+(?:STDIN|PSTDIN)\b", re.IGNORECASE | re.DOTALL)
_LINE_OF_COPY = re.compile(r"^COPY\b.*\bFROM\s+STDIN", re.MULTILINE | re.IGNORECASE)
_END_OF_DATA = re.compile(r"^\\\.[ \t]*\r?$", re.MULTILINE)
_RULE = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?RULE\b", re.IGNORECASE)
_SENDS = ("\\g", "\\crosstabview", "\\watch", "\\;")


@dataclass(frozen=True)
class Piece:
    """A statement without its semicolon, the line it begins at, and the role that a comment `-- role: NAME` before it names."""

    text: str
    line: int
    role: str = ""


@dataclass
class Script:
    """What is being read: its `text`, where the reading stands, and `skipped`, the commands of psql that are no SQL."""

    text: str
    skipped: list[str] = field(default_factory=list)
    _at: int = 0
    _role: str = ""
    _line: int = 1
    _counted: int = 0

    def pieces(self) -> Iterator[Piece]:
        """Yield the statements; the last one needs no semicolon."""
        while self._at < len(self.text):
            if (piece := self._piece()) is not None:
                yield piece

    def _piece(self) -> Piece | None:
        """Read one statement, or a command of psql, or what stands behind the last one."""
        begun = ""
        statement = _Begun()
        for kind, text in tokens(self.text, self._at):
            if not begun and (text.isspace() or text.startswith(("--", "/*"))):
                self._note(text)
            elif text == "\\" and kind != "other":
                return self._command(begun)
            elif statement.ends(kind, text, begun):
                self._at += len(text)
                return self._ended(begun)
            else:
                begun = begun or self._start()
                begun += text
            self._at += len(text)
        return self._ended(begun)

    def _start(self) -> str:
        self._line += self.text.count("\n", self._counted, self._at)
        self._counted = self._at
        return ""

    def _note(self, text: str) -> None:
        if found := _ROLE.match(text):
            self._role = found[1]

    def _ended(self, begun: str) -> Piece | None:
        if not begun.strip():
            return None
        if _FROM_STDIN.match(begun):
            self._skip_data()
        return Piece(begun.strip(), self._line, self._role)

    def _skip_data(self) -> None:
        """Go behind the lines of data that follow a COPY; without their end before the next COPY there are none."""
        end = _END_OF_DATA.search(self.text, self._at)
        if end and not _LINE_OF_COPY.search(self.text, self._at, end.start()):
            self._at = end.end()

    def _command(self, begun: str) -> Piece | None:
        """Go behind a command of psql: of these `copy` is a COPY, and `g` ends the statement before it."""
        line = self.text[self._at : (self.text + "\n").index("\n", self._at)]
        if line.startswith("\\;"):
            self._at += 2
            return self._ended(begun)
        if begun and not line.startswith(_SENDS):  # a backslash that belongs to no command: the server shall say so
            begun += line
        elif not begun and line.startswith("\\copy "):
            self._start()
            begun = "COPY" + line[5:].rstrip().rstrip(";")
        else:
            self.skipped.append(line.split()[0])
        self._at += len(line) + 1
        return self._ended(begun)


@dataclass
class _Begun:
    """Whether a semicolon ends a statement: not inside the body of a function, nor the actions of a rule."""

    blocks: int = 0
    brackets: int = 0
    before: str = ""

    def ends(self, kind: str, text: str, begun: str) -> bool:
        """Take a token; tell whether it ends the statement."""
        if kind == "word":
            self._word(text.upper())
        elif not text.isspace() and kind == "sign":
            self.before = ""
            if text in "()" and _RULE.match(begun):
                self.brackets += 1 if text == "(" else -1
        return text == ";" and not self.blocks and self.brackets <= 0

    def _word(self, word: str) -> None:
        if word == "ATOMIC" and self.before == "BEGIN":
            self.blocks += 1
        elif self.blocks:
            self.blocks += {"CASE": 1, "END": -1}.get(word, 0)
        self.before = word
