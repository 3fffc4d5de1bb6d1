"""What a verification is asked to do, whoever asks: pytest, a command, or a program."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from rollproof.commands.scan_progress import Show
from rollproof.model.phase import Phase
from rollproof.model.provenance import THROW_AWAY
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.recorded import Recorded
from rollproof.system.deadline import NEVER, Deadline

OWN_SERVER = f"{THROW_AWAY}server of rollproof's own"


def say_nothing(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Request:
    """One verification in a phase, as it was `configured`; `environment` fills in the variables of the endpoints.

    `tell` hears, while somebody waits, what is waited for; `show` shows how far it is. `hide` takes secrets out of a text.
    `rehearse` asks for the bundled migration in place of a database of one's own. `place` returns where a file of that name is
    put for a run.

    A program may hand over the `baseline`, which then is the reference, whatever is configured. `block` says that the migration
    and its rollback were one block of a program: that the tool's own bookkeeping table is new is expected, and a waiver may wait
    for another migration. `together` has a check ask about all tables in one case, where many databases are verified: findings are
    of one table each all the same, and a waiver may be meant for another database.
    """

    configured: Configured
    phase: Phase
    environment: Mapping[str, str]
    deadline: Deadline = NEVER
    tell: Callable[[str], None] = say_nothing
    show: Show = nullcontext
    hide: Callable[[str], str] = str
    rehearse: bool = False
    place: Callable[[str], Path] = Path
    baseline: Recorded | None = None
    block: bool = False
    together: bool = False

    @property
    def needs_stand_in(self) -> bool:
        """Whether something stands in for a database or a reference of one's own."""
        return self.rehearse or self.configured.reference.kind == "dump"


@dataclass(frozen=True)
class Effective:
    """The settings, the reference and the environment that a verification goes by, once something stands in.

    `name` is how reports name the reference, where that is not its address; `unavailable` are the facets that it cannot
    speak for, with the reason. `notes` are things to know.
    """

    settings: Settings
    reference: Reference
    environment: Mapping[str, str]
    name: str = ""
    unavailable: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
