"""What the text of a CHECK says about the values that it takes: constants, patterns, and the conditions that it is made of."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rollproof.model.names import is_word, tokens

_NUMBER = re.compile(r"(?<![\w.])\(?-?\d+(?:\.\d+)?\)?(?![\w.])")
_REPEATED = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[*+]")
_LONGEST = 300  # what a number in a CHECK may mean as a length
_SIMILAR = "similar_to_escape("
_LIKE = {"~~", "~~*"}
_REGEX = {"~", "~*"}
_CLASSES = {
    "[:alpha:]": "a-zA-Z",
    "[:alnum:]": "a-zA-Z0-9",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:upper:]": "A-Z",
    "[:space:]": " ",
    "[:xdigit:]": "0-9a-fA-F",
    r"\m": r"\b",
    r"\M": r"\b",
    r"\y": r"\b",
}


@dataclass(frozen=True)
class Hints:
    """Constants of conditions: `texts`, and `numbers` as they are written; `patterns` are regular expressions.

    `is_asked` if there are any conditions.
    """

    texts: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    is_asked: bool = False

    @classmethod
    def of(cls, conditions: list[str]) -> "Hints":
        """Read them in conditions that a server printed."""
        texts: list[str] = []
        patterns: list[str] = []
        bare: list[str] = []
        for condition in filter(_speaks_of_values, conditions):
            before = ""
            for kind, part in tokens(condition):
                if kind == "other" and part.startswith("'"):
                    text = part[1:-1].replace("''", "'")
                    pattern = _pattern(before, text)
                    (patterns if pattern else texts).append(pattern or text)
                else:
                    bare.append(part)  # digits of a text are no number
                before += part.strip()
            bare.append("\n")
        numbers = [each.strip("()") for each in _NUMBER.findall("".join(bare))]
        found = [tuple(dict.fromkeys(each)) for each in (texts, [*numbers, *filter(_is_number, texts)], patterns)]
        return cls(found[0], found[1], found[2], bool(conditions))

    def joined(self, other: "Hints") -> "Hints":
        """Return what both say."""
        return Hints(
            self.texts + other.texts,
            self.numbers + other.numbers,
            self.patterns + other.patterns,
            self.is_asked or other.is_asked,
        )

    @property
    def lengths(self) -> list[int]:
        """Lengths that are mentioned, and those beside them."""
        whole = (int(each) for each in self.numbers if "." not in each)
        return sorted({length + n for length in whole for n in (-1, 0, 1) if 0 < length + n < _LONGEST})

    def matching(self, chance: random.Random, count: int) -> list[str]:
        """Return texts that match the patterns; none where one cannot be read, or the library is not there."""
        try:
            from rstr import Rstr  # noqa: PLC0415 (few schemas have patterns)
        except ImportError:
            return []
        found = []
        for pattern in self.patterns:
            try:
                found += [Rstr(chance).xeger(_bounded(pattern)) for _ in range(count)]
            except (re.error, KeyError, ValueError, NotImplementedError):
                continue
        return [each for each in found if "\0" not in each]


def _speaks_of_values(condition: str) -> bool:
    return "satisfies_hash_partition(" not in condition  # its constants are the table's OID and a remainder


def _bounded(pattern: str) -> str:
    """Return a pattern that repeats nothing without end."""
    endless = {"*": "{0,6}", "+": "{1,6}"}
    return _REPEATED.sub(lambda found: endless.get(found[0], found[0]), pattern)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(?:\.\d+)?", text) is not None


def _pattern(before: str, text: str) -> str:
    before, is_similar = before.rstrip("( ").removesuffix("ARRAY["), before.endswith(_SIMILAR)
    operator = re.search(r"[~!*=<>@#%^&|?+\-/]+$", before.removesuffix(_SIMILAR.strip("(")).rstrip("( "))
    sign = operator.group() if operator else ""
    if is_similar:
        text = re.sub(r"(?<!\\)[%_]", lambda found: {"%": ".*", "_": "."}[found[0]], text)
    if sign in _LIKE:
        parts = re.split(r"(\\.|[%_])", text)
        return "".join({"%": r"\w{0,9}", "_": r"\w"}.get(each, re.escape(each.removeprefix("\\"))) for each in parts)
    if sign not in _REGEX:
        return ""
    for posix, python in _CLASSES.items():
        text = text.replace(posix, python)
    return text


def conditions(check: str) -> list[str]:
    """Return the conditions that AND ties together in a check; the check itself where that cannot be told."""
    check = check.strip()
    while check.startswith("(") and _closes(check):
        check = check[1:-1].strip()
    parts, depth = [""], 0
    for kind, token in tokens(check):
        word = token.upper() if kind == "word" else token
        depth += {"(": 1, "[": 1, "CASE": 1, ")": -1, "]": -1, "END": -1}.get(word, 0)
        if word == "OR" and not depth:
            return [check]
        if word == "AND" and not depth:
            parts.append("")
        else:
            parts[-1] += token
    return [check] if len(parts) == 1 else [each for part in parts for each in conditions(part)]


def _closes(check: str) -> bool:
    """Tell whether the parenthesis that begins a text ends with it."""
    depth, read = 0, 0
    for kind, token in tokens(check):
        read += len(token)
        depth += {"(": 1, ")": -1}.get(token, 0) if kind == "sign" else 0
        if not depth:
            return read == len(check)
    return False


def own_conditions(checks: Iterable[str], columns: Sequence[str], name: str) -> list[str]:
    """Return the conditions of checks that speak of this column alone."""
    known = (each for check in checks for each in conditions(check))
    return [each for each in known if of_columns(each, columns) == {name}]


def of_columns(condition: str, columns: Sequence[str]) -> frozenset[str]:
    """Return which of these columns a condition speaks of: rather too many than too few."""
    return frozenset(column for column in columns if is_word(column, condition))
