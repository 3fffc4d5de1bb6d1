"""Which tool is at work, and what its files say; what runs a tool is tried in tests/foreign."""

import re

import pytest

from fixtures.every import every
from rollproof.model.bookkeeping import known as known_tables
from rollproof.model.errors import Misuse
from rollproof.rehearsal.tools.listing import Named
from rollproof.rehearsal.tools.recognised import tool
from rollproof.rehearsal.tools.row import Files, known
from rollproof.rehearsal.tools.sections import section
from rollproof.rehearsal.tools.side_by_side import joined
from rollproof.rehearsal.tools.step import Step

GOOSE = next(row.files for row in known() if row.name == "goose-files")
DBMATE = next(row.files for row in known() if row.name == "dbmate-files")
DIESEL = next(row.files for row in known() if row.name == "sql-folders")
PLAIN = Files(up="*.up.sql", down="*.down.sql", no_transaction="^--\\s*no-transaction")


@pytest.fixture
def folder(tmp_path):
    """Call it with paths and texts for a folder of these files."""

    def write(**files):
        for name, text in files.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return write


def test_a_tool_is_recognised_by_its_files_wherever_they_are(folder):
    at = folder(
        **{
            "app__db__2_b.up.sql": "CREATE TABLE b (id int);",
            "app__db__2_b.down.sql": "DROP TABLE b;",
            "app__db__10_c.up.sql": "CREATE INDEX CONCURRENTLY i ON b (id); -- alone",
            "app__db__10_c.down.sql": "-- irreversible: nobody knows\n",
            "app__db__1_a.up.sql": "SELECT 1;\nSELECT ';';",
            "node_modules__x__1_a.up.sql": "",
            "other__pyvenv.cfg": "",
            "other__lib__1_a.up.sql": "",
        }
    )
    found = tool(None, at)
    steps = found.steps({})

    assert (found.row.name, str(found.migrations)) == ("sql-files", "app/db")
    assert [step.revision for step in steps] == ["1_a", "2_b", "10_c"]
    assert [step.irreversible for step in steps] == [
        "there is no app/db/1_a.down.sql",
        "",
        "its way down says: irreversible: nobody knows",
    ]
    assert ["--single-transaction" in step.up[0] for step in steps] == [True, False, False]


def test_none_and_several_are_told_with_a_way_out(folder):
    with pytest.raises(Misuse, match=r"(?s)no migration tool was recognised.*alembic\.ini.*--migrate \"COMMAND\""):
        tool(None, folder(**{"readme.md": ""}))
    with pytest.raises(Misuse, match=r"--tool flyway: known are alembic, .*--migrate"):
        tool("flyway", folder())
    with pytest.raises(Misuse, match="there are migrations in a, b; pass --migrations FOLDER"):
        tool(None, folder(**{"a__1.up.sql": "", "b__1.up.sql": ""}))
    assert str(tool(None, folder(), "b").migrations) == "b"
    with pytest.raises(Misuse, match=r"more than one .* goose-files, sql-files; pass --tool NAME"):
        tool(None, folder(**{"c__1_x.sql": "-- +goose Up\nSELECT 1;"}))


def test_a_tool_whose_program_is_missing_is_told_so(folder, monkeypatch):
    monkeypatch.setenv("PATH", "/nothing")
    with pytest.raises(
        Misuse, match=r"Sqitch is at work here, and sqitch is neither in node_modules/.bin, .*--migrate"
    ):
        tool(None, folder(**{"sqitch.plan": ""}))


def test_without_dbmate_psql_runs_its_files(folder, monkeypatch):
    at = folder(**{"db__migrations__1_x.sql": "-- migrate:up\nSELECT 1;\n-- migrate:down\n"})
    monkeypatch.setenv("PATH", "/nothing")
    without = tool(None, at).row.name
    folder(**{"node_modules__.bin__dbmate": ""})

    assert (without, tool(None, at).row.name) == ("dbmate-files", "dbmate")


@every(
    "case",
    [
        (PLAIN, "SELECT 1; SELECT 2", "up", "SELECT 1; SELECT 2", True),
        (PLAIN, "VACUUM; -- ; one", "up", "VACUUM; -- ; one", False),
        (PLAIN, "SELECT $a$;$a$, ';', \";\" /* ; */;", "up", "SELECT $a$;$a$, ';', \";\" /* ; */;", False),
        (PLAIN, "-- no-transaction\nSELECT 1; SELECT 2", "up", "-- no-transaction\nSELECT 1; SELECT 2", False),
        (GOOSE, "-- +goose Up\nA; B;\n-- +goose Down\nC; D;\n", "down", "\n\n-- +goose Down\nC; D;\n", True),
        (
            GOOSE,
            "-- +goose NO TRANSACTION\n-- +goose Up\nA; B;\n-- +goose Down\n",
            "up",
            "\n-- +goose Up\nA; B;\n",
            False,
        ),
        (
            DBMATE,
            "-- migrate:up transaction:false\nA; B;\n-- migrate:down\nC; D;",
            "down",
            "\n\n-- migrate:down\nC; D;",
            True,
        ),
        (
            DBMATE,
            "-- migrate:up\nA; B;\n-- migrate:down transaction:false\nC; D;",
            "up",
            "-- migrate:up\nA; B;\n",
            True,
        ),
        (DBMATE, "-- migrate:up\nA; B;\n", "down", "", False),
    ],
)
def test_a_way_is_run_as_its_tool_runs_it(tmp_path, case):
    known, text, way, expected, in_transaction = case
    file = tmp_path / "1.sql"
    file.write_text(text)
    found = section(file, known, way)

    assert (found.text, found.in_transaction(known)) == (expected, in_transaction)


def test_what_stands_beside_a_file_is_asked_too(folder):
    at = folder(**{"1__up.sql": "A; B;", "1__metadata.toml": "run_in_transaction = false\n", "2__up.sql": "A; B;"})

    assert [section(at / each / "up.sql", DIESEL, "up").in_transaction(DIESEL) for each in "12"] == [False, True]


def test_what_psql_cannot_do_is_refused(folder):
    at = folder(**{"1.sql": "-- +goose ENVSUB ON\n-- +goose Up\nSELECT 1;"})

    with pytest.raises(Misuse, match=r"psql cannot do what this asks for: .*ENVSUB ON; pass --migrate"):
        section(at / "1.sql", GOOSE, "up")


def test_steps_that_stand_side_by_side_go_down_together():
    """Django's `migrate shop 1` takes back all that follows 1; and it takes nothing back where only a sibling is to go."""
    found = [
        Named(name, name, parents)
        for name, parents in {
            "shop.1": (),
            "shop.2": ("shop.1",),
            "till.1": ("shop.2",),
            "shop.2b": ("shop.1",),
            "shop.3": ("shop.2", "shop.2b"),
        }.items()
    ]
    steps = [Step(each.revision, (f"up {each.revision}",), (f"down {each.revision}",)) for each in found]
    told = joined(found, steps)

    assert [step.revision for step in told] == ["shop.1", "shop.2 + till.1 + shop.2b", "shop.3"]
    assert told[1].down == ("down shop.2b", "down till.1", "down shop.2")


def test_each_tool_is_whole():
    """What a row speaks of is there: its books are in bookkeeping.toml, its blanks are filled, its expressions are ones."""
    tables = {each.tool for each in known_tables()}
    assert {book.tool for row in known() for book in row.books} <= tables
    for row in known():
        for pattern in (row.irreversible, row.no_way, row.listed.step if row.listed else ""):
            re.compile(pattern)
        assert bool(row.up) == bool(row.down)
        assert row.up or row.files
