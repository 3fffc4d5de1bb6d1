"""The old and the new application, as far as anybody said what they do: statements and test commands, read at the beginning."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rollproof.model.amounts import counted
from rollproof.rehearsal.doors.door import Side
from rollproof.rehearsal.doors.read import Read, read_statements
from rollproof.rehearsal.doors.required import require_answerable
from rollproof.rehearsal.doors.statement import Statement
from rollproof.settings.rehearsal import Rehearsal
from rollproof.throwaway.source.where import Source


@dataclass(frozen=True)
class Applications:
    """Of each application its `statements` and its test `commands`; of which `role`; which pairs must work; things to know."""

    statements: Mapping[Side, tuple[Statement, ...]] = field(default_factory=dict)
    commands: Mapping[Side, tuple[str, ...]] = field(default_factory=dict)
    role: str = ""
    required: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, asked: Rehearsal, folder: Path) -> "Applications | None":
        """Read what they do; None if nobody asks. Raises `Misuse` for what cannot be asked, `Inconclusive` if it cannot be read."""
        require_answerable(asked)
        if not asked.asks_doors:
            return None
        where: dict[Side, tuple[str, ...]] = {"old": asked.statements, "new": asked.new_statements}
        named: dict[Side, str] = {"old": "--statements", "new": "--new-statements"}
        url = asked.traffic_from or (asked.source if Source.parse(asked.source).kind == "database" else None)
        read = {side: read_statements(each, url, folder, named[side]) for side, each in where.items() if each}
        notes = (*(note for each in read.values() for note in each.notes), *_superusers(asked, read))
        return cls(
            {side: each.statements for side, each in read.items()},
            {side: each for side, each in _commands(asked).items() if each},
            asked.application_role or "",
            asked.require_doors,
            tuple(dict.fromkeys(notes)),
        )


def _commands(asked: Rehearsal) -> dict[Side, tuple[str, ...]]:
    return {"old": asked.old_application, "new": asked.new_application}


def _superusers(asked: Rehearsal, read: Mapping[Side, Read]) -> Iterator[str]:
    """Yield what to know where nobody said whose something is: then a superuser does it, who may do everything."""
    if asked.application_role:
        return
    nobodys = sum(not each.role for found in read.values() for each in found.statements)
    commands = sum(map(len, _commands(asked).values()))
    found = [counted(number, noun) for number, noun in ((nobodys, "statement"), (commands, "command")) if number]
    if found:
        yield f"no role is named for {' and '.join(found)}, so nobody sees what the application may not do (--application-role)"
