"""Which lock a statement takes on what was there, and whether it reads or rewrites a table, as PostgreSQL's manual has it. Pure.

Of what the statement creates itself nobody waits for the lock. A transaction keeps its locks until it ends.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rollproof.model.names import WORD, tokens

ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"
"""Nobody reads and nobody writes meanwhile."""
_SHARE_ROW = "SHARE ROW EXCLUSIVE"
_SHARE = "SHARE"
_SHARE_UPDATE = "SHARE UPDATE EXCLUSIVE"
_ROW = "ROW EXCLUSIVE"
MODES = (_ROW, _SHARE_UPDATE, _SHARE, _SHARE_ROW, ACCESS_EXCLUSIVE)
"""From the weakest to the strongest. Who writes rows waits for the last three, who reads for the last one alone."""


class Lock(NamedTuple):
    """The strongest lock of a statement, on which relations, and what it does to their rows meanwhile."""

    mode: str
    on: tuple[str, ...]
    effort: str = ""

    def __str__(self) -> str:
        named = f"{self.mode} on {' and '.join(self.on)}"
        return f"{named}; {self.effort}" if self.effort else named


_PATH = rf"{WORD}(?:\.{WORD})?"
_ON = rf"(?P<on>{_PATH})"
_INDEX = rf"(?P<index>{_PATH})"
_READS = "reads the table"
_BUILDS = "reads the table and builds an index"
_REWRITES = "rewrites the table and its indexes"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text.replace(" ", r"\s+"), re.DOTALL)


# Statements about one relation, which is the group `on`, or about one more, `other`, or about that of an `index`.
_STATEMENTS = tuple(
    (_pattern(text), mode, effort)
    for text, mode, effort in (
        (
            rf"CREATE (?:UNIQUE )?INDEX CONCURRENTLY (?:{WORD} )?ON (?:ONLY )?{_ON}.*",
            _SHARE_UPDATE,
            f"{_BUILDS}, slowly",
        ),
        (rf"CREATE (?:UNIQUE )?INDEX (?:{WORD} )?ON ONLY {_ON}.*", _SHARE, ""),
        (rf"CREATE (?:UNIQUE )?INDEX (?:{WORD} )?ON {_ON}.*", _SHARE, _BUILDS),
        (rf"DROP INDEX CONCURRENTLY {_INDEX};", _SHARE_UPDATE, ""),
        (rf"REINDEX INDEX CONCURRENTLY {_INDEX};", _SHARE_UPDATE, f"{_BUILDS}, slowly"),
        (rf"DROP INDEX {_INDEX};", ACCESS_EXCLUSIVE, ""),
        (rf"REINDEX INDEX {_INDEX};", ACCESS_EXCLUSIVE, _BUILDS),
        (rf"CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER {WORD} [^'\"]*?ON {_ON}(?!\w).*", _SHARE_ROW, ""),
        (rf"DROP TRIGGER {WORD} ON {_ON};", ACCESS_EXCLUSIVE, ""),
        (rf"ALTER TRIGGER {WORD} ON {_ON} RENAME .*", ACCESS_EXCLUSIVE, ""),
        (rf"(?:CREATE|ALTER|DROP) POLICY {WORD} ON {_ON}(?!\w).*", ACCESS_EXCLUSIVE, ""),
        (rf"CREATE (?:OR REPLACE )?RULE {WORD} AS\s+ON \w+ TO {_ON}(?!\w).*", ACCESS_EXCLUSIVE, ""),
        (rf"(?:DROP|ALTER) RULE {WORD} ON {_ON}(?!\w).*", ACCESS_EXCLUSIVE, ""),
        (rf"CREATE OR REPLACE VIEW {_ON}(?!\w).*", ACCESS_EXCLUSIVE, ""),
        (rf"DROP (?:TABLE|FOREIGN TABLE) {_ON};", ACCESS_EXCLUSIVE, ""),
        (rf"DROP (?:VIEW|MATERIALIZED VIEW|SEQUENCE) {_ON};", ACCESS_EXCLUSIVE, ""),
        (rf"REFRESH MATERIALIZED VIEW {_ON}(?!\w).*", ACCESS_EXCLUSIVE, "computes it anew"),
        (rf"(?:TRUNCATE|CLUSTER)(?: TABLE)? {_ON}(?!\w).*", ACCESS_EXCLUSIVE, _REWRITES),
        (rf"ANALYZE {_ON}(?!\w).*", _SHARE_UPDATE, ""),
        (rf"(?:INSERT INTO|DELETE FROM|UPDATE)(?: ONLY)? {_ON}(?!\w).*", _ROW, ""),
        (rf"ALTER SEQUENCE {_ON} OWNER TO .*", ACCESS_EXCLUSIVE, ""),
        (rf"ALTER SEQUENCE {_ON} (?:RENAME|SET) .*", ACCESS_EXCLUSIVE, ""),
        (rf"ALTER SEQUENCE {_ON} .*", _SHARE_ROW, ""),
        (rf"ALTER INDEX {_PATH} ATTACH PARTITION {_ON};", ACCESS_EXCLUSIVE, ""),
        (rf"ALTER INDEX {_ON} (?:RENAME TO|SET|RESET|ALTER COLUMN \d+ SET STATISTICS) .*", _SHARE_UPDATE, ""),
        (rf"COMMENT ON (?:TABLE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE|SEQUENCE|INDEX) {_ON} IS .*", _SHARE_UPDATE, ""),
        (rf"COMMENT ON COLUMN {_ON}\.{WORD} IS .*", _SHARE_UPDATE, ""),
        (rf"CREATE STATISTICS {_PATH} .* FROM {_ON};", _SHARE_UPDATE, ""),
        (rf"ALTER PUBLICATION {WORD} (?:ADD|DROP) TABLE (?:ONLY )?{_ON}(?!\w)[^,]*;", _SHARE_UPDATE, ""),
    )
)
_TABLE = _pattern(
    rf"ALTER (?:TABLE|FOREIGN TABLE|VIEW|MATERIALIZED VIEW) (?:IF EXISTS )?(?:ONLY )?{_ON}\s+(?P<actions>.*);"
)
_NAMED = rf"(?:CONSTRAINT {WORD} )?"
_COLUMN = rf"ALTER (?:COLUMN )?{WORD}"
# What ALTER TABLE does; all else takes the strongest lock, and neither reads nor rewrites the table.
_ACTIONS = tuple(
    (_pattern(text), mode, effort)
    for text, mode, effort in (
        (rf"ADD {_NAMED}FOREIGN KEY .* REFERENCES (?P<other>{_PATH})(?!\w).* NOT (?:VALID|ENFORCED)", _SHARE_ROW, ""),
        (rf"ADD {_NAMED}FOREIGN KEY .* REFERENCES (?P<other>{_PATH})(?!\w).*", _SHARE_ROW, _READS),
        (rf"ADD {_NAMED}(?:PRIMARY KEY|UNIQUE) USING INDEX .*", ACCESS_EXCLUSIVE, ""),
        (rf"ADD {_NAMED}(?:PRIMARY KEY|UNIQUE|EXCLUDE)\b.*", ACCESS_EXCLUSIVE, _BUILDS),
        (rf"ADD {_NAMED}(?:CHECK|NOT NULL)\b.* NOT (?:VALID|ENFORCED)", ACCESS_EXCLUSIVE, ""),
        (rf"ADD {_NAMED}(?:CHECK|NOT NULL)\b.*", ACCESS_EXCLUSIVE, _READS),
        (rf"VALIDATE CONSTRAINT {WORD}", _SHARE_UPDATE, _READS),
        (rf"{_COLUMN} (?:SET DATA )?TYPE .*", ACCESS_EXCLUSIVE, f"{_REWRITES}, unless the types are stored alike"),
        (rf"{_COLUMN} SET NOT NULL", ACCESS_EXCLUSIVE, f"{_READS}, unless a valid check says the same"),
        (rf"{_COLUMN} SET EXPRESSION .*", ACCESS_EXCLUSIVE, _REWRITES),
        (rf"{_COLUMN} (?:SET STATISTICS .*|(?:RE)?SET \(.*)", _SHARE_UPDATE, ""),
        (rf"ADD (?:COLUMN )?{WORD} .*\b(?:STORED|AS IDENTITY)\b.*", ACCESS_EXCLUSIVE, _REWRITES),
        (rf"ADD (?:COLUMN )?{WORD} .*\bDEFAULT\b.*\(.*", ACCESS_EXCLUSIVE, f"{_REWRITES}, if the default is volatile"),
        (r"SET (?:UNLOGGED|LOGGED|ACCESS METHOD .*)", ACCESS_EXCLUSIVE, _REWRITES),
        (r"SET TABLESPACE .*", ACCESS_EXCLUSIVE, "copies the table"),
        (r"(?:RE)?SET \(.*", _SHARE_UPDATE, ""),
        (rf"CLUSTER ON {WORD}|SET WITHOUT CLUSTER", _SHARE_UPDATE, ""),
        (r"(?:ENABLE|DISABLE) (?:(?:REPLICA|ALWAYS) )?TRIGGER .*", _SHARE_ROW, ""),
        (rf"ATTACH PARTITION (?P<on>{_PATH})(?!\w).*", ACCESS_EXCLUSIVE, f"{_READS}, unless a check says the same"),
        (rf"DETACH PARTITION (?P<other>{_PATH})(?!\w).*", ACCESS_EXCLUSIVE, ""),
    )
)


def lock_of(statement: str) -> Lock | None:
    """Return the strongest lock that a statement takes; None if it takes none that matters, or none is known."""
    text = statement.strip()
    if altered := _TABLE.fullmatch(text):
        return _of_actions(altered["on"], altered["actions"], is_table=not re.match(r"ALTER\s+VIEW", text))
    for pattern, mode, effort in _STATEMENTS:
        if found := pattern.fullmatch(text):
            return Lock(mode, _on(found), effort)
    return None


def _on(found: re.Match[str], table: str = "") -> tuple[str, ...]:
    named = found.groupdict()
    index = f"the table of {named['index']}" if "index" in named else ""
    return tuple(each for each in (named.get("on", table), index, named.get("other")) if each)


def _of_actions(table: str, text: str, *, is_table: bool) -> Lock:
    """Return the strongest lock of the actions of one ALTER TABLE, and all that they do to rows."""
    locks = [_of_action(table, action.strip(), is_table=is_table) for action in _split(text)]
    on = tuple(dict.fromkeys(each for lock in locks for each in lock.on))
    efforts = "; ".join(dict.fromkeys(lock.effort for lock in locks if lock.effort))
    return Lock(max((lock.mode for lock in locks), key=MODES.index), on, efforts)


def _of_action(table: str, action: str, *, is_table: bool) -> Lock:
    for pattern, mode, effort in _ACTIONS if is_table else ():
        if found := pattern.fullmatch(action):
            return Lock(mode, _on(found, table), effort)
    return Lock(ACCESS_EXCLUSIVE, (table,))


def _split(text: str) -> Iterator[str]:
    """Yield the actions between the commas that stand in no bracket and no text."""
    depth, parts = 0, [""]
    for kind, piece in tokens(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(piece, 0) if kind == "sign" else 0
        if piece == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += piece
    yield from parts
