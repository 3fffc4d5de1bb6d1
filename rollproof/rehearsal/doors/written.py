"""Which tables a statement writes, and with which values, read from the server's own text of the analysed statement. Pure.

PostgreSQL prints a statement in one way: keywords in capitals, every table with its schema, every column that is written by
name. So an unquoted word in capitals is a keyword.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from rollproof.model.names import TYPE, tokens, unquoted

Kind = Literal["insert", "update", "delete"]
ValueKind = Literal["null", "default", "parameter", "constant", "other"]
_CAST = re.compile(rf"(?P<inner>.+)::{TYPE}\Z", re.DOTALL)
_CONSTANT = re.compile(r"[eE]?'(?:[^']|'')*'|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false", re.DOTALL)
_NOT_WRITING = frozenset(("FOR", "KEY", "DO", "THEN"))
_ENDS = frozenset(("FROM", "WHERE", "RETURNING", "WHEN", "ON", ";"))
_AFTER_SELECT = frozenset(
    ("FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "RETURNING", "ON", ";")
)


@dataclass(frozen=True)
class Value:
    """What a column gets: of a constant or an expression the `text`, of a parameter its number."""

    kind: ValueKind
    text: str = ""


@dataclass(frozen=True)
class Write:
    """A table that is written; each of `rows` is what its columns get: one for an UPDATE, one for each row of VALUES."""

    kind: Kind
    table: str
    rows: tuple[dict[str, Value], ...] = field(default=(), hash=False)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it names."""
        return tuple(dict.fromkeys(column for row in self.rows for column in row))


def value(text: str) -> Value:
    """Return what an expression is, below its brackets and casts."""
    inner = text.strip()
    while True:
        if inner.startswith("(") and _closed(inner):
            inner = inner[1:-1].strip()
        elif found := _CAST.match(inner):
            inner = found["inner"].strip()
        else:
            break
    if inner in ("NULL", "DEFAULT"):
        return Value("null" if inner == "NULL" else "default")
    if re.fullmatch(r"\$\d+", inner):
        return Value("parameter", inner[1:])
    return Value(
        "constant" if _CONSTANT.fullmatch(inner) else "other", inner if _CONSTANT.fullmatch(inner) else text.strip()
    )


def _closed(text: str) -> bool:
    """Tell whether the bracket that a text begins with is closed by its last character."""
    depth = 0
    for place, (kind, each) in enumerate(pieces := [*tokens(text)]):
        if kind == "sign":
            depth += {"(": 1, ")": -1}.get(each, 0)
        if depth == 0:
            return place == len(pieces) - 1
    return False


def writes(text: str) -> tuple[Write, ...]:
    """Return what the server's text of a statement writes."""
    places = list(accumulate((len(each) for _, each in tokens(text)), initial=0))
    pieces = [(at, each) for at, (_, each) in zip(places, tokens(text), strict=False) if not each.isspace()]
    return tuple(_Reading(text, [each for _, each in pieces], [at for at, _ in pieces]).writes())


