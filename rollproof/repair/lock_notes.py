"""What is said of locks at the statements of a plan."""

import re
from collections.abc import Container, Iterable

from rollproof.model.locks import MODES, lock_of
from rollproof.model.names import WORD
from rollproof.repair.step import Step

_REFERRED = re.compile(rf"\bFOREIGN KEY \([^()]*\) REFERENCES (?P<table>{WORD}(?:\.{WORD})?)")


class LockNotes:
    """What is said of locks at the statements of a plan: nothing of what the plan makes itself, for nobody uses that yet.

    `wholes` are tables without rows of their own, of which there is nothing to read.
    """

    def __init__(self, steps: Iterable[Step], wholes: Container[str]) -> None:
        self._wholes = wholes
        self._new: set[str] = set()
        self._referred: dict[tuple[str, str], str] = {}
        for step in steps:
            if step.verb == "create":
                self._new.update(each.identity for each in (step.of, *step.brings))
            told = (*step.statements, *(each.after or "" for each in step.mends))
            if step.of.facet == "constraints" and (found := _REFERRED.search("\n".join(told))):
                self._referred[step.of] = found["table"]

    def of(self, step: Step, statement: str) -> str:
        """Return what is said of a statement; "" if nobody waits who reads or writes rows, and no table is read."""
        lock = lock_of(statement)
        if lock is None or set(lock.on) <= self._new or (lock.mode in MODES[:2] and not lock.effort):
            return ""
        if step.of.facet in ("views", "sequences") and not lock.effort:
            return ""
        if step.verb == "drop" and (other := self._referred.get(step.of)):
            lock = lock._replace(on=tuple(dict.fromkeys((*lock.on, other))))
        if step.of.relation in self._wholes and statement.startswith("ALTER TABLE ONLY"):
            lock = lock._replace(effort="")
        return str(lock)
