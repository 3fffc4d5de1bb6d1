"""The checklist, the six steps of the rollback, and its scenarios."""

from collections.abc import Iterator, Mapping
from shlex import quote

from rollproof.model.phase import BEFORE_ROLLBACK, DEFAULT_PHASE
from rollproof.report.runbook.document import Part, Prose, Section, boxes, code, shell, sql, word
from rollproof.report.runbook.known import Known, KnownTable
from rollproof.report.runbook.typed import first, left, literal, psql, rollproof

_HOW: Mapping[str, str] = {
    "identify the issue": "{incident}",
    "document the current state": "{verify} keeps a snapshot of it",
    "verify backup integrity": "{verify}",
    "assess impact on running applications": "{verify} tells sessions, the busiest tables, and endpoints",
    "notify stakeholders": "{notify}",
    "stop all application services": "step 1",
    "current-state backup": "`--state-backup DIR` with {verify}",
    "rollback script available": "{verify}",
    "database reachable": "{verify}",
    "prepare monitoring": "{metrics}",
    "prepare logging": "{verify} reads the migration's log",
}


def checklist(known: Known) -> Iterator[Section]:
    """Yield the checklist; most of it is one command's."""
    own = known.people.checklist
    ways = {
        "incident": "`rollproof incident open`",
        "verify": f"`rollproof verify {BEFORE_ROLLBACK}`",
        "notify": "notices are sent while an incident is open" if known.people.notified else "by hand: see Contacts",
        "metrics": f"{code(known.metrics_file)} is written"
        if known.metrics_file
        else "`metrics_file` is not configured",
    }
    items = [f"{item}: {how.format(**ways)}" for item, how in _HOW.items()]
    yield Section(
        "Checklist before the rollback",
        (
            boxes((*items, *map(word, own.get(BEFORE_ROLLBACK, ())))),
            Prose("One command asks for most of it, and prints this list with what it found:"),
            shell(rollproof(known, f"verify {BEFORE_ROLLBACK} --state-backup {known.report_dir}/dumps")),
            Prose("READY: go on. NOT READY: mend what it names, and run it again."),
        ),
    )


def steps(known: Known) -> Iterator[Section]:
    """Yield the six steps."""
    yield Section("The rollback, step by step")
    numbered = (
        ("Stop all application services", _stop),
        ("Look at the state", _status),
        ("Check the backup", _backup),
        ("Roll back", _rollback),
        ("Validate", _validate),
        ("Start the application services", _start),
    )
    for number, (title, parts) in enumerate(numbered, 1):
        yield Section(f"Step {number}: {title}", tuple(parts(known)), level=3)


def _services(known: Known, word: str) -> Iterator[Part]:
    if known.application.services:
        yield shell(
            *(rollproof(known, f"services {each}", reference=False, database=False) for each in (word, "status"))
        )
    else:
        yield Prose(
            f"No `[[services]]` are configured: {word} everything that uses the database by hand, each backend and frontend, and "
            "see that it is so. With `[[services]]` in rollproof.toml one command does it."
        )


def _stop(known: Known) -> Iterator[Part]:
    yield from _services(known, "stop")
    yield Prose("Nobody else may be connected; this must return no row:")
    yield sql(
        "SELECT pid, usename, application_name, state FROM pg_stat_activity\n"
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend';",
    )


def _status(known: Known) -> Iterator[Part]:
    if known.commands.status:
        yield shell(known.commands.status)
    else:
        yield Prose("The migration tool's own status command is not configured (`status` under `[runbook]`).")
    if known.log and known.log.is_there is not False:
        columns = ", ".join(known.log.columns.values())
        yield Prose("What the migration's log says, the newest last:")
        yield sql(f"SELECT {columns} FROM {known.log.table} ORDER BY {known.log.columns['started']};")
    else:
        yield Prose("No log of the migration is known: name it under `[log]` in rollproof.toml.")
    yield Prose("Which tables are migrated, which are not:")
    yield shell(rollproof(known, f"verify {BEFORE_ROLLBACK} -k table_states"))


def _backup(known: Known) -> Iterator[Part]:
    copies = [each for each in known.tables if each.copy]
    if not copies:
        yield Prose(
            f"No copy of a table is known in the schema {code(known.backup_schema)}: name the copies under `[backup]` in "
            "rollproof.toml. Without copies the rollback has nothing to restore from: see Recovery."
        )
        return
    yield Prose("The schema is there, and each copy has as many rows as its table had:")
    yield sql(
        f"SELECT nspname FROM pg_namespace WHERE nspname = {literal(known.backup_schema)};",
        *map(_count_copy, first(copies)),
    )
    yield from map(Prose, left(copies, "copies"))
    yield shell(rollproof(known, f"verify {BEFORE_ROLLBACK} -k backup"))


