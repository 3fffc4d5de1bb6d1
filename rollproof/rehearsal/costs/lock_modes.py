"""PostgreSQL's locks on tables, and whom each keeps waiting."""

STRONGEST_LAST = (
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
"""Without ACCESS SHARE, which every SELECT takes."""
STRONGEST = STRONGEST_LAST[-1]
"""What a table is locked by while it is written anew."""

_FROM_WRITER = STRONGEST_LAST.index("SHARE")
_FROM_READER = STRONGEST_LAST.index("ACCESS EXCLUSIVE")
_WORDS = {name.replace(" ", "").casefold() + "lock": name for name in STRONGEST_LAST}


def named(mode: str) -> str:
    """Return a lock's name as SQL writes it: `AccessExclusiveLock` of pg_locks is `ACCESS EXCLUSIVE`."""
    return _WORDS[mode.casefold()]


def strength(mode: str) -> int:
    """Return a number that is the larger the stronger the lock is."""
    return STRONGEST_LAST.index(mode)


def stops_readers(mode: str) -> bool:
    """Whether a session that reads waits for it."""
    return strength(mode) >= _FROM_READER


def stops_writers(mode: str) -> bool:
    """Whether a session that writes waits for it."""
    return strength(mode) >= _FROM_WRITER
