"""A definition as PostgreSQL prints it, taken apart: its expressions and queries, and all that stands around them. Pure.

Nothing here says that two texts mean the same. It says where they differ, and that they can mean the same only if they
differ in nothing but casts and brackets; what those do is the server's to say (`sources/equivalence`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rollproof.model.names import TYPE, canonical

_NAME = r'(?:"(?:[^"]|"")*"|[^\W\d][\w$]*)'
_TOKEN = re.compile(
    rf"(?P<space>\s+)|(?P<cast>::{TYPE})"
    r"|(?P<text>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$)"
    rf"|(?P<name>{_NAME})|(?P<number>\$?\d[\w.]*)|(?P<open>[(\[])|(?P<close>[)\]])|(?P<sign>[,;.:]|[-+*/<>=~!@#%^&|`?]+)",
    re.DOTALL,
)
_EXPRESSED = {"CHECK", "WHEN", "WHERE", "DEFAULT", "RETURN"}  # an expression follows
_BEGUN = {"AS", "DO", "INSTEAD", "ALSO", "ATOMIC", ";"}  # after these a statement begins, some in a bracket
_ASIDE = {  # what may stand behind a view's query, or one that an INSERT takes its rows from
    *(("WITH", word) for word in ("NO", "CASCADED", "LOCAL", "CHECK", "DATA")),
    ("ON", "CONFLICT"),
}
_TO_THE_END = {"WINDOW", "LIMIT", "OFFSET", "FETCH", "VALUES"}


class UncleanError(ValueError):
    """The text is not one that PostgreSQL prints: a comment, a bracket without its partner, a letter of no language."""


@dataclass(frozen=True)
class Token:
    """One word, literal, sign, bracket, or cast with its type; where it begins and ends."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The keyword it may be."""
        return self.text.upper()


@dataclass(frozen=True)
class Slot:
    """An `expression` or a `query` inside a definition."""

    kind: str
    text: str


@dataclass(frozen=True)
class Parted:
    """A definition: its slots, and exactly what stands around them."""

    around: tuple[str, ...]
    slots: tuple[Slot, ...]


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text, without blanks. Raises `UncleanError`."""
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or (match["sign"] and re.search(r"--|/\*", match["sign"])):
            raise UncleanError(text[at : at + 20])
        at = match.end()
        if match.lastgroup != "space":
            kind = next(name for name in ("cast", "text", "name", "number", "open", "close", "sign") if match[name])
            found.append(Token(kind, match.group(), match.start(), at))
    return found


def skeleton(text: str) -> list[str]:
    """Return what must be alike for two texts to mean the same by casts and brackets: everything else, in its order."""
    return [token.text for token in tokens(canonical(text)) if token.kind != "cast" and token.text not in {"(", ")"}]


def qualified(text: str) -> Iterator[tuple[str, str]]:
    """Yield all that is qualified, as raw names: only so can what is not PostgreSQL's own be named under an empty search_path."""
    known = [token for token in tokens(text) if token.kind != "cast"]
    for left, dot, right in zip(known, known[1:], known[2:], strict=False):
        if dot.text == "." and left.kind == "name":
            yield _raw(left.text), _raw(right.text)
    for token in tokens(text):
        if token.kind == "cast" and (path := re.match(rf"::({_NAME})\.({_NAME})", token.text)):
            yield _raw(path[1]), _raw(path[2])


def words(text: str) -> set[str]:
    """Return all that may name a column, raw; `*` for a whole row, and `$1` for an argument without a name."""
    return {_raw(token.text) for token in tokens(text) if token.kind in {"name", "number"} or token.text == "*"}


def unplanned(text: str) -> list[str]:
    """Return the parts that EXPLAIN does not print on every major, with their casts and brackets."""
    reader = _Reader(text)
    parts = []
    for at, token in enumerate(reader.tokens):
        if token.word == "OVER" or (token.word == "ON" and reader.word(at - 1) == "DISTINCT"):
            parts.append(reader.between(at, reader.partner.get(at + 1, at + 1) + 1))
        elif token.word in _TO_THE_END:
            parts.append(reader.between(at, reader.end_of_group(at)))
    return parts


def compared(text: str) -> list[str]:
    """Return what is compared with a subquery's rows, with its casts and brackets."""
    reader = _Reader(text)
    return [
        reader.between(reader.start_of_group(at), at)
        for at, token in enumerate(reader.tokens)
        if token.word in {"IN", "ANY", "ALL"} and "SELECT" in {reader.word(at + 1), reader.word(at + 2)}
    ]


def parted(text: str) -> Parted:
    """Return a definition's expressions and queries, and what stands around them. Raises `UncleanError`."""
    reader = _Reader(text)
    around, slots, at = [], [], 0
    for kind, first, end in reader.slots():
        start, stop = reader.tokens[first].start, reader.tokens[end - 1].end
        around.append(text[at:start])
        inner = reader.bare(first, end) if kind == "expression" else (first, end)
        slots.append(Slot(kind, reader.between(*inner)))
        at = stop
    return Parted((*around, text[at:]), tuple(slots))


def differing(before: str, after: str) -> list[tuple[Slot, Slot]] | None:
    """Return the slots in which two definitions differ; None if something else differs, or more than casts and brackets do."""
    try:
        was, now = parted(before), parted(after)
        if [*map(canonical, was.around)] != [*map(canonical, now.around)] or [slot.kind for slot in was.slots] != [
            slot.kind for slot in now.slots
        ]:
            return None
        pairs = [(old, new) for old, new in zip(was.slots, now.slots, strict=True) if old != new]
        return pairs if all(skeleton(old.text) == skeleton(new.text) for old, new in pairs) else None
    except UncleanError:
        return None


