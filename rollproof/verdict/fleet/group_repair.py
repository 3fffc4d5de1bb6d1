"""One script for all targets of a group that the same statements put right. Pure."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.verdict.fleet.target_groups import TargetGroup
from rollproof.verdict.fleet.target_outcome import TargetOutcome

FOLDER = "repairs"
OWN = "repair.sql"
"""The script of one target, in its own folder."""
PSQL = "psql -X -w -v ON_ERROR_STOP=1 -f"
"""How a script is run: it ends at the first error, and asks for no password, of which there might be hundreds."""


@dataclass(frozen=True)
class GroupRepair:
    """A script for `targets`, of which each has its own part in it if it is `joined`: schemas of one database.

    `name` is that of its files in the fleet's folder, without an ending.
    """

    name: str
    group: TargetGroup
    targets: tuple[TargetOutcome, ...]
    joined: bool

    @property
    def file(self) -> str:
        """The script."""
        return f"{self.name}.sql"

    @property
    def listed(self) -> str:
        """The file that names its databases, one a line, as psql takes it."""
        return f"{self.name}.targets"

    @property
    def addresses(self) -> tuple[str, ...]:
        """The databases on which it is to be run, each once."""
        return tuple(dict.fromkeys(each.address for each in self.targets if each.address))

    @property
    def command(self) -> str:
        """What runs it on all of them, typed in the fleet's folder; "" if nobody knows how to reach them."""
        if not self.addresses:
            return ""
        if len(self.addresses) == 1:
            return f"{PSQL} {self.file} {shlex.quote(self.addresses[0])}"
        run = f'{PSQL} {self.file} "$target" </dev/null || echo "not repaired: $target"'
        return f"while IFS= read -r target; do {run}; done <{self.listed}"


def repairs_of(group: TargetGroup) -> tuple[GroupRepair, ...]:
    """Return the scripts that several targets of a group have together; what is one target's alone stands in its own folder."""
    return tuple(
        GroupRepair(f"{FOLDER}/{group.anchor}{f'-{at}' if at > 1 else ''}", group, targets, joined)
        for at, (targets, joined) in enumerate(_together(group), 1)
    )


def alone_repaired(group: TargetGroup) -> tuple[TargetOutcome, ...]:
    """Return the targets that statements would put right which are no other target's: each has a script in its own folder."""
    together = {each.name for some, _ in _together(group) for each in some}
    return tuple(each for each in group.targets if each.repair and each.name not in together)


def own_script(outcome: TargetOutcome) -> str:
    """Return the path of a target's own script, relative to the fleet's folder."""
    return f"{outcome.folder}/{OWN}"


def _together(group: TargetGroup) -> Iterator[tuple[tuple[TargetOutcome, ...], bool]]:
    schemas: dict[str, list[TargetOutcome]] = {}
    for each in group.targets:
        if each.schema and each.repair:
            schemas.setdefault(each.address or each.server, []).append(each)
    yield from ((tuple(some), True) for some in schemas.values() if _are_several(some))
    for some in group.scripts.values():
        whole = tuple(each for each in some if not each.schema)
        if _are_several(whole):
            yield whole, False


def _are_several(some: Sequence[TargetOutcome]) -> bool:
    return len(some) > 1
