"""SQL as it may be printed: still the same to PostgreSQL, and harmless to the terminal or log on which it stands.

A name that needs it is written `U&"…"`, a string `E'…'`; the body of a function keeps its lines, unless a CI's runner would
obey one. Pure: text in, text out.
"""

import re
from collections.abc import Iterable

from rollproof.model.names import tokens
from rollproof.model.phase import PARTLY, PHASES
from rollproof.model.printable import LAST_OF_FOUR, coded, harmless, in_sql, is_harmless, is_printable, named, one_line
from rollproof.model.redaction import shows_password

_DOLLARS = re.compile(r"(\$(?:[^\W\d]\w*)?\$)(.*)\1", re.DOTALL)
_WHAT = re.compile(r"\s*(?:--[^\n]*\n\s*)*([A-Za-z ]+)")
# A line of a function's body that would be taken for a report's own.
_LIKE_OURS = re.compile(
    rf"^(?:={{3,}} |written: |(?:{PARTLY})?(?:{'|'.join(phase.good for phase in PHASES.values())})\b"
    rf"|(?:{'|'.join(phase.bad for phase in PHASES.values())}|INCONCLUSIVE|NOTHING CHECKED|INTERRUPTED|BROKEN|MISUSE)\b)",
    re.MULTILINE,
)
_LONGEST = 60  # letters of a statement that is only named


def pasteable(statement: str) -> str:
    """Return a statement of SQL, or a comment, with the same meaning and no harm to whom it is shown.

    One with a password in it becomes a comment that says so: what is shown would not be what it does.
    """
    if shows_password(statement):
        return f"-- not shown, for it holds a password: {_named(statement)} …"
    if statement.startswith("--"):
        return f"-- {commented(statement.removeprefix('--'))}"  # a name's line end would end it
    if is_harmless(statement) and not re.search("[\"'$]", statement):
        return statement
    return "".join(_token(kind, text) for kind, text in tokens(statement))


def commented(text: str) -> str:
    """Return text that cannot end the comment in which it stands, and harms nobody who reads it."""
    return one_line(re.sub(r"\s*\n\s*", " ", named(text).strip()))


def escaped(statements: Iterable[str]) -> bool:
    """Tell whether any of these statements holds letters by their codes, which not every server's encoding knows."""
    written = (text for statement in statements for kind, text in tokens(statement) if kind in {"quoted", "other"})
    return any(re.match(r"[uU]&\"|[eE]'.*\\[uU]", text, re.DOTALL) for text in written)


def _named(statement: str) -> str:
    found = _WHAT.match(statement)
    return commented(found[1] if found else statement)[:_LONGEST].strip()


def _token(kind: str, text: str) -> str:
    if kind == "quoted":
        return in_sql(text)
    if kind != "other":
        return harmless(text, after=".")
    if text.startswith(("--", "/*")):
        return harmless(text, after=".")
    if body := _DOLLARS.fullmatch(text):
        return text if is_harmless(text) and not _LIKE_OURS.search(text) else _string(body[2])
    if is_printable(text) and is_harmless(text):
        return text
    return _string(text[1:-1].replace("''", "'")) if text[0] == "'" else _codes(text)


def _string(value: str) -> str:
    r"""Return a string's value as `E'…'`, on one line."""
    return _codes("E'" + value.replace("\\", "\\\\").replace("'", "''") + "'")


def _codes(text: str) -> str:
    r"""Return the text of an `E'…'` with the codes of what has no shape or commands."""
    return coded(re.sub(r"#(?=#)", r"\\x23", text), _escape)


def _escape(letter: str) -> str:
    code = ord(letter)
    if letter.isascii():
        return {"\n": r"\n", "\t": r"\t", "\r": r"\r"}.get(letter, f"\\x{code:02x}")
    return f"\\u{code:04x}" if letter <= LAST_OF_FOUR else f"\\U{code:08x}"
