"""Which migrations are rehearsed, and which only make the database: by what its tool's books say of the source."""

import pytest

from fixtures.readers import execute
from fixtures.tool_projects import PROJECTS
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.rehearsal.plan import planned, tool_of
from rollproof.settings.rehearsal import Rehearsal

FOUR = dict.fromkeys(("a", "b", "c", "d"), ("SELECT 1; SELECT 2;", "SELECT 3; SELECT 4;"))
BOOKS = {
    "golang-migrate, which names the last": (
        "sql-files",
        "CREATE TABLE schema_migrations AS SELECT 2 AS version, false AS dirty",
    ),
    "sqlx": (
        "sql-files",
        """CREATE TABLE _sqlx_migrations AS SELECT n::bigint AS version, '' AS description, true AS success, ''::bytea AS checksum
        FROM generate_series(1, 2) AS n""",
    ),
    "Diesel": (
        "sql-folders",
        "CREATE TABLE __diesel_schema_migrations AS SELECT v AS version, now() AS run_on FROM (VALUES ('0001'), ('0002')) AS x (v)",
    ),
    "goose, whose first row is about no migration": (
        "goose-files",
        """CREATE TABLE goose_db_version AS SELECT n AS version_id, n < 3 AS is_applied, now() AS tstamp
        FROM generate_series(0, 3) AS n""",
    ),
    "dbmate": (
        "dbmate-files",
        "CREATE TABLE schema_migrations AS SELECT v AS version FROM (VALUES ('0001'), ('0002')) AS x (v)",
    ),
}


@pytest.fixture
def plan(tmp_path, database):
    """Call it with what is asked for the names of the migrations that come before, and of those that are rehearsed."""

    def names(tool="sql-files", **asked):
        if not any(tmp_path.iterdir()):
            PROJECTS[tool](tmp_path, FOUR)
        wanted = Rehearsal(tool=tool, **asked)
        made = planned(wanted, tool_of(wanted, tmp_path), {"DATABASE_URL": database})
        before, steps = ("".join(step.revision[-1] for step in part) for part in (made.before, made.steps))
        return before, steps, made.notes

    return names


def test_without_a_source_the_last_one_is_rehearsed_or_those_after_a_named_one(plan):
    assert plan() == ("abc", "d", ())
    assert plan(since="0002_b") == plan(since="0002") == ("ab", "cd", ())
    assert plan(every_step=True) == ("", "abcd", ())
    with pytest.raises(Misuse, match="--since 7: name one of 0001_a, 0002_b, 0003_c"):
        plan(since="7")
    with pytest.raises(Misuse, match="pass both --migrate"):
        plan(migrate=("make",))


@pytest.mark.parametrize("books", BOOKS)
def test_with_a_source_those_are_rehearsed_that_are_not_applied_in_it(plan, database, books):
    tool, sql = BOOKS[books]
    execute(database, sql)

    assert plan(tool, source="shop.dump") == ("", "cd", ())


def test_books_that_tell_nothing_or_too_much_are_told(plan, database):
    assert [each.partition(" (")[0] for each in plan(source="x.sql")[2]] == [
        "nothing in the source tells which migrations are applied"
    ]
    assert plan(source="x.sql", since="0003") == ("", "d", ())
    execute(database, "CREATE TABLE schema_migrations AS SELECT 4 AS version, false AS dirty")
    with pytest.raises(
        Misuse, match=r"all 4 migrations of .* are applied in the source, so there is nothing to rehearse"
    ):
        plan(source="x.sql")
    execute(database, "UPDATE schema_migrations SET version = 5")
    with pytest.raises(
        Inconclusive, match="golang-migrate has applied 5 in the source, and no file is of that version"
    ):
        plan(source="x.sql")
