"""SQL as a server or pg_dump printed it, split into its statements. Pure."""

from collections.abc import Iterator

from rollproof.model.names import tokens


def statements(sql: str) -> Iterator[str]:
    """Yield each statement, with its semicolon and without blanks or comments around it; what follows the last one is left out.

    A semicolon ends no statement inside brackets (the actions of a rule) or inside `BEGIN ATOMIC … END` (a function's body).
    """
    begun: list[str] = []
    brackets, blocks, before = 0, 0, ""
    for kind, text in tokens(sql):
        if not begun and (text.isspace() or text.startswith(("--", "/*"))):
            continue
        begun.append(text)
        if kind == "word":
            blocks += _opened(text.upper(), before, inside=blocks > 0)
            before = text.upper()
        elif kind == "sign" and not text.isspace():
            brackets += {"(": 1, ")": -1}.get(text, 0)
            before = ""
        if text == ";" and not brackets and not blocks:
            yield "".join(begun)
            begun = []


def _opened(word: str, before: str, *, inside: bool) -> int:
    """Return by how many blocks a word goes deeper: a function's body, and CASE in it, end with END."""
    if word == "ATOMIC" and before == "BEGIN":
        return 1
    if inside:
        return {"CASE": 1, "END": -1}.get(word, 0)
    return 0
