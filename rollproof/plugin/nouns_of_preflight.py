"""Fixtures of the checks about surroundings: sessions, disk space, the baseline."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rollproof.migration.row_fate import primary_keys as primary_keys_of
from rollproof.migration.table_states import Types
from rollproof.model.finding import Finding
from rollproof.model.phase import Phase
from rollproof.model.provenance import ReferenceFacts
from rollproof.probes.activity import prepared
from rollproof.probes.activity import sessions as sessions_of
from rollproof.probes.preflight import in_words, need
from rollproof.probes.preflight import unconvertible as unconvertible_values
from rollproof.probes.traffic import busiest
from rollproof.settings.sections import Migration


@pytest.fixture(scope="session")
def sessions(sides: Any) -> Any:
    """The other sessions in this database; before a rollback, reports tell the busiest tables beside."""
    view = sides.opened.after.view
    if sides.run.phase.next_step == "rollback":
        sides.traffic = view.ask(lambda connection: busiest(connection, sides.opened.after.tables))
    return view.ask(lambda connection: sessions_of(connection, view.processes))


@pytest.fixture
def prepared_transactions(sides: Any) -> tuple[Finding, ...]:
    """The prepared transactions of this database, as findings."""
    return sides.opened.after.view.ask(prepared)


@pytest.fixture
def role(sides: Any) -> str:
    """The role that we read as."""
    return sides.opened.after.view.role


@pytest.fixture
def to_write(sides: Any, phase: Phase, to_migrate: frozenset[tuple[str, str]]) -> int:
    """The bytes that the next step will write: the size of the copied tables, else of the migrated ones, else of all."""
    opened = sides.opened
    named = {table for table, _ in to_migrate} | {*sides.settings.migration.tables}
    tables = opened.copies.tables or named or opened.after.tables
    size = opened.after.view.ask(
        lambda connection: need(connection, frozenset(tables), copied=phase.next_step == "migration")
    )
    sides.run.notes.append(f"to be written by the {phase.next_step}: {in_words(size)}")
    return size


@pytest.fixture
def rollback_command(sides: Any) -> tuple[str, Path]:
    """The rollback_command of [migration], and the folder of rollproof.toml."""
    return sides.settings.migration.rollback_command, sides.run.configured.folder


@pytest.fixture
def primary_keys(sides: Any) -> Any:
    """The primary key columns of each table that has a primary key, as it is now."""
    return primary_keys_of(sides.opened.after)


@pytest.fixture
def unconvertible(
    sides: Any,
    migration: Migration,
    types: tuple[Types, Types],
    to_migrate: frozenset[tuple[str, str]],
    primary_keys: Any,
) -> Callable[[str], Iterable[Finding]]:
    """Call it with a table: findings about values that cannot be converted to the new types."""
    view = sides.opened.after.view
    columns: dict[str, list[str]] = {}
    for of, name in sorted(each for each in to_migrate if types[0][each[0]][each[1]] in migration.turns):
        columns.setdefault(of, []).append(name)

    def ask(table: str) -> Iterator[Any]:
        for column in columns.get(table, ()):
            old = types[0][table][column]
            place = (table, column, migration.turns[old], primary_keys.get(table, ()), old)
            yield from view.ask(
                lambda connection, place=place: list(unconvertible_values(connection, *place)), reads=[table]
            )

    return ask


@pytest.fixture
def baseline(sides: Any) -> ReferenceFacts:
    """What is known of the baseline file: when it was taken, of what, by whom. Skips the check if the reference is no file."""
    if sides.held.kind != "baseline":
        pytest.skip("the reference is no baseline")
    return sides.held


@pytest.fixture
def max_age(sides: Any) -> float | None:
    """The `--max-baseline-age` in days, or None."""
    return sides.settings.max_baseline_age


@pytest.fixture
def record(sides: Any, request: pytest.FixtureRequest) -> Callable[[], None]:
    """Call it: take the baseline and write it to its file. Skips the check if another check failed."""
    if request.session.testsfailed:
        pytest.skip(
            "something else failed, so no baseline was written: put it right first, or take one by rollproof capture"
        )
    return sides.write_baseline
