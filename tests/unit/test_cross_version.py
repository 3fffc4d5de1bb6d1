"""A reference of another major version: which query asks the same, and where the server prints a gap."""

from rollproof.catalog.queries import for_version, guarded, query
from rollproof.sources.cross_version import gapped


def test_a_gap_stands_where_the_server_prints():
    assert gapped("'DEFAULT ' || pg_get_expr(ad.adbin, (0)), x") == (
        "'DEFAULT ' || (left(pg_get_expr(ad.adbin, (0)), 0) || E'\\x01'), x"
    )


def test_what_asks_the_same_in_another_way_is_no_difference():
    positions = query("sequence_positions")

    assert for_version(positions, 170000) != for_version(positions, 180000)
    assert guarded(positions, 170000) == guarded(positions, 180000)
