"""The sections of `rollproof.toml`: what a migration keeps, writes and changes, and what is known of single tables."""

import re
from typing import Annotated, ClassVar, Literal

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.names import is_type, requoted, typed

OrderRule = Literal["ignore", "warn", "compare"]


class _Naming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What names tables or columns as SQL writes them; PostgreSQL's majors differ in what they quote, and we take either."""

    names: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in self.names:
            value = getattr(self, field)
            told = typed(value) if isinstance(value, str) else tuple(map(typed, value))
            msgspec.structs.force_setattr(self, field, told)


def _named(path: str, parts: int) -> str:
    """Return a path of so many names quoted anew; a `ValueError`, unlike `Misuse`, is told with its place in the file."""
    try:
        return requoted(path, parts)
    except Misuse as error:
        raise ValueError(str(error)) from error


class Backup(_Naming, frozen=True):
    """Where the migration keeps its copies; `tables` are the ones it copies, by default those that it changes.

    `role` is the one that will roll back, and must be able to read them; by default the copies' owner.
    """

    names = ("tables",)
    schema: str = "migration_backup"
    table: str = "{table}_backup"
    tables: tuple[str, ...] = ()
    role: str | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if strange := set(re.findall(r"\{(.*?)\}|[{}]", self.table)) - {"table", "schema"}:
            raise ValueError(f"`table` may hold {{table}} and {{schema}} in braces, not {min(strange)!r}")


class Log(_Naming, frozen=True):
    """The migration tool's own log and the words it uses; the defaults are vibes' own.

    `harmless_steps` are the steps (where a row names none, the operations) that change no table.
    """

    names = ("table",)
    table: str = "public.migration_log"
    migration_column: str = "migration"
    migration: str | None = None
    operation_column: str = "operation"
    rollback_value: str = "rollback"
    step_column: str = "step"
    harmless_steps: tuple[str, ...] = (
        "backup",
        "preflight",
        "status",
        "validate",
        "validate_schema",
        "validate_rollback",
    )
    status_column: str = "status"
    completed_value: str = "completed"
    failed_values: tuple[str, ...] = ("failed",)
    started_column: str = "started_at"
    finished_column: str = "finished_at"

    def __post_init__(self) -> None:
        super().__post_init__()
        msgspec.structs.force_setattr(self, "table", _named(self.table, 2))


class TypeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"before": "from", "after": "to"}):
    """Two types as PostgreSQL spells them (`character varying(36)`)."""

    before: str
    after: str

    def __post_init__(self) -> None:
        if not is_type(self.after):
            raise ValueError(f"{self.after!r} is not a type as PostgreSQL spells it")


class Migration(_Naming, frozen=True):
    """What the migration changes on purpose; by default the types that differ from the reference, and whatever is new.

    It turns the first of each of the `types` into the second, in `columns`, or else in `tables` (by default all); it may write
    what it likes into `columns` and, where no types are named, do what it likes with the columns of `tables`. `rollback_command`
    undoes it; `free_bytes` is the room on the server's disk, which SQL cannot see; a transaction that lasts more than
    `longest_transaction` seconds is in the way.
    """

    names = ("tables", "columns", "adds", "drops")
    types: TypeChange | tuple[TypeChange, ...] = ()
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    rollback_command: str | None = None
    free_bytes: Annotated[int, msgspec.Meta(ge=0)] | None = None
    longest_transaction: Annotated[float, msgspec.Meta(gt=0)] = 60.0

    @property
    def turns(self) -> dict[str, str]:
        """Which type becomes which."""
        every = self.types if isinstance(self.types, tuple) else (self.types,)
        return {each.before: each.after for each in every}

    def may_write(self, table: str, column: str) -> bool:
        """Tell whether the values of an old column may change on purpose; that another type spells them otherwise is not meant."""
        return f"{table}.{column}" in self.columns or self.announces(table)

    def announces(self, table: str) -> bool:
        """Tell whether whatever happens to the columns of a table, and rows that are added, happens on purpose."""
        return not self.types and table in self.tables


class ForeignKey(_Naming, frozen=True):
    """A relation the database does not enforce but the application relies on; names as SQL writes them."""

    names = ("table", "columns", "references", "referenced_columns")
    table: str
    columns: tuple[str, ...]
    references: str
    referenced_columns: tuple[str, ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        for table in (self.table, self.references):
            _named(table, 2)
        for column in (*self.columns, *self.referenced_columns):
            _named(column, 1)
        if not 0 < len(self.columns) == len(self.referenced_columns):
            raise ValueError("`columns` and `referenced_columns` are as many, and at least one")


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query whose plan is to be what it was; tables in it are written with their schema."""

    name: str
    sql: str


class TableRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known about one table; its `column_order` counts more than the project's."""

    may_grow: bool = False
    column_order: OrderRule | None = None
