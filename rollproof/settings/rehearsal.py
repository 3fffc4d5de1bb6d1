"""The sections `[rehearsal]`, `[drill]` and `[runbook]` of `rollproof.toml`: which migration is rehearsed, how, and how often."""

from typing import Annotated

import msgspec

_More = Annotated[float, msgspec.Meta(gt=0)]
_Number = Annotated[int, msgspec.Meta(gt=0)]


class Rehearsal(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `rollproof rehearse` is asked to do; each key is also an option of the command.

    `source` is what the throw-away database is made of: a database's URL, a dump, an SQL file, `command:COMMAND`, or nothing,
    where the tool's own first migrations make it. `migrate` and `rollback` are shell commands; with a `tool` of
    `rehearsal/tools/tools.toml` they need not be named. Its files are in the folder `migrations`; those up to `since` are not
    rehearsed. `env` are further variables of the commands, in which `{url}`, `{host}`, `{port}`, `{user}`, `{password}` and
    `{database}` are the throw-away database's. `step_timeout` is in seconds, for each command.

    Doors: `statements` and `new_statements` say where those of the old and the new application are found (a file,
    `pg_stat_statements`, `log`, `log:FILE`), each as `application_role` unless they name another; `old_application` and
    `new_application` are commands that test them. Of `require_doors` each is a pair (`old/new`: old application, new schema).
    """

    source: str | None = None
    schema_only: bool = False
    sample: _Number | None = None
    fill: Annotated[int, msgspec.Meta(ge=0)] = 20
    tool: str | None = None
    migrations: str | None = None
    since: str | None = None
    migrate: tuple[str, ...] = ()
    rollback: tuple[str, ...] = ()
    env: dict[str, str] = {}
    every_step: bool = False
    matrix: tuple[str, ...] = ()
    traffic: str | None = None
    traffic_from: str | None = None
    traffic_seconds: _More = 10.0
    contend: bool = False
    crash: bool = False
    crash_sample: _Number | None = None
    max_rollback_seconds: _More | None = None
    max_lock_seconds: _More | None = None
    max_wal_bytes: _Number | None = None
    step_timeout: _More = 3600.0
    keep: bool = False
    statements: tuple[str, ...] = ()
    new_statements: tuple[str, ...] = ()
    application_role: str | None = None
    old_application: tuple[str, ...] = ()
    new_application: tuple[str, ...] = ()
    require_doors: tuple[str, ...] = ()

    @property
    def asks_doors(self) -> bool:
        """Whether anybody asks which application lives on which schema."""
        return bool(self.statements or self.new_statements or self.old_application or self.new_application)

    @property
    def is_crashed(self) -> bool:
        """Whether the connection is cut, anywhere or at some places."""
        return self.crash or self.crash_sample is not None

    def __repr__(self) -> str:
        return "Rehearsal(…)"  # a source may hold a password


class Drill(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often the rollback must have been rehearsed (`max_age`, as `30d`), and how long it may take (`rto_seconds`).

    `name` is what this project is called in the records of drills, by default the folder's name; `sign` is the file of a key.
    """

    max_age: str | None = None
    rto_seconds: _More | None = None
    name: str | None = None
    sign: str | None = None


class Runbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the runbook is written (`output`, a folder), and the migration tool's commands that it names.

    `status` tells the state, `partial` rolls back some tables, `emergency` rolls back by force, `restore` restores a dump from
    before the migration. rollproof prints them, and runs none.
    """

    output: str | None = None
    status: str | None = None
    partial: str | None = None
    emergency: str | None = None
    restore: str | None = None

    def __repr__(self) -> str:
        return "Runbook(…)"  # a command may hold a password
