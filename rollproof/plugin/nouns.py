"""Fixtures of the checks: both sides, and what is known of them together."""

import pytest

from rollproof.backup.copies import TABLE
from rollproof.catalog.pg_dump import FACET as DUMP
from rollproof.migration.announced_changes import still_meant
from rollproof.model.errors import Inconclusive
from rollproof.plugin.case import check_of
from rollproof.plugin.stash import SIDES
from rollproof.probes.column_order import ColumnOrder
from rollproof.probes.foreign_keys import relationships
from rollproof.settings.sections import TableRule
from rollproof.sources.source import CONTENT
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.expect import Expect


@pytest.fixture(scope="session")
def sides(pytestconfig):
    """Both sides and the run they belong to. Wide scopes: with thousands of cases what is set up for each takes the time."""
    return pytestconfig.stash[SIDES]


@pytest.fixture(scope="module")
def before(sides, request):
    """The reference; a facet that its kind never holds is not checked, and that is said."""
    side = sides.opened.before
    if reason := side.unavailable(check_of(request.path)):
        _require_not_cut_off(sides.run, reason)
        pytest.skip(reason)
    return side


@pytest.fixture(scope="module")
def after(sides, request):
    """The subject; the same, but what the reference knows of the catalogue cannot be left out in silence."""
    facet, side = check_of(request.path), sides.opened.after
    if reason := side.unavailable(facet):
        if facet != DUMP and not sides.opened.before.unavailable(facet):
            raise Inconclusive(reason)
        _require_not_cut_off(sides.run, reason)
        pytest.skip(reason)
    return side


def _require_not_cut_off(run, reason) -> None:
    """What would have been known, had there been time, is not merely left out."""
    if reason == str(run.deadline):
        raise Inconclusive(reason)


@pytest.fixture(scope="module")
def expect(sides, request):
    """What this check says of both sides: that a facet is as it was, or that nothing was found."""
    opened, check = sides.opened, check_of(request.path)
    return Expect(check, opened.before, opened.after, opened.accepted, str(sides.run.deadline))


@pytest.fixture(scope="session")
def deadline(sides):
    """When the run has to end."""
    return sides.run.deadline


@pytest.fixture
def phase(sides):
    """The phase of this run."""
    return sides.run.phase


@pytest.fixture(scope="session")
def accepted(sides):
    """The waivers."""
    return sides.opened.accepted


@pytest.fixture(scope="session")
def checks_run(sides):
    """The slugs of the checks in this run."""
    return sides.checks_run


@pytest.fixture(scope="session")
def orphans(sides):
    """The rows that refer to nothing, by table."""
    return sides.opened.orphans


@pytest.fixture(scope="session")
def keys(sides):
    """The foreign keys of both sides and of the configuration, by identity."""
    opened = sides.opened
    known = [side for side in (opened.after, opened.before) if not side.unavailable("foreign_keys")]
    facts = [side.known("foreign_keys", EVERYTHING).facts for side in known]
    settings = sides.settings
    return still_meant(relationships(facts, settings.foreign_key), opened.after, settings.migration.drops)


@pytest.fixture
def counted(sides):
    """The number of rows by table: the subject's where this run counts them anyway, else the baseline's."""
    opened = sides.opened
    if not sides.checks_run.isdisjoint(CONTENT):
        return opened.after.known("rows", EVERYTHING).facts
    told = opened.before.view is None and not opened.before.unavailable("rows")
    return opened.before.known("rows", EVERYTHING).facts if told else {}


@pytest.fixture(scope="session")
def copies(sides):
    """The backup: the migration's own copies."""
    return sides.opened.copies


@pytest.fixture
def table_copies(copies, copied):
    """The copies of the tables of this case; where none is a table, there is nothing more to say of them."""
    return _tables_of(copies, copied.names)


@pytest.fixture
def all_copies(sides, copies):
    """The copies of all tables that should have one."""
    return _tables_of(copies, sides.copied.asked)


def _tables_of(copies, names):
    found = [copy for copy in map(copies.copy_of, sorted(names)) if copy]
    if not any(copy.kind == TABLE for copy in found):
        pytest.skip(
            f"{f'the copy is a {found[0].kind}' if found else 'there is no copy'}, which is what the check backup says"
        )
    return [copy for copy in found if copy.kind == TABLE]


@pytest.fixture(scope="session")
def evidence(sides):
    """Which rows differ, and whether a table only grew."""
    return sides.evidence


@pytest.fixture(scope="session")
def may_grow(sides):
    """Tells of a table whether rows may be added to it: by its rule, or because the migration does there what it likes."""
    rules, announced = sides.settings.tables, sides.settings.migration
    return lambda table: rules.get(table, TableRule()).may_grow or announced.announces(table)


@pytest.fixture(scope="session")
def column_order(sides):
    """Tells of a difference whether it is the order of columns alone, and no news or a warning."""
    return ColumnOrder(sides.settings)