@dataclass
class _Reading:
    """The tokens of a statement, and what was found in them."""

    text: str
    tokens: list[str]
    places: list[int]
    found: list[Write] = field(default_factory=list)

    def writes(self) -> list[Write]:
        into: dict[int, str] = {}  # bracket depth → the table of the INSERT or MERGE there
        depth = 0
        for at, each in enumerate(self.tokens):
            depth += {"(": 1, ")": -1}.get(each, 0)
            before = self.tokens[at - 1] if at else ""
            after = self.tokens[at + 1] if at + 1 < len(self.tokens) else ""
            if each in ("INSERT", "MERGE") and after == "INTO":
                into[depth], place = self._name(at + 2)
                self._insert(into[depth], place) if each == "INSERT" else None
            elif each == "INSERT" and before == "THEN":
                self._insert(into.get(depth, ""), at + 1)
            elif each == "UPDATE" and (before in ("DO", "THEN") or before not in _NOT_WRITING):
                self._update(at + 1, into.get(depth, "") if before in ("DO", "THEN") else "")
            elif each == "DELETE" and after == "FROM":
                self.found.append(Write("delete", self._name(at + 2)[0]))
            elif each == "DELETE" and before == "THEN":
                self.found.append(Write("delete", into.get(depth, "")))
        return self.found

    def _name(self, at: int) -> tuple[str, int]:
        """Read `schema.table` after an ONLY; return it and where it ends."""
        at += self.tokens[at] == "ONLY"
        parts = [self.tokens[at]]
        while self.tokens[at + 1 : at + 2] == ["."]:
            at += 2
            parts.append(self.tokens[at])
        return ".".join(parts), at + 1

    def _insert(self, table: str, at: int) -> None:
        """Read an INSERT from behind the table's name."""
        while self.tokens[at] not in ("(", "VALUES", "DEFAULT", "SELECT", "WITH"):
            at += 1  # an alias
        columns: list[str] = []
        if self.tokens[at] == "(" and self.tokens[at + 1] not in ("SELECT", "WITH", "VALUES"):
            inside, at = self._inside(at)
            columns = [unquoted(each.split("[")[0].split(".")[0].strip()) for each in inside]
        while self.tokens[at] not in ("VALUES", "DEFAULT", "SELECT", "WITH", "(", ";"):
            at += 1  # OVERRIDING … VALUE
        rows = [*self._rows(at + 1)] if self.tokens[at] == "VALUES" else [*self._selected(at, len(columns))]
        self.found.append(Write("insert", table, tuple(_row(columns, row) for row in rows)))

    def _rows(self, at: int) -> Iterator[list[str]]:
        while self.tokens[at] == "(":
            inside, at = self._inside(at)
            yield inside
            at += self.tokens[at] == ","

    def _selected(self, at: int, count: int) -> Iterator[list[str]]:
        """Yield what a SELECT without a WITH or a set operation before it selects; else as many unknown expressions."""
        if self.tokens[at] == "DEFAULT":
            yield []
            return
        chosen = self._items(at + 1, _AFTER_SELECT)[0] if self.tokens[at] == "SELECT" else []
        chosen = [re.sub(r'\s+AS\s+(?:"(?:[^"]|"")*"|\w+)$', "", each) for each in chosen]
        yield chosen if len(chosen) == count else ["?"] * count

    def _inside(self, at: int) -> tuple[list[str], int]:
        """Return the items between this bracket and the one that closes it, and the place behind that."""
        items, end = self._items(at + 1, frozenset())
        return items, end + 1

    def _items(self, at: int, ends: frozenset[str]) -> tuple[list[str], int]:
        """Return what stands between commas up to a closing bracket, or to a word that ends the list, and where that is."""
        items: list[str] = []
        begins, depth = at, 0
        while at < len(self.tokens) and not (depth == 0 and (self.tokens[at] == ")" or self.tokens[at] in ends)):
            each = self.tokens[at]
            depth += {"(": 1, ")": -1, "[": 1, "]": -1}.get(each, 0)
            if each == "," and depth == 0:
                items.append(self._between(begins, at))
                begins = at + 1
            at += 1
        return [*items, self._between(begins, at)] if at > begins else items, at

    def _between(self, begins: int, ends: int) -> str:
        end = self.places[ends] if ends < len(self.places) else len(self.text)
        return self.text[self.places[begins] : end].strip()

    def _update(self, at: int, table: str) -> None:
        """Read an UPDATE from behind this word; `table` is known where it belongs to an INSERT or a MERGE."""
        if not table:
            table, at = self._name(at)
        while self.tokens[at] != "SET":
            at += 1
        assigned, _ = self._items(at + 1, _ENDS)
        row: dict[str, Value] = {}
        for each in assigned:
            target, _, given = each.partition(" = ")
            if target.startswith("("):
                row |= {unquoted(name.strip()): Value("other", given) for name in target.strip("() ").split(",")}
            else:
                column = re.split(r" ?[\[.]", target)
                row[unquoted(column[0].strip())] = value(given) if len(column) == 1 else Value("other", given)
        self.found.append(Write("update", table, (row,)))


def _row(columns: list[str], given: list[str]) -> dict[str, Value]:
    if not given:
        return {}
    return dict(zip(columns, map(value, given), strict=False))
