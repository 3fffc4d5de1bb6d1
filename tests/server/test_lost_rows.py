"""What a rollback would lose is written down whole, for its owner's eyes, whatever the table is called."""

import json
import stat

import psycopg
import pytest

from fixtures.readers import reader
from rollproof.migration.lost_rows import write
from rollproof.migration.row_fate import TableAndCopy
from rollproof.model.errors import Misuse

A, B, C = (
    "aaaaaaaa-0000-4000-8000-00000000000a",
    "BBBBBBBB000040008000000000000000",
    "cccccccc-0000-4000-8000-00000000000c",
)
TABLES = f"""
CREATE TABLE copy (id text, v numeric);
CREATE TABLE live (id uuid, v numeric);
INSERT INTO copy VALUES ('{A.upper()}', 1.0), ('{B}', 2), (NULL, 3), (NULL, 3);
INSERT INTO live VALUES ('{A}', 1.00), ('{C}', 1e3), (NULL, 3);
"""


@pytest.fixture
def written(database):
    """Two tables; call it with a folder, and what is at risk of them is written there."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLES)
    pair = TableAndCopy("public.live", "public.copy", {"id": ("text", "uuid"), "v": ("numeric", "numeric")}, ("id",))
    view = reader(database)
    yield lambda folder: view.ask(lambda connection: write(connection, pair, folder))
    view.close()


def test_each_line_is_a_row_as_it_is_and_as_it_was(written, tmp_path):
    path = written(written(tmp_path / "deep" / "at-risk").parent)

    lines = [json.loads(line, parse_float=str) for line in path.read_text("utf-8").splitlines()]
    assert sorted(lines, key=str) == [
        {"change": "changed", "live": {"id": A, "v": "1.00"}, "copy": {"id": A.upper(), "v": "1.0"}},
        {"change": "deleted", "live": None, "copy": {"id": B, "v": 2}},
        {"change": "deleted", "live": None, "copy": {"id": None, "v": 3}},
        {"change": "written", "live": {"id": C, "v": 1000}, "copy": None},
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_said(written, tmp_path):
    (tmp_path / "at-risk").write_text("in the way")

    with pytest.raises(Misuse, match="cannot be written to"):
        written(tmp_path / "at-risk")
