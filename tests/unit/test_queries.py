"""The catalogue's queries as files: one style, which a reader of PostgreSQL's manual needs no key to."""

import re

from fixtures.every import every
from rollproof.catalog.queries import GUARD, SQL

FILES = {path.name: path.read_text("utf-8") for path in sorted(SQL.glob("*.sql"))}
WORDS = re.compile(
    r"\b(?:select|from|where|join|left|union|with|and|or|not|case|when|then|else|end|as|on|in|is|null|group|order|by)\b"
)
STRINGS = re.compile(r"'(?:[^']|'')*'|--.*")
READS = re.compile(r"(?:(?<!DISTINCT )\bFROM|\bJOIN) (?!pg_catalog\.|\(|LATERAL\b|\w+\()(\w+)\b(?!\.)")


def lines(text):
    return [STRINGS.sub("''", line) for line in text.splitlines() if not line.lstrip().startswith("--")]


def test_what_we_ask_is_ascii():
    """A server of another encoding refuses even a comment that it cannot spell."""
    assert [path.name for path in SQL.glob("*.sql") if not path.read_bytes().isascii()] == []


def test_each_file_begins_with_its_identity_and_its_description():
    begins = re.compile(r"-- identity: \S.*\n(?:--     .*\n)*-- description: \S")
    assert [name for name, text in FILES.items() if not begins.match(text)] == []


def test_no_line_is_longer_than_a_page_is_wide():
    assert [f"{name}: {line}" for name, text in FILES.items() for line in text.splitlines() if len(line) > 132] == []


def test_indentation_is_by_four_blanks_and_lines_end_where_they_end():
    ill = re.compile(r"^(?:    )* {1,3}\S|\t| $")
    assert [f"{name}: {line}" for name, text in FILES.items() for line in text.splitlines() if ill.search(line)] == []


def test_keywords_are_in_capitals():
    assert [f"{name}: {line}" for name, text in FILES.items() for line in lines(text) if WORDS.search(line)] == []


def test_catalogues_are_written_with_their_schema():
    for name, text in FILES.items():
        own = set(re.findall(r"\b(\w+) (?:\([^)]*\) )?AS (?:NOT )?(?:MATERIALIZED )?\(", text))
        read = {found for line in lines(text) for found in READS.findall(line)}
        assert read <= own, name


@every("name", FILES)
def test_a_guard_is_one_that_is_understood(name):
    """A line whose guard is misspelled would be asked of every server."""
    guards = [line for line in FILES[name].splitlines() if re.search(r"\S -- .*\d", line)]
    assert [line for line in guards if not GUARD.search(line)] == []
