"""Values and comments as TOML writes them, whatever stands in them: one line, every letter of it seen."""

from collections.abc import Iterable

from rollproof.model.printable import LAST_OF_FOUR, coded, one_line, unbidden

# A runner of CI obeys `##[error]` anywhere in a line, and who prints the file must not have to change it.
_SHORT = {"#": "\\u0023", "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def text(value: str) -> str:
    """Return a text as a basic string, or as part of a key; what has no shape is written as its code."""
    whole = "".join(_SHORT.get(letter, letter) for letter in value)
    return f'"{coded(whole, _code)}"'


def _code(letter: str) -> str:
    number = ord(letter)
    return f"\\u{number:04X}" if letter <= LAST_OF_FOUR else f"\\U{number:08X}"


def texts(values: Iterable[str]) -> str:
    """Return an array of texts."""
    return f"[{', '.join(map(text, values))}]"


def comment(line: str) -> str:
    """Return a comment of one line."""
    return f"# {unbidden(one_line(line))}".rstrip()
