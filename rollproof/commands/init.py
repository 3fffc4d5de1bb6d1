"""`rollproof init`: looks at a database, and writes a `rollproof.toml` that says why each thing stands in it."""

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec

from rollproof import __version__
from rollproof.commands.command_options import (
    Command,
    at_home,
    configured,
    files,
    interruptible,
    settings_options,
    tell,
)
from rollproof.commands.proposal import Section, proposal
from rollproof.commands.survey import Survey, survey
from rollproof.commands.verification import limits
from rollproof.model.amounts import counted
from rollproof.model.errors import Misuse
from rollproof.model.toml_text import comment
from rollproof.probes.role_privileges import notes_about
from rollproof.server.reader import SnapshotReader, Target
from rollproof.settings.options import Settings
from rollproof.system.deadline import Deadline
from rollproof.system.files import replace_file

_FILE = "rollproof.toml"
_ON_STDOUT = "-"
_READABLE = 0o644  # it holds no secret, and belongs into version control


@settings_options("init")
@click.command(
    cls=Command,
    example="rollproof init --database-url postgresql://verifier@db.example/shop",
)
@click.option(
    "--output",
    metavar="FILE",
    shell_complete=files,
    callback=at_home,
    help=f"where it is written; - prints it [default: where it is looked for: ./{_FILE}]",
)
@click.option("--force", is_flag=True, help="replace a file that is there [default: no]")
@interruptible
def init(output: str | None, rollproof_config: str | None, *, force: bool, **typed: Any) -> None:
    """Look at a database and write a commented rollproof.toml for it; read-only."""
    asked = configured(rollproof_config, typed, output, is_made=True)
    path = Path(output) if output else asked.file or Path(_FILE)
    if output != _ON_STDOUT and path.exists() and not force:
        raise Misuse(f"{path} is there already: --force replaces it, --output - prints what would be written")
    deadline = Deadline(asked.settings.max_duration)
    with SnapshotReader(
        Target.parse(asked.settings.database_url or ""), limits(asked.settings, deadline), tell
    ) as view:
        found = survey(view)
        sections = proposal(view, found)
        notes = notes_about(view, sorted({table.schema for table in found.tables}))
        deadline.require()
        written = configuration(found, sections, str(view.target))
    if output == _ON_STDOUT:
        click.echo(written, nl=False)
        return
    _write(path, written)
    for line in (*_summary(path, sections), *notes):
        click.echo(line)


def configuration(found: Survey, sections: Sequence[Section], target: str) -> str:
    """Return the text of the file. It is one that is understood, whatever the names in the database are."""
    parts = "\n\n".join(["\n".join(_head(found, target)), *map(str, sections)]) + "\n"
    msgspec.convert(tomllib.loads(parts), Settings)
    return parts


def _head(found: Survey, target: str) -> Iterator[str]:
    tables = [table for table in found.tables if not table.is_part]
    divided = sum(table.kind == "p" for table in tables)
    yield comment(f"What rollproof {__version__} must know of {target}, and what it guessed there: keep what is true.")
    yield comment(
        f"PostgreSQL {found.version}, {counted(len(tables), 'table')}"
        + (f", {divided:,} of them partitioned" if divided else "")
    )
    if found.extensions:
        yield comment(f"extensions, whose versions are compared: {', '.join(found.extensions)}")
    if found.owners:
        yield comment(f"owners of tables, who are compared: {', '.join(found.owners)}")
    yield comment("The address stands in ROLLPROOF_DATABASE_URL, a password in ~/.pgpass: neither belongs here.")
    yield comment("Every key: docs/configuration.md")


def _write(path: Path, written: str) -> None:
    try:
        replace_file(path, written.encode())
        path.chmod(_READABLE)
    except OSError as error:
        raise Misuse(f"the configuration cannot be written to {path}: {error.strerror}") from error


def _summary(path: Path, sections: Sequence[Section]) -> Iterator[str]:
    counting = [section for section in sections if section.counts and section.lines]
    yield f"{path}: {counted(len(counting), 'section')} in force, the other guesses are comments"
    for section in counting:
        yield f"{section.lines[0]}: {section.reasons[0]}"
    yield "next: rollproof capture, before the migration"
