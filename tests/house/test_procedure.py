"""The page of the procedure names tests, cases and checks that are there."""

import re
from pathlib import Path

from rollproof.system.bundle import check_files

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "procedure.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")
]
LINES = [row for row in ROWS if row[1] != "served by" and set(row[0]) != {"-"}]
NOT_CHECKS = {"actor", "phases", "note"}
"""What else is one word on this page: a column, a key, a command's name."""


def test_each_line_is_served_and_seen():
    assert len(LINES) >= 49
    assert [row[0] for row in LINES if len(row) != 3 or not all(row)] == []


def test_each_test_and_each_case_is_there():
    named = [name for row in LINES for name in re.findall("`(.*?)`", row[2])]

    assert len(named) > len(LINES)
    assert [name for name in named if not _is_there(*name.partition("::")[::2])] == []


def _is_there(path, test):
    where = ROOT / path
    if not test:
        return (where / "expect.toml").exists()
    return where.is_file() and f"\ndef {test}(" in where.read_text("utf-8")


def test_each_check_is_one():
    words = {word for row in LINES for word in re.findall("`([a-z_]+)`", row[1])}

    assert words - NOT_CHECKS - {"max_age", "migration_log"} <= {*check_files()}
    assert len(words) > 20
