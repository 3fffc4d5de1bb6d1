"""SQL that a server printed, cut only where nothing is cut into: strings, quoted names and brackets stay whole. Pure."""

import re

from rollproof.model.names import PATH, names, tokens

PIECE = r"""(?>'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"])"""
"""For regular expressions: a string, a quoted name, or one letter of anything else."""
_ARGUMENTS = re.compile(rf"(?P<path>{PATH}|[^(]+?)\((?P<arguments>.*)\)", re.DOTALL)


def listed(text: str) -> tuple[str, ...]:
    """Return the elements of a list, which commas separate."""
    return tuple(element.strip() for element in cut(text, ",") if element.strip())


def before_word(text: str, word: str) -> tuple[str, str]:
    """Return what stands before a keyword and what follows it, both outside of brackets; all and "" if it is not there."""
    parts = cut(text, word)
    return (parts[0].strip(), text[len(parts[0]) + len(word) :].strip()) if len(parts) > 1 else (text.strip(), "")


def called(routine: str) -> str:
    """Return the name of a routine or operator that is told with its arguments, `schema.name(integer)`."""
    found = _ARGUMENTS.fullmatch(routine)
    return found["path"] if found else routine


def arguments_of(routine: str) -> tuple[str, ...]:
    """Return the types of the arguments of a routine or operator, `schema.name(integer,text)`."""
    found = _ARGUMENTS.fullmatch(routine)
    return listed(found["arguments"]) if found else ()


def is_bracketed(text: str) -> bool:
    """Tell whether a text is one expression in brackets: none closes before the end but those that were opened in it."""
    depth, ends = 0, []
    for kind, token in tokens(text):
        depth += {"(": 1, ")": -1}.get(token, 0) if kind == "sign" else 0
        ends.append(depth)
    return text.startswith("(") and depth == 0 and all(each > 0 for each in ends[:-1])


def last_name(identity: str) -> str:
    """Return the last name of a path, as SQL writes it."""
    return (names(identity) or [""])[-1]


def cut(text: str, mark: str) -> tuple[str, ...]:
    """Return the parts of a text between commas, or between words, that stand outside of brackets."""
    depth, parts = 0, [""]
    for kind, token in tokens(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token, 0) if kind == "sign" else 0
        if not depth and token == mark and kind in {"sign", "word"}:
            parts.append("")
        else:
            parts[-1] += token
    return tuple(parts)
