"""Placeholders of drivers, `%s`, `%(name)s`, `:name`, `?`, `@name`, written as PostgreSQL's own `$1`. Pure.

A sign is a placeholder only where an operand must follow: `a ? b` and `a % s` are operators between two.
"""

import re
from dataclasses import dataclass, field

from rollproof.model.names import QUOTED, tokens

_OWN = re.compile(r"\$\d+")
_PLACE = re.compile(r"%s|%\((?P<pyformat>\w+)\)s|:'(?P<psql>\w+)'|[:@](?P<named>[A-Za-z_]\w*)|\?(?![|&])")
_OPERANDS = frozenset(  # keywords that end an operand, as a name does
    re.findall(
        r"\w+",
        "current_date current_time current_timestamp current_user localtime localtimestamp null true false end default",
    )
)
_WORDS = frozenset(
    re.findall(r"\w+", "between by ilike in is like limit offset over returning set values interval date timestamp")
)
_NOT_OPERANDS = (QUOTED | _WORDS) - _OPERANDS


def placed(text: str) -> str:
    """Return a statement with PostgreSQL's own parameters; one that has such already is left as it is."""
    pieces = [*tokens(text)]
    if any(kind == "sign" and each == "$" for kind, each in pieces) and _OWN.search(text):
        return text
    return _Places().written(text)


@dataclass
class _Places:
    """The numbers that names got, and how many there are."""

    numbers: dict[str, int] = field(default_factory=dict)
    count: int = 0
    brackets: int = 0

    def written(self, text: str) -> str:
        written, at, operand = [], 0, False
        while at < len(text):
            kind, each = next(tokens(text, at))
            found = None if operand or kind == "other" else _PLACE.match(text, at)
            if found and not (self.brackets and each == ":"):
                written.append(self._number(found))
                at, operand = found.end(), True
                continue
            written.append(each)
            at += len(each)
            if each == ":" and text[at : at + 1] == ":":  # a cast
                written.append(":")
                at += 1
            self.brackets += {"[": 1, "]": -1}.get(each, 0)
            operand = _ends_operand(kind, each, operand)
        whole = "".join(written)
        return whole.replace("%%", "%") if self.count and ("%s" in text or "%(" in text) else whole

    def _number(self, found: re.Match[str]) -> str:
        name = found["pyformat"] or found["psql"] or found["named"]
        if name is None or name not in self.numbers:
            self.count += 1
            self.numbers[name or f"?{self.count}"] = self.count
        return f"${self.numbers[name] if name else self.count}"


def _ends_operand(kind: str, each: str, before: bool) -> bool:  # noqa: FBT001 (a state, not an option)
    """Tell whether an operand ends with this each, so that an operator must follow."""
    if each.isspace() or each.startswith(("--", "/*")):
        return before
    if kind == "word":
        return each.lower() not in _NOT_OPERANDS
    return kind in ("quoted", "other") or each in ")]*" or each.isdigit()
