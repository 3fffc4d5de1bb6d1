"""The schemas of one database as targets: in chunks that one worker verifies in one look, and what belongs to none of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from rollproof.fleet.job import Answer
from rollproof.fleet.references import References
from rollproof.fleet.target import FleetTarget, file_name
from rollproof.fleet.work import failed
from rollproof.model.errors import Misuse
from rollproof.model.schema_parts import REST, Group, divided
from rollproof.model.snapshot import Snapshot
from rollproof.settings.options import Settings
from rollproof.sources.baseline import Seal, sealed, unsealed

ITSELF = "the database itself"
_DECIDED = (0, 1)  # exit codes that say something of what was compared
MOST = 200
"""Schemas that are verified in one look, which reads the whole catalogue, whatever it is about, and holds one instant."""


def itself(targets: Sequence[FleetTarget]) -> FleetTarget:
    """Return the target of all that belongs to none of the schemas that are targets."""
    names = {target.name for target in targets}
    name = next(name for name in (ITSELF, f"{ITSELF} ({len(targets)})") if file_name(name) not in names)
    return replace(targets[0], name=file_name(name), schema=None, but=tuple(str(target.schema) for target in targets))


def in_chunks(targets: Sequence[FleetTarget], at_once: int, seconds: float | None) -> Iterator[FleetTarget]:
    """Yield what is done in one job: several schemas together, everything else by itself; so is a schema if there are `seconds`."""
    schemas = [target for target in targets if target.schema]
    yield from (target for target in targets if not target.schema)
    size = 1 if seconds else min(MOST, -(-len(schemas) // max(at_once, 1))) or 1
    for start in range(0, len(schemas), size):
        some = schemas[start : start + size]
        name = some[0].name if len(some) == 1 else f"{some[0].name} to {some[-1].name}"
        yield replace(some[0], name=name, schema=None, schemas=tuple(str(each.schema) for each in some))


def answers_of(target: FleetTarget, answer: Answer) -> Iterator[tuple[FleetTarget, Answer]]:
    """Yield each target that was done in a job, with its answer; of a job that came to nothing each has the same one."""
    if not target.schemas:
        yield target, answer
        return
    parts = {part.outcome.name: part for part in answer.parts}
    for single in singles(target):
        yield single, parts.get(single.name) or _without_part(single, answer)


def _without_part(single: FleetTarget, answer: Answer) -> Answer:
    """Return the answer of a schema of which a job says nothing by itself: what it came to as a whole is no good news of it."""
    if answer.outcome.exit_code in _DECIDED:
        return Answer(failed(single.name, single.server, "inconclusive", "its worker answered, but said nothing of it"))
    return Answer(replace(answer.outcome, name=single.name), answer.files, unreachable=answer.unreachable)


def singles(target: FleetTarget) -> list[FleetTarget]:
    """Return the targets that are done in one job."""
    if not target.schemas:
        return [target]
    return [replace(target, name=file_name(schema), schema=schema, schemas=()) for schema in target.schemas]


class Divided:
    """One baseline of a whole database, divided by the schemas that are targets. It is read when the first job is made."""

    def __init__(self, references: References, settings: Settings, wanted: Sequence[FleetTarget]) -> None:
        self._references, self._settings = references, settings
        self._wanted = wanted
        self._groups: list[Group] = []

    def expect(self, chunks: Sequence[FleetTarget]) -> None:
        """Take note of which schemas will be asked for together."""
        groups = [chunk.schemas for chunk in chunks if chunk.schemas]
        known = {schema for group in groups for schema in group}
        others = tuple(each.schema for each in self._wanted if each.schema and each.schema not in known)
        self._groups = [*groups, *([others] if others else [])]

    def content(self, target: FleetTarget) -> bytes:
        """Return the part of a target, sealed. Raises `Misuse` if the baseline is no good, or does not look at a schema."""
        return sealed(self._parts[target.schemas or REST])[0]

    @cached_property
    def seal(self) -> Seal:
        """The seal of the whole."""
        return self._whole[1]

    @cached_property
    def _whole(self) -> tuple[Snapshot, Seal]:
        return unsealed(self._references.path, allow_empty=self._settings.allow_empty, key=self._references.key)

    @cached_property
    def _parts(self) -> dict[Group, Snapshot]:
        snapshot = self._whole[0]
        looked = snapshot.origin.schemas
        if looked is not None and (missing := [name for group in self._groups for name in group if name not in looked]):
            raise Misuse(
                f"the baseline {self._references.path} does not look at schema {missing[0]}: take one of the whole database, "
                "or one of each schema by rollproof capture --each-schema"
            )
        return divided(snapshot, self._groups)
