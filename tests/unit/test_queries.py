"""The catalogue's queries as files."""

from rollproof.catalog.queries import SQL


def test_what_we_ask_is_ascii():
    """A server of another encoding refuses even a comment that it cannot spell."""
    assert [path.name for path in SQL.glob("*.sql") if not path.read_bytes().isascii()] == []
