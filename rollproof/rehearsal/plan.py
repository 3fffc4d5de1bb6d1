"""Which steps are rehearsed, and which only make the database that they are rehearsed on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.rehearsal.tools.recognised import tool
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.tools.tool import Tool
from rollproof.settings.rehearsal import Rehearsal

WHICH = 'which migration? pass both --migrate "COMMAND" and --rollback "COMMAND", or neither in the folder of a migration tool'


@dataclass(frozen=True)
class Plan:
    """The steps that come `before` the rehearsal, those that are rehearsed, and these as the `whole` that a person would type."""

    before: tuple[Step, ...]
    steps: tuple[Step, ...]
    whole: Step
    notes: tuple[str, ...] = field(default=())


def tool_of(asked: Rehearsal, folder: Path) -> Tool | None:
    """Return the tool at work; None if commands are given instead. Raises `Misuse` if nobody says what is rehearsed."""
    if bool(asked.migrate) != bool(asked.rollback):
        raise Misuse(WHICH)
    return None if asked.migrate else tool(asked.tool, folder, asked.migrations)


def planned(asked: Rehearsal, at_work: Tool | None, environment: Mapping[str, str]) -> Plan:
    """Return what is rehearsed in the database of this environment, which is as the source is.

    Without a source the tool's own migrations make the database: all but the last one, or those up to `since`. Raises `Misuse` if
    there is nothing to rehearse.
    """
    if at_work is None:
        step = Step("", asked.migrate, asked.rollback)
        return Plan((), (step,), step)
    every = at_work.steps(environment)
    if not every:
        raise Misuse(f"{at_work.title} has no migrations here")
    done = at_work.applied(environment, every) if asked.source else frozenset()
    is_told = done or not asked.source or asked.since or not (at_work.row.applied or at_work.row.books)
    notes = () if is_told else (_none_applied(at_work, every),)
    waiting = [step for step in every if step.revision not in done]
    first = _first(asked, every, waiting, at_work)
    before, steps = tuple(waiting[:first]), tuple(waiting[first:])
    if asked.source and asked.since:
        before = ()  # the source has them, whatever the tool's books say
    return Plan(before, steps, at_work.whole(steps, to_head=True), notes)


def _first(asked: Rehearsal, every: Sequence[Step], waiting: Sequence[Step], at_work: Tool) -> int:
    if not waiting:
        raise Misuse(
            f"all {counted(len(every), 'migration')} of {at_work.title} are applied in the source, so there is nothing to"
            " rehearse: take a source from before the migration"
        )
    if asked.since is None:
        return 0 if asked.source or asked.every_step else len(waiting) - 1
    found = [number for number, step in enumerate(waiting) if _is(step, asked.since)]
    if len(found) != 1 or found[0] + 1 == len(waiting):
        raise Misuse(
            f"--since {asked.since}: name one of {', '.join(step.revision for step in waiting[:-1]) or 'none'}"
        )
    return found[0] + 1


def _is(step: Step, wanted: str) -> bool:
    return wanted in (step.revision, step.title) or step.revision.startswith(f"{wanted}_")


def _none_applied(at_work: Tool, every: Sequence[Step]) -> str:
    return (
        f"nothing in the source tells which migrations are applied ({at_work.title}), so {counted(len(every), 'migration')}"
        f" {'is' if len(every) == 1 else 'are'} taken for new; --since REVISION says which is the last one that the source has"
    )
