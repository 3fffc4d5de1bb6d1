"""What the descriptions of facts are made of, for those who need a part: the type of a column, say. Pure."""

import re

# A column's description begins with its type and collation; one of these begins what else there is to say.
_MORE = (
    r"(?:CONSTRAINT |NOT NULL|NOT VALID|NO INHERIT|GENERATED |DEFAULT |STORAGE |COMPRESSION |STATISTICS "
    r"|SET \(|OPTIONS \(|\(inherited)"
)
_TYPE = re.compile(rf'(?:"(?:[^"]|"")*"|(?! {_MORE})[^"])*')


def type_of(description: str) -> str:
    """Return the type, its modifier and its collation, which a column's description (`sql/columns.sql`) begins with."""
    found = _TYPE.match(description)
    return found.group() if found else description
