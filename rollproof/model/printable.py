r"""Text from outside as it may be shown: no letter of it moves a cursor, turns a line's direction, hides, or commands a CI.

Whatever has no shape of its own is written as its code: `\x1b`, `\u202e`. A name that needs that is written as SQL knows it,
`U&"a\001Bb"`, where a real backslash is doubled: so it can be pasted, and no two names look the same.
"""

import re
from collections.abc import Callable, Iterable

# Letters to Python, blank to the eye: joiners, fillers, the empty braille cell, variation selectors.
BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u180b\u180c\u180d\u180f"
    + "".join(map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
_ANY_BLANK = re.compile(f"[{''.join(sorted(BLANK))}]")
_QUOTED = re.compile(r'(?:[uU]&)?"(?:[^"]|"")*"')
# What runners obey: GitHub at a line's start, GitHub's older spelling, Azure and TeamCity anywhere.
_AT_START = re.compile(r"^[ \t]*:(?=(:))", re.MULTILINE)
ANY_COMMAND = re.compile(r"#(?=(#\[|#vso\[|#teamcity\[))", re.IGNORECASE)
_SIGN = len("##teamcity")  # letters of a sign that may stand before what is written next
_LINE = "\n\t"
LAST_OF_FOUR = "\uffff"
"""The last letter whose code has four digits at most."""


class _Names:
    """Every odd name that a fact was read of, by how SQL quotes it: whatever text speaks of it later tells it in one way.

    One for all that this process prints: a text that was composed does not say which of its line ends came from a name.
    """

    def __init__(self) -> None:
        self._told: dict[str, str] = {}
        self._any: re.Pattern[str] | None = None

    def add(self, names: Iterable[str]) -> None:
        new = {name: in_sql(name) for name in names if name not in self._told and in_sql(name) != name}
        if new:
            self._told |= new
            self._any = re.compile("|".join(map(re.escape, sorted(self._told, key=len, reverse=True))))

    def tell(self, text: str) -> str:
        return self._any.sub(lambda found: self._told[found[0]], text) if self._any and '"' in text else text


_NAMES = _Names()


def is_printable(text: str, keep: str = "") -> bool:
    """Tell whether every character of a text has a shape; those of `keep` are allowed."""
    for letter in keep:
        text = text.replace(letter, "")
    return text.isprintable() and (text.isascii() or not _ANY_BLANK.search(text))


def visible(text: str, keep: str = _LINE) -> str:
    """Return text with the names in it as SQL knows them, and what has no shape written as its code, but for `keep`."""
    return coded(named(text), _code, keep)


def coded(text: str, code: Callable[[str], str], keep: str = "") -> str:
    """Return text with the `code` of each letter that has no shape and is not among those to `keep`."""
    if is_printable(text, keep):
        return text
    return "".join(letter if letter in keep or _has_shape(letter) else code(letter) for letter in text)


def one_line(text: str) -> str:
    """Return text as `visible` does, on one line: a line end and a tab are shown as well."""
    return visible(text, keep="")


def harmless(text: str, *, after: str = "") -> str:
    """Return text as it may go to a terminal or a log: visible, and nothing in it is a command to a CI's runner.

    `after` is what stands before it on its first line.
    """
    return unbidden(visible(text), after=after)


def unbidden(text: str, *, after: str = "") -> str:
    r"""Return text without commands to a CI's runner: one letter of their sign is written as its code, `\x3a:`.

    It is the first letter, or the text's first one where the sign begins in `after`, which is written already.
    """
    line, found = after + text, list[re.Match[str]]()
    if "##" in line:
        found += ANY_COMMAND.finditer(line)
    if "::" in line:
        found += _AT_START.finditer(line)
    places = {max(sign.start(1) - 1, len(after)) for sign in found if sign.end(1) > len(after)}
    if not places:
        return text
    told, rest = [], len(after)
    for place in sorted(places):
        told += [line[rest:place], f"\\x{ord(line[place]):02x}"]
        rest = place + 1
    return "".join([*told, line[rest:]])


class Line:
    """A line that grows piece by piece: two pieces, each harmless by itself, may together be a command."""

    def __init__(self) -> None:
        self._begun = ""  # as much of it as decides

    def goes_on(self, text: str) -> str:
        """Return text as `harmless` does, where this line goes on with it."""
        return self.wrote(harmless(text, after=self._begun))

    def wrote(self, text: str) -> str:
        """Return text as it is, and take note that it was written."""
        begun = (self._begun + text).rpartition("\n")[2].lstrip(" \t")
        self._begun = begun if len(begun) <= _SIGN else "." + begun[-_SIGN:]
        return text


def is_harmless(text: str) -> bool:
    """Tell whether `harmless` would change nothing."""
    return harmless(text) == text


def remember(identities: Iterable[str]) -> None:
    """Take note of the odd names in these identities, so that every text tells them as SQL knows them."""
    texts = list(identities)
    if not _is_plain("".join(texts)):
        _NAMES.add(name for identity in texts if not _is_plain(identity) for name in _QUOTED.findall(identity))


def _is_plain(text: str) -> bool:
    return is_printable(text) and "##" not in text


def named(text: str) -> str:
    """Return text with every odd name that is known written as SQL knows it, on one line."""
    return _NAMES.tell(text)


def in_sql(quoted: str) -> str:
    """Return a quoted name as `U&"…"` with the codes of what has no shape or commands; a name without that as it is."""
    if is_printable(quoted) and not ANY_COMMAND.search(quoted):
        return quoted
    doubled = quoted if quoted[0] != '"' else "U&" + quoted.replace("\\", "\\\\")  # else it is written so already
    return coded(ANY_COMMAND.sub(r"\\0023", doubled), _point)


def _has_shape(letter: str) -> bool:
    return letter.isprintable() and letter not in BLANK


def _code(letter: str) -> str:
    return letter.encode("unicode_escape").decode()


def _point(letter: str) -> str:
    """Return a letter inside `U&"…"`."""
    code = ord(letter)
    return f"\\{code:04X}" if letter <= LAST_OF_FOUR else f"\\+{code:06X}"
