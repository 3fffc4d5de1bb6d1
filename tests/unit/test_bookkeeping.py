"""Which tables are a migration tool's own."""

from rollproof.migration.bookkeeping import bookkeeping
from rollproof.model.bookkeeping import known
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.sources.recorded import Recorded

ORIGIN = Origin("shop", "1", 180000, "2026-01-01T00:00:00+00:00", None, "0.3.0")


def tools(**tables):
    columns = {f"{table}.{column}": "text" for table, its in tables.items() for column in its}
    facts = {"tables": dict.fromkeys(tables, "table"), "columns": columns}
    return {table: each.tool for table, each in bookkeeping(Recorded(Snapshot(ORIGIN, facts), "it")).items()}


def test_a_tools_table_is_known_by_name_and_columns():
    found = tools(
        **{
            "public.alembic_version": ["version_num"],
            "public.schema_migrations": ["version", "dirty"],
            "app.schema_migrations": ["version"],
            "public.migrations": ["id", "migration", "batch", "of_ours"],
            'public."SequelizeMeta"': ["name"],
            "public.orders": ["id"],
        }
    )

    assert found == {
        "public.alembic_version": "Alembic",
        "public.schema_migrations": "golang-migrate",
        "app.schema_migrations": "Rails or dbmate",
        "public.migrations": "Laravel",
        'public."SequelizeMeta"': "Sequelize",
    }


def test_a_table_that_only_has_the_name_is_the_applications():
    assert tools(**{"public.migrations": ["id", "bird", "flew_at"], "public.events": ["event", "change_id"]}) == {}


def test_a_tool_that_has_a_schema_of_its_own_is_looked_for_there():
    columns = ["id", "hash", "created_at"]

    assert tools(**{"drizzle.__drizzle_migrations": columns, "public.__drizzle_migrations": columns}) == {
        "drizzle.__drizzle_migrations": "Drizzle"
    }


def test_no_two_tables_are_taken_for_each_other():
    """Of two tools that name their tables alike, each is told by a column of its own."""
    alike = [
        (one.tool, other.tool)
        for one in known()
        for other in known()
        if one is not other
        and (one.schema, one.name, set(one.columns)) == (other.schema, other.name, set(other.columns))
    ]

    assert alike == []
