"""Parts of a description, such as a column's type. Pure."""

import re

from rollproof.model.names import WORD

# A column's description begins with its type and collation; one of these begins what else there is to say.
_MORE = (
    r"(?:CONSTRAINT |NOT NULL|NOT VALID|NO INHERIT|GENERATED |DEFAULT |STORAGE |COMPRESSION |STATISTICS "
    r"|SET \(|OPTIONS \(|\(inherited)"
)
_TYPE = re.compile(rf'(?:"(?:[^"]|"")*"|(?! {_MORE})[^"])*')

_WORDS = "(?: (?:varying|precision|year|month|day|hour|minute|second|to))*"
_ONE_TYPE = re.compile(
    rf"{WORD}(?:\.{WORD})?{_WORDS}(?:\([\w ,.-]*\))?(?: with(?:out)? time zone)?(?:\[\])*(?: COLLATE {WORD}(?:\.{WORD})?)?"
)


def is_type(text: str) -> bool:
    """Tell whether a text is one type with modifier and collation, as `format_type` writes it, and nothing else."""
    return _ONE_TYPE.fullmatch(text) is not None


def type_of(description: str) -> str:
    """Return a column's type with modifier and collation, with which its description (`sql/columns.sql`) begins."""
    found = _TYPE.match(description)
    return found.group() if found else description
