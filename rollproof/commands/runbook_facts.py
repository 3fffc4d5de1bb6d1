"""What a runbook needs to know, asked once: of the baseline, of the database, of the configuration, of the records of drills."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cached_property
from shlex import quote
from typing import Any

from rollproof.commands.drill_records import now, project
from rollproof.commands.recreation import Recreation
from rollproof.commands.request import Effective
from rollproof.commands.runbook_settings import application, commands, last_drill, people, url_of
from rollproof.commands.verification import Opening, Verification, key_of, recorded
from rollproof.migration.log_table import columns_of
from rollproof.migration.row_fate import primary_keys
from rollproof.migration.table_states import types_of
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.names import schema_of, sql_name, table_of, unquoted
from rollproof.model.provenance import SHORT, in_digits
from rollproof.model.timestamps import shown
from rollproof.probes.foreign_keys import Relationship, query, relationships
from rollproof.repair import script as printed
from rollproof.report.runbook.document import code, word
from rollproof.report.runbook.known import MOST, Known, KnownKey, KnownLog, KnownTable
from rollproof.rows.tables import Relation, relations
from rollproof.server.connection import Target
from rollproof.settings.configuration import Configured
from rollproof.settings.sections import Backup, Log
from rollproof.sources.recorded import Recorded
from rollproof.sources.source import Source
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.deadline import Deadline

_PAGE = 8192
_TOLD = ("columns", "constraints", "foreign_keys", "views")
"""The facets that a runbook tells by itself."""
_NOTHING = (
    "a runbook is of a database, or of a baseline: pass --database-url, or --reference with a baseline that is there\n"
    "`rollproof capture` takes a baseline"
)


@dataclass(frozen=True)
class Sources:
    """Where facts come from: the baseline if there is one, the database if one is named; at least one of them."""

    asked: Configured
    baseline: Recorded | None
    sides: Verification | None

    @property
    def definitions(self) -> Source:
        """What knows the definitions from before the migration, as well as anything does."""
        found = self.baseline or (self.sides and self.sides.after)
        assert found, "one of them is there"
        return found

    @cached_property
    def sizes(self) -> Mapping[str, Relation]:
        """Tables of the database with their pages and the planner's estimate of their rows; none without a database."""
        if not self.sides:
            return {}
        view = self.sides.after.view
        schemas = sorted({unquoted(schema_of(each)) for each in self.sides.after.tables})
        return view.ask(lambda connection: relations(connection, schemas))

    @cached_property
    def missing(self) -> Mapping[str, str]:
        """Facets that nobody could read, or that an old baseline lacks, each with the reason."""
        found = {}
        for facet in _TOLD:
            try:
                self.definitions.known(facet, EVERYTHING)
            except Inconclusive as error:
                found[facet] = str(error)
        return found

    def facts(self, facet: str) -> Mapping[str, str]:
        """Return what is known of one of the facets that a runbook tells; nothing of a missing one."""
        return {} if facet in self.missing else self.definitions.known(facet, EVERYTHING).facts

    @cached_property
    def keys(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of each table's primary key."""
        return {} if "constraints" in self.missing else primary_keys(self.definitions)


def opened(asked: Configured, keep: ExitStack, deadline: Deadline, tell: Callable[[str], None]) -> Sources:
    """Return what can be asked; sessions end with `keep`.

    Raises `Misuse` if neither a database nor a baseline is there, `Inconclusive` if the database gives no answer.
    """
    settings, reference = asked.settings, asked.reference
    is_there = reference.kind == "baseline" and (settings.reference or reference.path.exists())
    baseline = recorded(reference, allow_empty=settings.allow_empty, key=key_of(settings)) if is_there else None
    if not baseline and not settings.database_url:
        raise Misuse(_NOTHING)
    sides = None
    if settings.database_url:
        sides = Opening(settings, None, None, deadline=deadline, tell=tell).verification()
        keep.callback(sides.close)
        sides.copies.adopt(baseline.tables if baseline else sides.after.tables)
    return Sources(asked, baseline, sides)


def known(of: Sources) -> tuple[Known, tuple[str, ...]]:
    """Return what the runbook tells, and the script that makes the schema again."""
    drill, refused = last_drill(of.asked)
    made = _recreation(of)
    tables = important_first(tuple(_tables(of)))
    place = {each.name: number for number, each in enumerate(tables)}
    keys = tuple(sorted(_keys(of), key=lambda each: place.get(each.table, len(place))))
    found = Known(
        written=shown(now()),
        **_names(of),
        **_configured(of.asked),
        tables=tables,
        keys=keys,
        views=tuple(sorted(of.facts("views"))),
        constraints=of_important(_constraints(of, made), place),
        types=tuple(sorted(_types(of, keys), key=lambda each: place[each[0]])),
        recreates=len(made.plan.steps),
        log=_log(of),
        drill=drill,
        unknown=tuple(_unknown(of)),
        refused=refused,
    )
    return found, _script(of, made)


def _configured(asked: Configured) -> dict[str, Any]:
    settings = asked.settings
    return {
        "project": project(asked),
        "backup_schema": (settings.backup or Backup()).schema,
        "commands": commands(settings),
        "application": application(settings),
        "people": people(settings),
        "metrics_file": settings.metrics_file,
        "max_age": settings.drill.max_age,
        "rto_seconds": settings.drill.rto_seconds,
        "report_dir": settings.report_dir,
    }


def _unknown(of: Sources) -> Iterator[str]:
    if not of.baseline:
        yield "What was before the migration: no baseline was at hand, so tables and statements are as they are now."
    if not of.sides:
        yield "What is now: no database was asked, so sizes are not known; copies and the log are as configured."
    elif not of.sides.copies.tables:
        yield f"Copies of the tables: there are none in the schema {code(of.sides.copies.schema)}."
    yield from (word(f"{facet}: {reason}") for facet, reason in of.missing.items())


def _names(of: Sources) -> dict[str, Any]:
    """Return what the database and the reference are called, and which options say so."""
    settings, baseline = of.asked.settings, of.baseline
    target = Target.parse(settings.database_url) if settings.database_url else None
    origin = baseline.origin if baseline else None
    of_origin = f"{origin.role}@{origin.host}:{origin.port}/{origin.database}" if origin and origin.host else ""
    file = of.asked.file
    return {
        "database": str(target) if target else of_origin or (origin.database if origin else ""),
        "url": url_of(target) if target else f"postgresql://{of_origin or 'USER@HOST/DATABASE'}",
        "version": in_digits(of.definitions.version) if not of.sides else in_digits(of.sides.after.version),
        "reference": str(of.asked.reference.where) if baseline else "",
        "reference_told": f"of {shown(origin.taken)}, SHA-256 {baseline.sha256[:SHORT]}…"
        if baseline and origin
        else "",
        "is_original": baseline is not None,
        "options": f"--rollproof-config {quote(str(file))}" if file and file.name != "rollproof.toml" else "",
    }


def _tables(of: Sources) -> Iterator[KnownTable]:
    counted = of.baseline.recorded.get("rows", {}) if of.baseline else {}
    for name in of.definitions.tables:
        there = of.sizes.get(name)
        estimate = there.tuples if there and there.tuples is not None and there.tuples >= 0 else None
        yield KnownTable(
            name,
            rows=int(counted[name]) if name in counted else estimate,
            is_counted=name in counted,
            bytes=there.pages * _PAGE if there and there.pages >= 0 else None,
            copy=_copy(name, of),
            key=of.keys.get(name, ()),
        )


def _copy(table: str, of: Sources) -> str:
    """Return the copy of a table, "" if there is none; where no database was asked, the one that is configured."""
    if of.sides:
        found = of.sides.copies.copy_of(table)
        return found.name if found else ""
    backup = of.asked.settings.backup
    if not backup or (backup.tables and table not in backup.tables):
        return ""
    schema = schema_of(table)
    words = {"{table}": unquoted(table.removeprefix(f"{schema}.")), "{schema}": unquoted(schema)}
    name = re.sub(r"\{(?:table|schema)\}", lambda found: words[found.group()], backup.table)
    return f"{sql_name(backup.schema)}.{sql_name(name)}"


def _keys(of: Sources) -> Iterator[KnownKey]:
    found = relationships([of.facts("foreign_keys")], of.asked.settings.foreign_key)
    for name, key in sorted(found.items()):
        yield KnownKey(name, key.table, key.columns, key.references, _orphans(key))


def _orphans(key: Relationship) -> str:
    return f"SELECT count(*) {query(key)}"


def _types(of: Sources, keys: tuple[KnownKey, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield the columns of keys, and those that the migration turns, with their types."""
    types = {} if "columns" in of.missing else types_of(of.definitions)
    turned = set(of.asked.settings.migration.turns)
    named = {(each.table, column) for each in keys for column in each.columns}
    named |= {(table, column) for table, columns in of.keys.items() for column in columns}
    for table, columns in sorted(types.items()):
        for column, kind in sorted(columns.items()):
            if (table, column) in named and (not turned or kind in turned):
                yield table, column, kind


def _log(of: Sources) -> KnownLog | None:
    log = of.asked.settings.log or Log()
    there: Mapping[str, object] = {}
    if of.sides:
        with suppress(Inconclusive):  # a verification says so
            there = of.sides.after.view.ask(lambda connection: columns_of(connection, log.table))
    elif not of.asked.settings.log:
        return None
    names = {
        "operation": log.operation_column,
        "step": log.step_column,
        "status": log.status_column,
        "started": log.started_column,
        "finished": log.finished_column,
    }
    columns = {word: sql_name(name) for word, name in names.items() if not of.sides or name in there}
    if of.sides and not {"status", "started"} <= columns.keys():
        return None
    return KnownLog(log.table, bool(there) if of.sides else None, columns, log.failed_values)


def _recreation(of: Sources) -> Recreation:
    settings = of.asked.settings
    held = Effective(settings, of.asked.reference, {})
    return Recreation(of.definitions, held, of.baseline)


def _constraints(of: Sources, made: Recreation) -> Iterator[tuple[str, str]]:
    """Yield each constraint as its table and its statement: those that CREATE TABLE brings, then in the order of the plan."""
    steps = [step for step in made.plan.steps if (step.verb, step.of.facet) == ("create", "constraints")]
    own, tables = {step.of.identity for step in steps}, {*of.definitions.tables}
    for identity, text in sorted(of.facts("constraints").items()):
        table = table_of(identity)
        if identity not in own and table in tables and text.startswith("CHECK ("):
            yield table, f"ALTER TABLE {table} ADD CONSTRAINT {identity.removeprefix(f'{table}.')} {text};"
    yield from ((table_of(step.of.identity) or "", step.statements[0]) for step in steps)
    for (
        step
    ) in made.plan.steps:  # a key of a partitioned table is not valid before those of its partitions are attached to it
        if (step.verb, step.of.facet) == ("attributes", "indexes") and step.of.identity in own:
            yield from (
                (table_of(step.of.identity) or "", text) for text in step.statements if " ATTACH PARTITION " in text
            )


def important_first(tables: Sequence[KnownTable]) -> tuple[KnownTable, ...]:
    """Return the tables by name; where they are too many to be told, those with a copy and the largest first."""
    if len(tables) <= MOST:
        return tuple(sorted(tables, key=lambda each: each.name))
    return tuple(sorted(tables, key=lambda each: (not each.copy, -(each.rows or 0), each.name)))


def of_important(constraints: Iterable[tuple[str, str]], place: Mapping[str, int]) -> tuple[str, ...]:
    """Return the statements in their order, but those of tables that are told before all others."""
    return tuple(text for _, text in sorted(constraints, key=lambda each: place.get(each[0], MOST) >= MOST))


def _script(of: Sources, made: Recreation) -> tuple[str, ...]:
    if of.baseline:
        return made.lines()
    head = f"The whole schema of {of.definitions.name}, as it was when the runbook was written. Rows are not brought."
    return printed.script(made.plan, [head, *made.remarks])
