"""What a baseline records for later: plans and answers."""

import pytest

from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.probes.endpoints.answer import Answer
from rollproof.probes.endpoints.recording import without_values
from rollproof.probes.recorded import put, require_whole
from rollproof.sources.baseline import load

SNAPSHOT = Snapshot(
    Origin("shop", "7", 180000, "2026-11-24 10:00:00.5+00", None, "0"), {"tables": {"public.a": "table"}}
)


def test_a_second_baseline_keeps_the_first(tmp_path):
    path, said = tmp_path / "baseline.json", []
    put(SNAPSHOT, path, said.append)
    first = path.read_bytes()
    put(Snapshot(SNAPSHOT.origin, {"tables": {"public.b": "table"}}), path, said.append)

    assert (tmp_path / "baseline-2026-11-24-10-00-00.json").read_bytes() == first
    assert load(path).tables == ("public.b",)
    assert "is kept" in said[1]


def test_what_is_no_baseline_is_not_written_over(tmp_path):
    path = tmp_path / "precious.txt"
    path.write_text("no baseline")

    with pytest.raises(Misuse):
        put(SNAPSHOT, path, print)
    assert path.read_text() == "no baseline"


def test_a_baseline_with_a_hole_is_refused():
    with pytest.raises(Inconclusive, match=r"rows public\.a: no"):
        require_whole(Snapshot(SNAPSHOT.origin, SNAPSHOT.facets, {"rows": {"public.a": "no"}}))


def test_an_answer_is_told_by_its_keys():
    assert without_values(Answer(200, 0.1, "application/json", ("b", "a"))) == "status 200, application/json, keys a, b"
    assert without_values(Answer(204, 0.1, "", None)) == "status 204, no type, no JSON object"
