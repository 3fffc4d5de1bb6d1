"""How often Python looks for garbage that refers to itself: seldom, in a run that is over in seconds."""

import gc
from collections.abc import Callable

_EACH = 100_000
"""Objects, at most some ten million bytes; Python's own number, 700, takes a tenth of a short run."""


def look_seldom() -> Callable[[], None]:
    """Look for garbage after each `_EACH` new objects, not less; return what makes it again as it was."""
    before = gc.get_threshold()
    gc.set_threshold(max(_EACH, before[0]), *before[1:])
    return lambda: gc.set_threshold(*before)
