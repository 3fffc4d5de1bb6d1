"""The stage of a rehearsal that tells which application lives on which schema."""

from collections.abc import Iterator

from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.tools.step import Step

NAME = "doors"


def told_doors(stages: Stages, whole: Step, kept: str) -> Iterator[Stage]:
    """Yield the stage: every statement on the old schema, which was `kept`, and on the migrated one."""
    del stages, whole, kept
    yield Stage(NAME, "undecided", "it is not built yet")
