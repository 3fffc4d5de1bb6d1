"""Parts of a description, such as a column's type. Pure."""

import re

# A column's description begins with its type and collation; one of these begins what else there is to say.
_MORE = (
    r"(?:CONSTRAINT |NOT NULL|NOT VALID|NO INHERIT|GENERATED |DEFAULT |STORAGE |COMPRESSION |STATISTICS "
    r"|SET \(|OPTIONS \(|\(inherited)"
)
_TYPE = re.compile(rf'(?:"(?:[^"]|"")*"|(?! {_MORE})[^"])*')


def type_of(description: str) -> str:
    """Return a column's type with modifier and collation, with which its description (`sql/columns.sql`) begins."""
    found = _TYPE.match(description)
    return found.group() if found else description
