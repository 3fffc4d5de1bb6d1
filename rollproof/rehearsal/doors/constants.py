"""A recorded statement, and what a server says of it, without constants: they are values of rows. Pure."""

import re
from itertools import groupby

from rollproof.model.names import tokens

_NUMBER = re.compile(r"(?<![\w$])\d[\w.]*(?:(?<=[eE])[+-]\d+)?")
_INSIDE = re.compile(r"[^']*?'(?P<quoted>.*)'|\$(?P<tag>\w*)\$(?P<dollar>.*)\$(?P=tag)\$", re.DOTALL)
_COMMENT = ("--", "/*")


def without_constants(text: str) -> str:
    """Return a statement with a `…` in the place of each string and number, and without comments, which may hold them too."""
    runs = groupby(tokens(text), key=lambda token: token[0] if token[0] in ("other", "quoted") else "")
    return "".join(_shown(kind, "".join(each for _, each in run)) for kind, run in runs).strip()


def _shown(kind: str, text: str) -> str:
    if kind == "other":
        return "" if text.startswith(_COMMENT) else "'…'"
    return text if kind == "quoted" else _NUMBER.sub("…", text)


def without_constants_of(text: str, sentence: str) -> str:
    """Return what is said of a statement without the constants of it that are quoted there."""
    for each in sorted(_constants(text), key=len, reverse=True):
        sentence = sentence.replace(f'"{each}"', '"…"')
    return sentence


def _constants(text: str) -> set[str]:
    strings = [each for kind, each in tokens(text) if kind == "other" and not each.startswith(_COMMENT)]
    inside = [found["quoted"] or found["dollar"] or "" for found in map(_INSIDE.fullmatch, strings) if found]
    return {*strings, *inside, *(each.replace("''", "'") for each in inside), *_NUMBER.findall(text)} - {""}
