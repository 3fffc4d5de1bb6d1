"""When to roll back; what this database is; how long it takes."""

from collections.abc import Iterator

from rollproof.model.amounts import counted, size
from rollproof.report.runbook.document import Part, Prose, Section, Table, code, points, shell, word
from rollproof.report.runbook.known import Known, KnownTable, Rehearsed
from rollproof.report.runbook.typed import first, left, rollproof
from rollproof.verdict.recommendation import MATRIX

_WHEN = (
    "Data is damaged: values were converted wrongly, rows are lost, references point to nothing.",
    "The migration failed: the script ended with errors, ran out of time or room, or did only some of its steps.",
    "The application is broken: errors, much slower answers, or people cannot log in.",
)


def decision(known: Known) -> Iterator[Section]:
    """Yield when to roll back, and the decision matrix."""
    rows = tuple((each.issue, each.severity, each.roll_back, "; ".join(each.alternatives)) for each in MATRIX)
    yield Section(
        "When to roll back",
        (
            points(_WHEN),
            Prose("Ask the database first; the run ends in a recommendation by this matrix:"),
            shell(rollproof(known, "verify post_migration")),
            Table(("issue", "severity", "roll back?", "other ways"), rows),
            Prose("Who decides, and when, is kept: write it into the incident (see The record)."),
        ),
    )


def database(known: Known) -> Iterator[Section]:
    """Yield what the database is: its tables, who depends on what, the copies, the application."""
    when = "before the migration" if known.is_original else "as it was when this was written"
    head = (("database", code(known.database)), ("PostgreSQL", word(known.version) or "not known"))
    held = (("reference", f"{code(known.reference)}, {word(known.reference_told)}" if known.reference else "none"),)
    rows = tuple(_table(each) for each in first(known.tables))
    parts: list[Part] = [
        Table(("what", "which"), (*head, *held)),
        Prose(f"{counted(len(known.tables), 'table')}, {when}:"),
        Table(("table", "rows", "size", "copy"), rows),
        *(Prose(text) for text in left(known.tables, "tables")),
    ]
    yield Section("This database", tuple(parts))
    yield Section("Who depends on what", tuple(_dependencies(known)), level=3)
    yield Section("The application", tuple(_application(known)), level=3)
    if known.unknown:
        yield Section("What could not be known", (points(known.unknown),), level=3)


def _table(table: KnownTable) -> tuple[str, ...]:
    rows = "not known" if table.rows is None else f"{'' if table.is_counted else 'about '}{table.rows:,}"
    held = "not known" if table.bytes is None else f"about {size(table.bytes)}"
    return code(table.name), rows, held, code(table.copy) if table.copy else "none"


def _dependencies(known: Known) -> Iterator[Part]:
    if known.keys:
        told = (
            f"{code(each.table)} ({', '.join(map(word, each.columns))}) needs {code(each.references)}"
            for each in first(known.keys)
        )
        yield points((*told, *left(known.keys, "foreign keys")))
    else:
        yield Prose("No foreign key is known.")
    if known.views:
        yield Prose(
            f"Views, which must be dropped and made again with their tables: {', '.join(map(code, first(known.views)))}."
        )


def _application(known: Known) -> Iterator[Part]:
    named = {
        "[[services]]": known.application.services,
        "[[endpoints]]": known.application.endpoints,
        "[[commands]]": known.application.commands,
        "[[plans]]": known.application.plans,
        "[[queries]]": known.application.queries,
    }
    yield Table(
        ("in rollproof.toml", "what"),
        tuple((code(key), ", ".join(map(code, names)) or "nothing is configured") for key, names in named.items()),
    )


def durations(known: Known) -> Iterator[Section]:
    """Yield how long it takes, by the last rehearsal."""
    refused = [points(known.refused)] if known.refused else []
    if known.drill:
        yield Section("How long it takes", (*_durations(known, known.drill), *refused))
        return
    way = rollproof(known, "rehearse --source DUMP", reference=False, database=False)
    nobody = Prose("Nobody knows: no drill of this project is recorded. Rehearse on a copy, and this is written anew:")
    yield Section("How long it takes", (nobody, shell(way), *refused))


def _durations(known: Known, drill: Rehearsed) -> Iterator[Part]:
    good = "" if drill.is_good else " That is no good drill: do not count on it."
    yield Prose(
        f"By the {word(drill.kind)} of {code(drill.source)} on {', '.join(map(word, drill.servers)) or 'a server'}, "
        f"{word(drill.when)}: {word(drill.verdict)}.{good}"
    )
    figures = [("all of it", f"{drill.seconds:,.1f} s")]
    if drill.rollback_seconds is not None:
        figures.append(("the rollback", f"{drill.rollback_seconds:,.1f} s"))
    if known.rto_seconds is not None:
        figures.append(("the objective", f"{known.rto_seconds:g} s"))
    figures += [
        ("others waited at most", f"{drill.longest_wait_seconds:,.1f} s"),
        ("WAL written", size(drill.wal_bytes)),
    ]
    figures += [(f"step {word(name)}", f"{seconds:,.1f} s") for name, seconds in drill.stages]
    yield Table(("what", "how long"), tuple(figures))
