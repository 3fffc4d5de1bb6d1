"""How much room a throw-away server needs, where what is put on it is large."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

COPIES = 4
"""How often a database may lie there: itself, a state of it that is kept, what is being changed, the dump that it comes from."""
_WANTED: ContextVar[int] = ContextVar("bytes of the database that a server is for", default=0)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Within the block servers are put where there is room for a database of so many bytes, and for what is done with it."""
    before = _WANTED.set(size)
    try:
        yield
    finally:
        _WANTED.reset(before)


def wanted() -> int:
    """Return the bytes of the database that a server is for; 0 if nobody said."""
    return _WANTED.get()