def _count_copy(table: KnownTable) -> str:
    expected = f"  -- {table.rows:,} rows" if table.rows is not None and table.is_counted else ""
    return f"SELECT count(*) FROM {table.copy};{expected}"


def _rollback(known: Known) -> Iterator[Part]:
    if known.commands.rollback:
        yield shell(known.commands.rollback)
    else:
        yield Prose(
            "No rollback command is configured: name it as `rollback_command` under `[migration]` in rollproof.toml."
        )
    yield Prose(
        "It must validate the backup, drop what the migration made, recreate it, bring back constraints and indexes, validate, log."
    )
    if known.log and known.log.is_there is not False:
        yield Prose("Follow it from a second terminal:")
        yield shell(psql(known, f"-c {quote(_newest(known))}"))


def _newest(known: Known) -> str:
    assert known.log, "it is asked for where there is one"
    columns = known.log.columns
    return f"SELECT {', '.join(columns.values())} FROM {known.log.table} ORDER BY {columns['started']} DESC LIMIT 5"


def _validate(known: Known) -> Iterator[Part]:
    yield shell(rollproof(known, f"verify {DEFAULT_PHASE}"))
    yield Prose(
        "VERIFIED: tables, rows, types, constraints and indexes are as they were, and no row is without its parent."
    )
    yield Prose("NOT RESTORED: do not start the application. Go to Troubleshooting.")


def _start(known: Known) -> Iterator[Part]:
    yield from _services(known, "start")
    own = known.people.checklist.get(str(DEFAULT_PHASE), ())
    if own:
        yield boxes(map(word, own))
    yield Prose("Then the same verification once more, for the endpoints and services that run now, and watch:")
    yield shell(rollproof(known, f"verify {DEFAULT_PHASE}"), rollproof(known, "watch --for 30m --every 30s"))


def scenarios(known: Known) -> Iterator[Section]:
    """Yield the full, the partial, and the emergency rollback."""
    yield Section("Scenarios")
    yield Section("Full rollback", (Prose("Everything goes back: steps 1 to 6."),), level=3)
    yield Section("Partial rollback", tuple(_partial(known)), level=3)
    yield Section("Emergency rollback", tuple(_emergency(known)), level=3)


def _partial(known: Known) -> Iterator[Part]:
    yield Prose("Only some tables go back. First the state, then the tool's command, then the types of the keys:")
    if known.commands.partial:
        yield shell(known.commands.partial)
    else:
        yield Prose(
            "No command for a part is configured (`partial` under `[runbook]`). The statements for one table are printed by:"
        )
        yield shell(
            rollproof(known, f"repair --only {quote(known.tables[0].name if known.tables else 'schema.table')}")
        )
    if known.types:
        yield sql(_types(known))
    yield Prose(
        "post_rollback is not VERIFIED after a part: the rest is still migrated. Roll it back later, or go forward again."
    )


def _types(known: Known) -> str:
    tables = ", ".join(f"{literal(each)}" for each in sorted({table for table, _, _ in first(known.types)}))
    columns = ", ".join(f"{literal(_plain(each))}" for each in sorted({column for _, column, _ in first(known.types)}))
    return (
        "SELECT attrelid::regclass AS table, attname AS column, format_type(atttypid, atttypmod) AS type\n"
        f"FROM pg_attribute WHERE attrelid = ANY (ARRAY(SELECT to_regclass(name)::oid FROM unnest(ARRAY[{tables}]) AS name))\n"
        f"  AND attname IN ({columns}) AND NOT attisdropped ORDER BY 1, 2;"
    )


def _plain(name: str) -> str:
    """Return a name as the catalogue keeps it."""
    return name[1:-1].replace('""', '"') if name.startswith('"') else name


def _emergency(known: Known) -> Iterator[Part]:
    yield Prose(
        "The tool refuses, and waiting costs more than a risk. Dump first, force it, and validate afterwards, always:"
    )
    yield shell(f"pg_dump -Fc -d {quote(known.url)} -f before-emergency.dump")
    if known.commands.emergency:
        yield shell(known.commands.emergency)
    else:
        yield Prose(
            "No forced rollback is configured (`emergency` under `[runbook]`): see what your tool calls it, such as `--force`."
        )
    yield shell(rollproof(known, f"verify {DEFAULT_PHASE}"))
