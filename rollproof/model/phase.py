"""The four moments at which a migration is verified: all that depends on the phase of a run, in one table. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

LogEntry = Literal["migration to come", "migration completed", "migration to undo", "rollback completed"]
TableState = Literal["original", "migrated", "either"]
Step = Literal["migrate", "stop", "rollback"]

ONE_PROCESS = (
    "-n, -f: a phase is verified by one process, which sees one instant: leave them out, or add -n 0 where they are in addopts; "
    "--jobs says how many sessions read it"
)
"""What is said of pytest-xdist's options."""

PARTLY = "PARTLY "
"""What stands before a good word where a run was narrowed."""

_COPIES = "name the migration's copies under [backup] in rollproof.toml, in this database"
_CONTENT = "take the reference with rows of the tables: a baseline, a database, a dump, or the migration's copies"


@dataclass(frozen=True)
class Essential:
    """A question without whose answer a phase is INCONCLUSIVE; one of its `checks` must have answered it.

    `what` is the question as a sentence goes on after "nobody can say", `way` how an answer can be had.
    """

    what: str
    checks: tuple[str, ...]
    way: str


@dataclass(frozen=True)
class Phase:
    """When a verification is made, relative to a migration and its rollback, and what is expected then.

    `good` and `bad` are the verdict's words, each with the sentence that explains it. The migration's log should end with
    `log`; every table that the migration changes should have the types of `tables`. `next_step` is what the phase is to
    clear the way for. A rehearsal takes `steps` to get there; a step "stop" ends what writes.
    """

    name: str
    when: str
    good: str
    good_sentence: str
    bad: str
    bad_sentence: str
    essentials: tuple[Essential, ...]
    log: LogEntry
    tables: TableState
    next_step: Literal["migration", "rollback"] | None = None
    steps: tuple[Step, ...] = ()
    writes_baseline: bool = False  # it is held against no reference: it makes one
    asks_pg_dump: bool = False  # if all of its checks are run
    recommends: bool = False  # it ends in a recommendation: roll back or not

    def __str__(self) -> str:
        return self.name

    def missing(self, wanted: Collection[str], answered: Collection[str]) -> tuple[Essential, ...]:
        """Return the essentials that no check answered.

        `wanted` are the checks of this run and `answered` those that came to a finding: who leaves out all the checks of an
        essential knows it, and the verdict says that it is of a part.
        """
        return tuple(
            essential
            for essential in self.essentials
            if set(essential.checks) & set(wanted) and not set(essential.checks) & set(answered)
        )


_ALL = (
    Phase(
        name="pre_migration",
        when="before the migration starts",
        good="READY",
        good_sentence="nothing was found that stands in the migration's way",
        bad="NOT READY",
        bad_sentence="the migration should not begin yet",
        essentials=(
            Essential(
                "whether a baseline of the database was written", ("baseline",), "name the file with --reference"
            ),
            Essential("whether there are rows without a parent row", ("orphans",), "let the role read the tables"),
            Essential(
                "whether other sessions stand in the way",
                ("blocking_sessions",),
                "let the role see the sessions (pg_read_all_stats)",
            ),
        ),
        log="migration to come",
        tables="original",
        next_step="migration",
        writes_baseline=True,
    ),
    Phase(
        name="post_migration",
        when="after the migration, before anyone thinks of a rollback",
        good="MIGRATED",
        good_sentence="the migration did what it should",
        bad="PROBLEMS FOUND",
        bad_sentence="the migration did not do what it should, or not all of it",
        essentials=(
            Essential(
                "whether the rows are still what they were",
                ("migrated_rows", "untouched_rows"),
                f"{_COPIES}, and pass a baseline from before the migration",
            ),
            Essential(
                "whether the migration took away definitions",
                ("nothing_lost",),
                "pass a baseline from before the migration (--reference baseline.json)",
            ),
            Essential("whether rows lost their parent row", ("orphans",), "let the role read the tables"),
            Essential(
                "whether every table is migrated",
                ("table_states",),
                "pass a baseline from before the migration, or name the copies under [backup] in rollproof.toml",
            ),
        ),
        log="migration completed",
        tables="migrated",
        steps=("migrate",),
        recommends=True,
    ),
    Phase(
        name="pre_rollback",
        when="before the rollback starts",
        good="READY",
        good_sentence="nothing was found that stands in the rollback's way",
        bad="NOT READY",
        bad_sentence="the rollback should not begin yet",
        essentials=(
            Essential("what the rollback would restore from", ("backup",), _COPIES),
            Essential("what the rollback would lose", ("at_risk",), _COPIES),
            Essential(
                "what the migration did, and whether it still runs",
                ("migration_log",),
                "name the migration tool's log under [log] in rollproof.toml",
            ),
            Essential(
                "whether the rollback can be started",
                ("rollback_command",),
                "name the command as rollback_command under [migration] in rollproof.toml",
            ),
        ),
        log="migration to undo",
        tables="either",
        next_step="rollback",
        steps=("migrate", "stop"),
    ),
    Phase(
        name="post_rollback",
        when="after the rollback",
        good="VERIFIED",
        good_sentence="all that was checked is as it was",
        bad="NOT RESTORED",
        bad_sentence="the rollback did not put the database back",
        essentials=(
            Essential("whether every row is there again", ("rows",), _CONTENT),
            Essential("whether the rows are the same", ("content",), _CONTENT),
        ),
        log="rollback completed",
        tables="original",
        steps=("migrate", "rollback"),
        asks_pg_dump=True,
    ),
)

PHASES: Mapping[str, Phase] = MappingProxyType({phase.name: phase for phase in _ALL})
"""Every phase by its name, in the order in which they come."""

BEFORE_ROLLBACK = next(phase.name for phase in _ALL if phase.next_step == "rollback")
"""The phase that clears the way for a rollback."""

DEFAULT_PHASE = PHASES["post_rollback"]
"""What `rollproof verify` verifies unless another phase is named."""
