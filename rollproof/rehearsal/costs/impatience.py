"""Statements that wait for no lock, or hardly: who stands in their way for a moment makes them fail."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from rollproof.rehearsal.proxy.session import Statement

PATIENT = 0.05
"""Seconds; who waits that long for a lock is not harmed by a session that has it for a moment."""
_NOWAIT = re.compile(r"\bNOWAIT\b", re.IGNORECASE)
_SECONDS = {"us": 1e-6, "ms": 1e-3, "": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0}
_LOCK_TIMEOUT = re.compile(r"\block_timeout\b['\"]?\s*(?:=|TO\b|,)\s*E?'?\s*(\d+)\s*(us|ms|s|min|h|)\b", re.IGNORECASE)


def lock_timeout(texts: Iterable[str]) -> float:
    """Return the first `lock_timeout` that is set, in seconds; 0 if none is."""
    first = next(filter(None, map(_LOCK_TIMEOUT.search, texts)), None)
    return int(first[1]) * _SECONDS[first[2].casefold()] if first else 0.0


@dataclass
class Impatience:
    """Listens to what a command sends: `statements` grows while it runs."""

    statements: Sequence[Statement] = ()
    is_heard: bool = False
    _seen: int = 0

    def listen(self) -> bool:
        """Return whether anything that was sent until now waits for no lock, or hardly."""
        new = [each.text for each in islice(self.statements, self._seen, None)]
        self._seen += len(new)
        self.is_heard = self.is_heard or any(map(_is_impatient, new))
        return self.is_heard


def _is_impatient(text: str) -> bool:
    return bool(_NOWAIT.search(text)) or 0 < lock_timeout([text]) < PATIENT
