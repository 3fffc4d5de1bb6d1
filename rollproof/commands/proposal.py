"""A `rollproof.toml` for a database that was looked at; what is a mere guess is a comment, and each thing has its reason."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from rollproof.commands.guesses import (
    MANY_ROWS,
    Growth,
    beside,
    copies,
    growth,
    logs,
    textual_keys,
    unenforced_keys,
)
from rollproof.commands.survey import SMALL, Survey, Table, holds_uuids, kept, objection, words_in
from rollproof.model.amounts import counted
from rollproof.model.names import sql_name
from rollproof.model.toml_text import comment, text, texts
from rollproof.server.reader import SnapshotReader
from rollproof.settings.sections import ForeignKey, Log

_FEW = 4  # values that stand on one line
_MOST = 30  # guesses of one kind; more are no help
_WORDS: Mapping[str, tuple[str, ...]] = {
    "rollback_value": ("rollback", "ROLLBACK", "rolled_back", "down", "DOWN", "downgrade", "revert", "undo", "UNDO"),
    "completed_value": (
        "completed",
        "COMPLETED",
        "complete",
        "success",
        "SUCCESS",
        "succeeded",
        "done",
        "DONE",
        "ok",
        "OK",
    ),
    "failed_values": ("failed", "FAILED", "failure", "error", "ERROR", "aborted", "ABORTED"),
}
_OF_COLUMN = {
    "rollback_value": "operation_column",
    "completed_value": "status_column",
    "failed_values": "status_column",
}
_WAYS_BACK = {
    "Alembic": "alembic downgrade -1",
    "Django": "python manage.py migrate APP PREVIOUS",
    "Flyway": "flyway undo",
    "Liquibase": "liquibase rollback-count 1",
    "golang-migrate": "migrate down 1",
    "Rails": "bin/rails db:rollback",
    "goose": "goose down",
    "Knex": "knex migrate:rollback",
    "Ecto": "mix ecto.rollback",
}
_GROWING: Mapping[Growth, str] = {
    "name and counters": f"its name, and {MANY_ROWS:,} inserts or more without an update or a delete, say that rows are only added",
    "name": "its name says that rows may be added; nothing else does, so it is compared like any other until you say so",
    "counters": f"{MANY_ROWS:,} inserts or more without an update or a delete; its name says nothing, so nothing is assumed",
}


@dataclass(frozen=True)
class Section:
    """Lines of the file under the reasons for them; lines that do not `count` are written as comments."""

    reasons: tuple[str, ...]
    lines: tuple[str, ...] = ()
    counts: bool = True

    def __str__(self) -> str:
        told = [comment(reason) for reason in self.reasons]
        return "\n".join([*told, *(line if self.counts else f"# {line}" for line in self.lines)])


def proposal(view: SnapshotReader, found: Survey) -> list[Section]:
    """Return the sections of the file, in order; `view` is asked about a few tables. Raises `Inconclusive` if the time is over."""
    backup = copies(found.tables)
    copied = backup.backup.schema if backup else ""
    own = tuple(table for table in found.tables if table.schema != copied and not table.is_part)
    sections = [_scope(own), *_backup(found), *_log(view, own), *_books(own), *_growing(own), *_migration(view, own)]
    return [*sections, *_foreign_keys(view, own)]


def _array(name: str, values: list[str]) -> Iterator[str]:
    """Yield the lines of an array: a line for each value where there are more than a few."""
    if len(values) <= _FEW:
        yield f"{name} = {texts(values)}"
        return
    yield f"{name} = ["
    yield from (f"    {text(value)}," for value in values)
    yield "]"


def _scope(own: Iterable[Table]) -> Section:
    schemas = sorted({table.schema for table in own})
    why = "compared is every schema but the system's and the backup's; to name them instead:"
    return Section((why,), (f"schemas = {texts(schemas or ['public'])}",), counts=False)


def _backup(found: Survey) -> Iterator[Section]:
    if guess := copies(found.tables):
        backup, of = guess.backup, sorted(table.quoted for table in guess.of)
        besides = f"; {counted(guess.besides, 'table')} there named after none" if guess.besides else ""
        reasons = (
            f"{counted(len(of), 'table')} of the schema {backup.schema} with names and columns of others: the copies{besides}",
            "if they are of an older migration than the one that is verified, take this out",
        )
        lines = (
            "[backup]",
            f"schema = {text(backup.schema)}",
            f"table = {text(backup.table)}",
            *_array("tables", of),
        )
        yield Section(reasons, lines)
    else:
        why = "no schema looks like the migration's own copies of tables; where it will keep them:"
        yield Section((why,), ("[backup]", 'schema = "migration_backup"', 'table = "{table}_backup"'), counts=False)
    for copy, original in [*beside(found.tables)][:_MOST]:
        yield Section(
            (f"{copy.quoted} looks like a copy of {original.quoted}; beside it, it is compared as a table of its own",)
        )


def _log(view: SnapshotReader, own: Iterable[Table]) -> Iterator[Section]:
    found = [*logs(own)]
    if not found:
        why = "no table looks like a migration tool's log of what it did and undid; the log of your tool:"
        yield Section((why,), ("[log]", f"table = {text(Log().table)}"), counts=False)
    for place, named in enumerate(found[:_MOST]):
        log, lines = _worded(view, named)
        trouble = objection(view, log)
        reasons = [f"{log.table} has a log's name and columns"]
        if trouble:
            reasons.append(f"not read yet, because a verification after a rollback would object now: {trouble}")
        if trouble and log == Log():
            reasons.append(
                "that table is read in any case, because nothing else is said: so this is no matter of this file"
            )
        yield Section(tuple(reasons), lines, counts=not trouble and place == 0)


def _worded(view: SnapshotReader, named: Log) -> tuple[Log, tuple[str, ...]]:
    """Return the log with the words that stand in it, and its lines: those that are not the default."""
    given: dict[str, object] = {name: getattr(named, name) for name in ("table", *_OF_COLUMN.values(), *_TIMES)}
    for field, words in _WORDS.items():
        if found := words_in(view, named.table, sql_name(getattr(named, _OF_COLUMN[field])), words):
            given[field] = found if field == "failed_values" else found[0]
    default = Log()
    differing = [name for name in given if name == "table" or given[name] != getattr(default, name)]
    lines = (
        f"{name} = {texts(value) if isinstance(value := given[name], tuple) else text(str(value))}"
        for name in differing
    )
    return Log(**given), ("[log]", *lines)  # type: ignore[arg-type] # texts, and tuples where such are wanted


_TIMES = ("migration_column", "started_column", "finished_column")


def _books(own: Iterable[Table]) -> Iterator[Section]:
    tools: dict[str, list[Table]] = {}
    for table in own:
        if table.books:
            tools.setdefault(table.books.tool, []).append(table)
    for tool, tables in tools.items():
        names = ", ".join(table.quoted for table in tables)
        histories = [table for table in tables if table.books and table.books.history]
        told = f"{tool} keeps its books in {names}"
        if histories:
            lines = tuple(line for table in histories for line in _may_grow(table))
            yield Section((f"{told}: a rollback adds rows and takes none away",), lines)
        else:
            yield Section((f"{told}: after a rollback they are as they were, and are compared",))


def _may_grow(table: Table) -> tuple[str, str]:
    return f"[tables.{text(table.quoted)}]", "may_grow = true"


def _growing(own: Iterable[Table]) -> Iterator[Section]:
    logging = {log.table for log in logs(own)}
    plain = [table for table in own if not table.books and table.quoted not in logging]
    guesses = [(why, table) for table in plain if (why := growth(table))]
    for why, table in sorted(guesses, key=lambda each: (each[0] != "name and counters", each[1].quoted))[:_MOST]:
        yield Section((f"{table.quoted}: {_GROWING[why]}",), _may_grow(table), counts=why == "name and counters")


def _migration(view: SnapshotReader, own: Iterable[Table]) -> Iterator[Section]:
    """Yield what the migration may be about, in one section: the keys that may become uuid, and the way back."""
    reasons, lines = [], []
    if changes := _turned(view, own):
        told = "; ".join(f"{kind} in {', '.join(tables)}" for kind, tables in changes.items())
        reasons.append(f"keys that hold UUIDs as text: {told}; if the migration makes uuid of them, say so:")
        turns = [f'{{ from = {text(kind)}, to = "uuid" }}' for kind in changes]
        lines += [f"types = [{', '.join(turns)}]", *_array("tables", sorted(chain.from_iterable(changes.values())))]
    tools = {table.books.tool for table in own if table.books} & _WAYS_BACK.keys()
    if tools:
        reasons.append("how it is rolled back, so that the phase before a rollback can look whether that can begin:")
        lines += [f"rollback_command = {text(_WAYS_BACK[tool])}" for tool in sorted(tools)[:1]]
    if lines:
        yield Section(tuple(reasons), ("[migration]", *lines), counts=False)


def _turned(view: SnapshotReader, own: Iterable[Table]) -> dict[str, list[str]]:
    """Return type of the key → tables, of those whose keys are texts that hold UUIDs."""
    found: dict[str, list[str]] = {}
    for table, column, kind in [*textual_keys(own)][:_MOST]:
        if holds_uuids(view, table.quoted, sql_name(column)):
            found.setdefault(kind, []).append(table.quoted)
    return found


def _foreign_keys(view: SnapshotReader, own: Iterable[Table]) -> Iterator[Section]:
    guesses = [*unenforced_keys(own)][:_MOST]
    true = kept(view, [foreign for table, foreign in guesses if table.pages <= SMALL])
    for _, foreign in guesses:
        if true.get(foreign, True):
            seen = "every row has its parent row now" if foreign in true else "its rows were not looked at"
            named = f"{foreign.table} ({', '.join(foreign.columns)}) is named after {foreign.references}"
            yield Section((f"{named}, and no foreign key says so; {seen}",), _foreign_key(foreign), counts=False)


def _foreign_key(foreign: ForeignKey) -> tuple[str, ...]:
    return (
        "[[foreign_key]]",
        f"table = {text(foreign.table)}",
        f"columns = {texts(foreign.columns)}",
        f"references = {text(foreign.references)}",
        f"referenced_columns = {texts(foreign.referenced_columns)}",
    )