def _raw(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


class _Reader:
    """Walks through the tokens of a definition."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens(text)

    @cached_property
    def partner(self) -> dict[int, int]:
        """Where the bracket that is opened at a token closes. Raises `UncleanError` if one has no partner."""
        found: dict[int, int] = {}
        opened: list[int] = []
        for at, token in enumerate(self.tokens):
            if token.kind == "open":
                opened.append(at)
            elif token.kind == "close":
                if not opened or self.tokens[opened[-1]].text + token.text not in {"()", "[]"}:
                    raise UncleanError(token.text)
                found[opened.pop()] = at
        if opened:
            raise UncleanError(self.tokens[opened[-1]].text)
        return found

    def word(self, at: int) -> str:
        """Return the keyword that a token may be; "" where there is none."""
        return self.tokens[at].word if 0 <= at < len(self.tokens) else ""

    def between(self, first: int, end: int) -> str:
        """Return the text from one token to before another."""
        return self.text[self.tokens[first].start : self.tokens[end - 1].end]

    def bare(self, first: int, end: int) -> tuple[int, int]:
        """Return the same expression without the brackets around all of it."""
        while self.word(first) == "(" and self.partner[first] == end - 1 and end - first > 2:  # noqa: PLR2004 (brackets)
            first, end = first + 1, end - 1
        return first, end

    def slots(self) -> Iterator[tuple[str, int, int]]:
        """Yield kind, first token and the token after the last of each slot."""
        at = 0
        while at < len(self.tokens):
            after = at + 1
            for kind, first, end in self._begun(at):
                if end > first:
                    yield kind, first, end
                    after = end
            at = after

    def _begun(self, at: int) -> Iterator[tuple[str, int, int]]:
        """Yield the slots that the word at a token begins."""
        before, word, following = self.word(at - 1), self.word(at), self.word(at + 1)
        computed = following == "(" and (word == "USING" or (before, word) == ("ALWAYS", "AS"))
        if computed or (word in _EXPRESSED and before != "BY"):
            yield "expression", at + 1, self.end_of_expression(at + 1)
        elif word == "USING" or before == "BY":
            if self.word(at + 1 + (word == "USING")) == "(":
                opened = at + 1 + (word == "USING")
                yield from self._listed(opened + 1, self.partner[opened])
        elif word == "ON" and self.word(0) == "CREATE" and self.word(1) == "STATISTICS":
            yield from self._listed(at + 1, len(self.tokens))
        elif self._begins_a_query(at):
            yield "query", at, self._end_of_query(at)
        elif word in {"SELECT", "VALUES"} and self._inserts(at):
            yield from self._inserted(at)

    def _begins_a_query(self, at: int) -> bool:
        before, word = self.word(at - 1), self.word(at)
        if word == "(":
            return before == "AS" and self.word(at + 1) in {"SELECT", "("}
        within = self.word(at - 2) if before == "(" else before
        return word in {"SELECT", "WITH"} and within in _BEGUN

    def _inserts(self, at: int) -> bool:
        while at >= 0 and self.word(at) not in {"INSERT", ";"}:
            at -= 1
        return self.word(at) == "INSERT"

    def _inserted(self, at: int) -> Iterator[tuple[str, int, int]]:
        """Yield what an INSERT puts in."""
        if self.word(at) == "SELECT":
            yield "query", at, self._end_of_query(at)
            return
        while self.word(at + 1) == "(":
            end = self.partner[at + 1]
            yield from self._listed(at + 2, end)
            at = end + (self.word(end + 1) == ",")

    def _listed(self, at: int, end: int) -> Iterator[tuple[str, int, int]]:
        """Yield the expressions that begin the elements of a list; how each is sorted or compared stands around them."""
        while at < end:
            after = self.end_of_expression(at)
            yield "expression", at, after
            while after < end and self.word(after) not in {",", "FROM"}:
                after = self.partner.get(after, after) + 1
            if self.word(after) == "FROM":
                return
            at = after + 1

    def end_of_expression(self, at: int) -> int:
        """Return the token after an expression that begins at one: PostgreSQL brackets whatever has an operator."""
        if self.word(at) == "CASE":
            at = self._end_of_case(at)
        elif self.word(at) == "(":
            at = self.partner[at] + 1
        elif at < len(self.tokens) and self.tokens[at].kind in {"text", "number", "name"}:
            at += 1 + (
                self.word(at) in {"B", "X"} and self.tokens[at + 1 : at + 2] != [] and self.word(at + 1)[:1] == "'"
            )
        while at < len(self.tokens):
            if self.tokens[at].kind == "open":
                at = self.partner[at] + 1
            elif self.word(at) == ".":
                at += 2
            elif self.tokens[at].kind == "cast":
                at += 1
            else:
                break
        return at

    def _end_of_case(self, at: int) -> int:
        depth = 0
        for place in range(at, len(self.tokens)):
            depth += {"CASE": 1, "END": -1}.get(self.word(place), 0)
            if depth == 0:
                return place + 1
        raise UncleanError("CASE")

    def _end_of_query(self, at: int) -> int:
        while at < len(self.tokens):
            if self.word(at) in {";", ")", "RETURNING"} or (self.word(at), self.word(at + 1)) in _ASIDE:
                break
            at = self.partner.get(at, at) + 1
        return at

    def start_of_group(self, at: int) -> int:
        """Return the first token in the bracket in which one stands."""
        return max((opened for opened, closed in self.partner.items() if opened < at < closed), default=-1) + 1

    def end_of_group(self, at: int) -> int:
        """Return the token that ends the bracket, or the statement, in which one stands."""
        while at < len(self.tokens) and self.tokens[at].kind != "close" and self.word(at) != ";":
            at = self.partner.get(at, at) + 1
        return at
