"""SQL that a person wrote, split into its statements, each with its line. Pure."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rollproof.model.names import tokens

_META = re.compile(r"\\[^\n]*")
_COPY = re.compile(r"\s*copy\b.*\bfrom\s+stdin\b", re.IGNORECASE | re.DOTALL)
_DATA = re.compile(r"[^\n]*\n.*?^\\\.[^\n]*(?:\n|\Z)|[^\n]*\n.*\Z", re.DOTALL | re.MULTILINE)


class Piece(NamedTuple):
    """A statement without its semicolon and without comments before it, and the line where it begins, from 1."""

    line: int
    text: str


def pieces(sql: str, *, psql: bool = False) -> list[Piece]:
    """Return the statements of a text; in one for `psql` its commands, and rows in COPY's own format, are left out."""
    return list(_pieces(sql, psql))


def _pieces(sql: str, psql: bool) -> Iterator[Piece]:  # noqa: FBT001
    at = 0
    while at < len(sql):  # a second time only after what is no SQL, in which a quote opens no string
        begin, depth = at, _Depth()
        for kind, text in tokens(sql[at:]):
            meta = _META.match(sql, at) if psql and text == "\\" else None
            blank = begin == at and (text.isspace() or text.startswith(("--", "/*")))
            at += len(text)
            begin = at if blank else begin
            if blank or not (meta or depth.closes(kind, text)):
                continue
            yield from _piece(sql, begin, meta.start() if meta else at)
            data = _DATA.match(sql, at) if psql and _COPY.match(sql[begin:at]) else None
            begin, depth = at, _Depth()
            if skipped := meta or data:
                begin = at = skipped.end()
                break
        else:
            yield from _piece(sql, begin, at)


def _piece(sql: str, begin: int, end: int) -> Iterator[Piece]:
    if text := sql[begin:end].strip().removesuffix(";").strip():
        yield Piece(sql.count("\n", 0, begin) + 1, text)


class _Depth:
    """Counts brackets and the blocks of functions' bodies, in which a semicolon ends no statement."""

    def __init__(self) -> None:
        self._brackets = self._blocks = 0
        self._before = ""

    def closes(self, kind: str, text: str) -> bool:
        """Take one more token; return whether it ends the statement."""
        word = text.upper() if kind == "word" else ""
        if word == "ATOMIC" and self._before == "BEGIN":
            self._blocks += 1
        elif self._blocks and word in ("CASE", "END"):
            self._blocks += 1 if word == "CASE" else -1
        if kind != "sign" or not text.isspace():
            self._before = word
        self._brackets += {"(": 1, ")": -1}.get(text, 0) if kind == "sign" else 0
        return text == ";" and not self._brackets and not self._blocks


def alike(text: str) -> str:
    """Return a statement without comments, with single blanks, for comparing it with another spelling of it."""
    kept = ("" if kind == "other" and part.startswith(("--", "/*")) else part for kind, part in tokens(text))
    return re.sub(r"\s+", " ", " ".join("".join(kept).split())).strip(" ;")


def first_word(text: str) -> str:
    """Return the first word of a statement, in capitals; "" if it begins with none."""
    for kind, part in tokens(text):
        if kind == "word":
            return part.upper()
        if not (part.isspace() or part.startswith(("--", "/*"))):
            return ""
    return ""
