"""Whether a text is one statement, to PostgreSQL and to psql alike. Pure.

Whatever these might parse differently, and PostgreSQL never prints, is none: comments, a string that goes on in another line,
a backslash outside a string, letters beyond ASCII that no quotes hold.
"""

import re
from collections.abc import Callable

from rollproof.model.names import WORD, tokens

Tokens = list[tuple[str, str]]
_LITERAL = r"(?:[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*')"
_BLOCK = re.compile(r"DO (?P<tag>\$rollproof_*\$)(?P<body>.*)(?P=tag);", re.DOTALL)
_AS_ROLE = re.compile(rf"\s*BEGIN (?:SET LOCAL ROLE {WORD}; )?(?P<inner>.*?)(?: RESET ROLE;)? END\s*", re.DOTALL)
_FORMATTED = re.compile(
    rf"EXECUTE pg_catalog\.format\((?P<text>{_LITERAL}), (?:pg_catalog\.current_database\(\)|10::pg_catalog\.regrole)\);",
    re.DOTALL,
)
_NO_CALLS = {"AND", "AS", "BETWEEN", "FROM", "GREATEST", "IN", "LEAST", "OR", "SELECT", "WHERE"}  # before a bracket
_MAKES = {"ALTER", "COPY", "CREATE", "DELETE", "DO", "DROP", "GRANT", "INSERT", "LOAD", "REVOKE", "TRUNCATE", "UPDATE"}


def is_one(statement: str) -> bool:
    """Tell whether the only semicolon outside brackets and function bodies ends the text, and nothing is a psql command."""
    found = [*tokens(statement)]
    if not found or found.pop() != ("sign", ";") or not found:
        return False
    if any(_is_strange(found, place) for place in range(len(found))) or _ends_early(found):
        return False
    return _is_routine(found) or not any(kind == "other" and text.startswith("$") for kind, text in found)


def is_fragment(text: str) -> bool:
    """Tell whether a text is a part of one statement: no semicolon, and every bracket has its partner."""
    found = [*tokens(text)]
    return not any(_is_strange(found, place) for place in range(len(found))) and not _ends_early(found)


def is_block(statement: str, is_sound: Callable[[str], bool]) -> bool:
    """Tell whether a statement is a DO of ours, which executes what is sound, or what it reads from the catalogue.

    Facts are nothing but strings in such a block, or one statement between BEGIN and END.
    """
    block = _BLOCK.fullmatch(statement)
    if block is None or block["tag"] in block["body"]:
        return False
    framed = _AS_ROLE.fullmatch(block["body"])
    if framed and (executed := _FORMATTED.fullmatch(framed["inner"])):
        return is_sound(_value(executed["text"]) + ";")
    if framed and is_sound(framed["inner"]):
        return True
    return _reads(block["body"])


def calls_only_postgresql(statement: str) -> bool:
    """Tell whether a statement calls no function but those of pg_catalog."""
    found = [each for each in tokens(statement) if not each[1].isspace()]
    for place, (kind, text) in enumerate(found[:-1]):
        called = found[place + 1] == ("sign", "(") and kind in {"word", "quoted"} and text not in _NO_CALLS
        if called and found[max(place - 2, 0) : place] != [("word", "pg_catalog"), ("sign", ".")]:
            return False
    return True


def mask(text: str) -> str:
    """Return SQL without what is in its strings."""
    return "".join("''" if kind == "other" else part for kind, part in tokens(text))


def _value(literal: str) -> str:
    """Return the statement that a format string stands for."""
    raw = literal[literal.index("'") + 1 : -1].replace("''", "'")
    if literal[0] in "eE":
        raw = raw.replace("\\\\", "\\")
    return re.sub(r"%[Is]", "x", raw.replace("%%", "\0")).replace("\0", "%")


def _reads(body: str) -> bool:
    """Tell whether a block only reads, but for what it formats: of fragments."""
    found = [*tokens(body)]
    if any(_is_strange(found, place) for place in range(len(found))) or not _executes_formatted(found):
        return False
    if _MAKES & {text.upper() for kind, text in found if kind == "word"}:
        return False
    return all(is_fragment(_value(text)) for text in _formatted(found))


def _executes_formatted(found: Tokens) -> bool:
    """Tell whether nothing is executed but what `pg_catalog.format(` returns."""
    words = [text for _, text in found if not text.isspace()]
    places = [place for place, text in enumerate(words) if text.upper() == "EXECUTE"]
    return all(words[place + 1 : place + 5] == ["pg_catalog", ".", "format", "("] for place in places)


def _formatted(found: Tokens) -> list[str]:
    """Return the strings between `format(` and its last bracket."""
    inside: list[str] = []
    depth = 0
    for place, (kind, text) in enumerate(found):
        if kind == "sign" and text == "(":
            begins = place and found[place - 1] == ("word", "format")
            depth += 1 if depth or begins else 0
        elif kind == "sign" and text == ")" and depth:
            depth -= 1
        elif kind == "other" and depth:
            inside.append(text)
    return inside


def _is_strange(found: Tokens, place: int) -> bool:
    kind, text = found[place]
    if kind == "other":
        return text.startswith(("--", "/*")) or _continues(found, place)
    if kind == "quoted":
        return "\0" in text
    if not text.isascii() or (len(text) == 1 and text in "\"'\\\0\r"):
        return True  # a quote without its end, a command of psql's, what only a quoted name may hold
    following = found[place + 1] if place + 1 < len(found) else ("", "")
    if text == ":" and (place == 0 or found[place - 1][1] != ":"):
        return (
            re.fullmatch("[A-Z_]+", following[1].strip("\"'")) is not None
        )  # where psql would put a variable of its own
    return (
        text == "$" and not following[1].isdigit()
    )  # no tag of ours: the body of a routine that begins and does not end


def _continues(found: Tokens, place: int) -> bool:
    """Tell whether a string constant is continued on the next line, where its second part is parsed as the first is."""
    after = place + 1
    while after < len(found) and found[after][1].isspace():
        after += 1
    return after < len(found) and found[after][0] == "other" and found[after][1][:1] in {"'", "e", "E"}


def _ends_early(found: Tokens) -> bool:
    """Tell whether a semicolon outside brackets and function bodies ends the statement before the text's end."""
    routine = _is_routine(found)
    depth = body = 0
    for kind, text in found:
        word = text.upper() if kind == "word" else ""
        depth += {"(": 1, ")": -1}.get(text, 0) if kind == "sign" else 0
        if routine and depth == 0 and (word == "BEGIN" or (word == "CASE" and body)):
            body += 1
        elif word == "END" and body and depth == 0:
            body -= 1
        if depth < 0 or ((kind, text) == ("sign", ";") and depth == 0 and body == 0):
            return True
    return depth != 0 or body != 0


def _is_routine(found: Tokens) -> bool:
    """Tell whether a statement creates a routine, the only thing that has a body."""
    words = [text.upper() for kind, text in found if kind == "word"]
    return words[:1] == ["CREATE"] and bool({"FUNCTION", "PROCEDURE"} & {*words[1:4]})
