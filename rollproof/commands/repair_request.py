"""What a repair is asked to do, beside what every command is asked."""

from dataclasses import dataclass
from pathlib import Path

from rollproof.model.errors import Misuse


@dataclass(frozen=True, kw_only=True)
class RepairRequest:
    """One field for each option of `rollproof repair` alone.

    `only` are the names whose differences are repaired, all where there are none; `online` asks for statements without long
    locks; `recreate` for the whole schema of the reference, on an empty database; `drop_leftovers` for statements that drop what
    was left behind, where there would be comments. `definitions_only` leaves rows alone; `values_dir` is where files with values
    of rows go, if there must be some. `prove` has the script run on a clone.
    """

    only: tuple[str, ...] = ()
    online: bool = False
    recreate: bool = False
    drop_leftovers: bool = False
    definitions_only: bool = False
    values_dir: Path | None = None
    prove: bool = False

    def __post_init__(self) -> None:
        """Raise `Misuse` for options that make no sense together."""
        if self.recreate:
            for flag, chosen, why in (
                ("--only", self.only, "it prints the whole schema"),
                ("--online", self.online, "on an empty database nobody waits for a lock"),
                ("--drop-leftovers", self.drop_leftovers, "in an empty database nothing was left behind"),
                ("--values-dir", self.values_dir, "it brings no rows"),
            ):
                if chosen:
                    raise Misuse(f"--recreate and {flag} do not go together: {why}")
        if self.definitions_only and self.values_dir:
            raise Misuse("--definitions-only and --values-dir do not go together: without rows there are no values")
        if not all(self.only):
            raise Misuse("--only wants a name: schema.table, schema.*, or another object's name as a report has it")
