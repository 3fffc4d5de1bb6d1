"""The sections of `rollproof.toml`: what a migration keeps, writes and changes, and what is known of single tables."""

import re
from typing import Annotated, ClassVar, Literal

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.names import is_type, requoted, typed

OrderRule = Literal["ignore", "warn", "compare"]


class _Naming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section whose `names` are identifiers as SQL writes them, with the quotes that one major wants and another does not."""

    names: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in self.names:
            value = getattr(self, field)
            told = typed(value) if isinstance(value, str) else tuple(map(typed, value))
            msgspec.structs.force_setattr(self, field, told)


def _named(path: str, parts: int) -> str:
    """Return a dotted name of so many parts, quoted as PostgreSQL quotes it; a `ValueError` is told with its place in the file."""
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
    """The table in which the migration tool logs its work: its columns, and the words in them; the defaults are those of vibes.

    `harmless_steps` are steps that change no table (operations, in a row that names no step).
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
    """A change of types, as PostgreSQL spells both (`character varying(36)`)."""

    before: str
    after: str

    def __post_init__(self) -> None:
        if not is_type(self.after):
            raise ValueError(f"{self.after!r} is not a type as PostgreSQL spells it")


class Migration(_Naming, frozen=True):
    """What the migration changes on purpose; by default the types that differ from the reference, and whatever is new.

    Each of the `types` is changed in `columns`; if none are named in `tables`; by default in all tables. Values in `columns` may
    change. Where no types are named, the columns of `tables` may change in any way. `adds` and `drops` are objects that come and
    go. `rollback_command` undoes it all; `free_bytes` is the free space on the server's disk, which SQL cannot ask for; a
    transaction that has lasted more than `longest_transaction` seconds stands in the way.
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
        """Type before → type after."""
        every = self.types if isinstance(self.types, tuple) else (self.types,)
        return {each.before: each.after for each in every}

    def may_write(self, table: str, column: str) -> bool:
        """Whether the migration may change the values of a column that was there before, beyond how another type spells them."""
        return f"{table}.{column}" in self.columns or self.announces(table)

    def announces(self, table: str) -> bool:
        """Whether the columns of a table may change in any way, and rows may be added."""
        return not self.types and table in self.tables


class ForeignKey(_Naming, frozen=True):
    """A foreign key that the database does not enforce but the application relies on; names as SQL writes them."""

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
            raise ValueError("`columns` and `referenced_columns` must have the same number of names, at least one")


class Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query whose plan must stay what it was; tables in it are written with their schema."""

    name: str
    sql: str


class Query(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A query whose result must be what it was, in the same order if it is `ordered`; tables are written with their schema."""

    name: str
    sql: str
    ordered: bool = False


class Lookups(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Look-ups by keys whose plans are compared: of the `tables` largest tables that have at least `rows` rows."""

    tables: Annotated[int, msgspec.Meta(ge=0)] = 200
    rows: Annotated[int, msgspec.Meta(ge=1)] = 10_000


class TableRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Rules for one table; its `column_order` overrides the general one."""

    may_grow: bool = False
    column_order: OrderRule | None = None
