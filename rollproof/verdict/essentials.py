"""What each phase cannot do without: where it was not checked, nobody may call the phase well. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Essential:
    """One question that a phase exists to answer, and the checks of which one at least must have answered it.

    `what` is the question as a sentence goes on after "nobody can say", `way` how an answer can be had.
    """

    what: str
    checks: tuple[str, ...]
    way: str


_COPIES = "name the migration's copies under [backup] in rollproof.toml, in this database"
_OF_CONTENT = "take the reference with rows of the tables: a baseline, a database, a dump, or the migration's copies"

ESSENTIALS: Mapping[str, tuple[Essential, ...]] = MappingProxyType(
    {
        "pre_migration": (
            Essential(
                "whether the database is what the baseline will say", ("baseline",), "name the file with --reference"
            ),
            Essential("whether rows lead nowhere already", ("orphans",), "let the role read the tables"),
            Essential(
                "whether somebody is in the way",
                ("blocking_sessions",),
                "let the role see the sessions (pg_read_all_stats)",
            ),
        ),
        "post_migration": (
            Essential(
                "whether the rows are still what they were",
                ("migrated_rows", "untouched_rows"),
                f"{_COPIES}, and pass a baseline from before the migration",
            ),
            Essential(
                "whether the migration took something away",
                ("nothing_lost",),
                "pass a baseline from before the migration (--reference baseline.json)",
            ),
            Essential("whether rows lost what they refer to", ("orphans",), "let the role read the tables"),
            Essential(
                "whether every table is migrated",
                ("table_states",),
                "pass a baseline from before the migration, or name the copies under [backup] in rollproof.toml",
            ),
        ),
        "pre_rollback": (
            Essential("what the rollback would restore from", ("backup",), _COPIES),
            Essential("what the rollback would lose", ("at_risk",), _COPIES),
            Essential(
                "what the migration did, and whether it still runs",
                ("migration_log",),
                "name the migration tool's log under [log] in rollproof.toml",
            ),
            Essential(
                "whether the rollback can be called",
                ("rollback_command",),
                "name the command as rollback_command under [migration] in rollproof.toml",
            ),
        ),
        "post_rollback": (
            Essential("whether every row is there again", ("rows",), _OF_CONTENT),
            Essential("whether the rows are the same", ("content",), _OF_CONTENT),
        ),
    }
)


def missing(phase: str, wanted: Collection[str], answered: Collection[str]) -> tuple[Essential, ...]:
    """Return the essentials of a phase that nobody answered.

    `wanted` are the checks of this run and `answered` those that came to a finding: who leaves out all the checks of an
    essential knows it, and the verdict says that it is of a part.
    """
    return tuple(
        essential
        for essential in ESSENTIALS[phase]
        if set(essential.checks) & set(wanted) and not set(essential.checks) & set(answered)
    )
