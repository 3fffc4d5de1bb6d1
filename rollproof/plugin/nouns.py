"""Fixtures of the checks: both sides, and what is known of them together."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from rollproof.backup.copies import Copies, Copy
from rollproof.backup.three_way import Alike, alike
from rollproof.migration.announced_changes import still_meant
from rollproof.migration.table_rows import real_copies
from rollproof.model.errors import Inconclusive
from rollproof.model.facets import traits
from rollproof.model.phase import Phase
from rollproof.plugin.case import check_of
from rollproof.plugin.stash import SIDES
from rollproof.probes.column_order import ColumnOrder
from rollproof.probes.foreign_keys import Orphans, relationships
from rollproof.probes.sequences import Furthest
from rollproof.settings.sections import TableRule
from rollproof.sources.live import Live
from rollproof.sources.source import CONTENT, Source
from rollproof.sources.table_groups import EVERYTHING, TableGroup
from rollproof.verdict.expect import Expect
from rollproof.verdict.measured import Agreement
from rollproof.verdict.row_evidence import RowEvidence
from rollproof.verdict.waivers import Waivers


@pytest.fixture(scope="session")
def sides(pytestconfig: pytest.Config) -> Any:
    """Both sources and the run. Fixtures are of session scope where they can be: what is set up for each case takes the time."""
    return pytestconfig.stash[SIDES]


@pytest.fixture(scope="module")
def before(sides: Any, request: pytest.FixtureRequest) -> Source:
    """The reference, as it was before. Skips the check if its facet is none that this kind of reference has."""
    side = sides.opened.before
    if reason := side.unavailable(check_of(request.path)):
        _require_not_cut_off(sides.run, reason)
        pytest.skip(reason)
    return side


@pytest.fixture(scope="module")
def after(sides: Any, request: pytest.FixtureRequest) -> Live:
    """The database under verification, as it is now. INCONCLUSIVE if it lacks a facet of the catalogue that the reference has."""
    facet, side = check_of(request.path), sides.opened.after
    if reason := side.unavailable(facet):
        if traits(facet).holds != "witness" and not sides.opened.before.unavailable(facet):
            raise Inconclusive(reason)
        _require_not_cut_off(sides.run, reason)
        pytest.skip(reason)
    return side


def _require_not_cut_off(run: Any, reason: str) -> None:
    """Raise `Inconclusive` if the facet is missing because `--max-duration` ended: that is not the same as not available."""
    if reason == str(run.deadline):
        raise Inconclusive(reason)


@pytest.fixture(scope="module")
def expect(sides: Any, request: pytest.FixtureRequest) -> Expect:
    """The expectations of this check: `expect.restored(facet)`, `expect.nothing(findings)`, `expect.none_of(things, ask)`."""
    opened, check = sides.opened, check_of(request.path)
    return Expect(
        check,
        opened.before,
        opened.after,
        opened.accepted,
        str(sides.run.deadline),
        lambda: opened.repairs,
        sides.hears,
    )


@pytest.fixture
def phase(sides: Any) -> Phase:
    """The phase of this run, a `Phase`."""
    return sides.run.phase


@pytest.fixture(scope="session")
def accepted(sides: Any) -> Waivers:
    """The waivers of rollproof.toml."""
    return sides.opened.accepted


@pytest.fixture(scope="session")
def checks_run(sides: Any) -> set[str]:
    """The names of the checks that this run selected."""
    return sides.checks_run


@pytest.fixture(scope="session")
def orphans(sides: Any) -> Orphans:
    """The orphans: rows whose foreign key leads to no row."""
    return sides.opened.orphans


@pytest.fixture(scope="session")
def values_in_use(sides: Any) -> Furthest:
    """The furthest value of each column that draws from a sequence."""
    return sides.opened.values_in_use


@pytest.fixture(scope="session")
def foreign_keys(sides: Any) -> Any:
    """The foreign keys by identity: those of both sources, and the [[foreign_key]] entries of rollproof.toml."""
    opened = sides.opened
    known = [side for side in (opened.after, opened.before) if not side.unavailable("foreign_keys")]
    facts = [side.known("foreign_keys", EVERYTHING).facts for side in known]
    settings = sides.settings
    return still_meant(relationships(facts, settings.foreign_key), opened.after, settings.migration.drops)


@pytest.fixture
def counted(sides: Any) -> Mapping[str, str]:
    """The number of rows by table: of the database if this run counts them anyway, else of the baseline."""
    opened = sides.opened
    if not sides.checks_run.isdisjoint(CONTENT):
        return opened.after.known("rows", EVERYTHING).facts
    told = opened.before.view is None and not opened.before.unavailable("rows")
    return opened.before.known("rows", EVERYTHING).facts if told else {}


@pytest.fixture(scope="session")
def copies(sides: Any) -> Copies:
    """The backup schema with the migration's own copies of tables."""
    return sides.opened.copies


@pytest.fixture
def table_copies(copies: Copies, copied: TableGroup) -> list[Copy]:
    """The copies of the tables of this case. Skips the check if there is none: the check `backup` reports that."""
    return _tables_of(copies, copied.names)


@pytest.fixture
def same_rows(sides: Any, before: Source, after: Live, evidence: RowEvidence) -> Callable[[Copy], Alike]:
    """Call it with a copy: which two of reference, copy and live table hold the same rows. The reports will show it."""

    def same(copy: Copy) -> Alike:
        found = alike(copy, before, after, evidence.only_grew)
        sides.agreed[copy.table] = Agreement(copy.table, *found)
        return found

    return same


@pytest.fixture
def all_copies(sides: Any, copies: Copies) -> list[Copy]:
    """The copies of all tables. Skips the check if there is none: the check `backup` reports that."""
    return _tables_of(copies, sides.copied.asked)


def _tables_of(copies: Copies, names: Any) -> list[Copy]:
    if not (real := real_copies(copies, names)):
        other = next(filter(None, map(copies.copy_of, sorted(names))), None)
        pytest.skip(
            f"{f'the copy is a {other.kind}' if other else 'there is no copy'}, which is what the check backup says"
        )
    return real


@pytest.fixture(scope="session")
def evidence(sides: Any) -> RowEvidence:
    """The row evidence: which rows of a table differ, and whether rows were only added."""
    return sides.evidence


@pytest.fixture(scope="session")
def may_grow(sides: Any) -> Callable[[str], bool]:
    """Call it with a table: True if rows may be added to it, by `may_grow` or because [migration] announces changes of it."""
    rules, announced = sides.settings.tables, sides.settings.migration
    return lambda table: rules.get(table, TableRule()).may_grow or announced.announces(table)


@pytest.fixture(scope="session")
def column_order(sides: Any) -> ColumnOrder:
    """Call its methods with a difference: whether it is of column order alone, and ignored or only a warning."""
    return ColumnOrder(sides.settings)
