"""Cases of a check: one per table or group of tables, and the order in which they run."""

from urllib.parse import quote

import pytest

from rollproof.sources.table_groups import TableGroup, table_groups, ungrouped

# Cheap facts first: structure, then what waits for scans; the waivers last, when all are used that will be.
ORDER = (
    "pg_dump",
    "endpoints",
    "orphans",
    "sequence_values",
    "rows",
    "content",
    "planner_statistics",
    "untouched_rows",
    "migrated_rows",
    "backup_agreement",
    "backup",
    "backup_content",
    "backup_age",
    "baseline",
    "baseline_age",
    "waivers",
)
ALL_TABLES = TableGroup("each table", frozenset(), ungrouped=True)  # a dry run that has no baseline knows no names


NO_TABLE = pytest.param(None, id="none", marks=pytest.mark.skip(reason="there is no table to ask of"))


def pytest_generate_tests(metafunc):
    """Ask each question once per table (or group of tables), and once for the rest where something may be left."""
    sides = metafunc.config.pluginmanager.get_plugin("rollproof-sides")
    for fixture, of in _parameters(sides).items() if sides else ():
        if fixture in metafunc.fixturenames:
            ids = [_id(_label(each)) for each in of] or None
            metafunc.parametrize(fixture, of or (NO_TABLE,), ids=ids, indirect=fixture == "endpoint")


def _parameters(sides) -> dict[str, tuple]:
    before = sides.opened.before if sides.opened else sides.baseline
    if before is None:
        return dict.fromkeys(("owner", "tables", "scanned", "copied"), (ALL_TABLES,))
    return {
        "owner": (*table_groups(before.tables), ungrouped(before.tables)),
        "tables": table_groups(before.tables),
        "scanned": table_groups(before.scanned),
        "copied": table_groups(sides.copied.asked if sides.copied else before.scanned),
        "endpoint": sides.run.settings.endpoints or (None,),
    }


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session):
    """Put the cases in order, whatever other plugins did to it."""
    if sides := session.config.pluginmanager.get_plugin("rollproof-sides"):
        session.items.sort(key=lambda item: ORDER.index(slug) + 1 if (slug := _slug(item)) in ORDER else 0)
        sides.collected(session.items)


def _label(each) -> str:
    return each if isinstance(each, str) else getattr(each, "label", None) or getattr(each, "name", "none")


def _slug(item) -> str:
    return item.path.stem.removeprefix("test_")


def _id(name: str) -> str:
    """A test id for any name: what could be markup, a path or a terminal's control is percent-encoded."""
    return quote(name, safe='."$,-', encoding="utf-8")
