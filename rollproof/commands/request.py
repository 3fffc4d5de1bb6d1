"""What a verification is asked to do, whoever asks: pytest, a command, or a program."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rollproof.model.phase import Phase
from rollproof.settings.configuration import Configured
from rollproof.sources.recorded import Recorded
from rollproof.system.deadline import NEVER, Deadline


def say_nothing(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Request:
    """One verification in a phase, as it was `configured`; `environment` fills in the variables of the endpoints.

    `tell` hears, while somebody waits, what is waited for. `hide` takes secrets out of a text. `rehearse` asks for the bundled
    migration in place of a database of one's own. `place` returns where a file of that name is put for a run.

    A program may hand over the `baseline`, which then is the reference, whatever is configured. `block` says that the migration
    and its rollback were one block of a program: that the tool's own bookkeeping table is new is expected, and a waiver may wait
    for another migration.
    """

    configured: Configured
    phase: Phase
    environment: Mapping[str, str]
    deadline: Deadline = NEVER
    tell: Callable[[str], None] = say_nothing
    hide: Callable[[str], str] = str
    rehearse: bool = False
    place: Callable[[str], Path] = Path
    baseline: Recorded | None = None
    block: bool = False
