"""What is not compared: each entry once, and the page that lists them is made from the file."""

import re
import subprocess
import sys
from pathlib import Path

from rollproof.catalog.queries import SQL, NotCompared, not_compared

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_about_what_is_not_compared_is_the_one_that_the_file_makes():
    page = subprocess.run(
        [sys.executable, "-m", "rollproof.catalog.coverage"], check=True, capture_output=True, text=True
    ).stdout

    assert (DOCS / "not-compared.md").read_text("utf-8") == page
    assert all(f"| {entry.what} | {entry.reason} |" in page for entry in not_compared().not_checked)


def test_no_column_is_named_twice():
    file: NotCompared = not_compared()
    columns = [name for group in (*file.not_checked, *file.rendered, *file.bookkeeping) for name in group.columns]

    assert sorted(columns) == sorted(set(columns))


def test_a_whole_row_is_never_read():
    """A star would count every column as looked at."""
    assert [path.stem for path in sorted(SQL.glob("*.sql")) if reads_a_row(re.sub("--.*", "", path.read_text()))] == []


def reads_a_row(sql):
    tables = set(re.findall(r"pg_catalog\.\w+ AS (\w+)", sql))
    return bool(re.search(r"SELECT\s+\*", sql)) or bool(tables & set(re.findall(r"(\w+)\.\*", sql)))
