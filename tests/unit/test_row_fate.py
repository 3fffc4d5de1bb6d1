"""Primary keys, as their definitions name them."""

from rollproof.migration.row_fate import primary_keys
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.sources.recorded import Recorded


def test_a_primary_key_is_read_from_its_definition():
    origin = Origin("d", "1", 180000, "now", None, "0")
    constraints = {
        "public.a.a_pkey": 'PRIMARY KEY (id, "a, ""b)") INCLUDE (c)',
        "public.b.b_pkey": "PRIMARY KEY (id, valid WITHOUT OVERLAPS)",
        "public.c.c_key": "UNIQUE (id)",
    }

    found = primary_keys(Recorded(Snapshot(origin, {"constraints": constraints}), "x"))

    assert found == {"public.a": ("id", '"a, ""b)"')}
