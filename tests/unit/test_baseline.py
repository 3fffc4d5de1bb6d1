"""Baselines: what was written is read back whole, or refused with what is wrong."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import strategies as st

from fixtures.every import every
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.names import sql_name
from rollproof.model.renamed import RENAMED
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.sources.baseline import load, save

ORIGIN = Origin("shop", "7000000000000000001", 150018, "2026-11-24 10:00:00+00", None, "0.1.0")
SNAPSHOT = Snapshot(ORIGIN, {"tables": {"public.orders": "table"}, "columns": {"public.orders.id": "integer"}})
# PostgreSQL refuses only the empty name and the zero byte.
raw_names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
hostile_names = raw_names | st.text("\". ()'$\n%{}[]/\\:", min_size=1, max_size=6)


def baseline(path, snapshot=SNAPSHOT):
    save(snapshot, path)
    return path


def test_a_baseline_comes_back_as_it_was(tmp_path):
    partial = Snapshot(ORIGIN, SNAPSHOT.facets, {"rows": {"public.orders": "permission denied"}})

    assert load(baseline(tmp_path / "whole.json")) == SNAPSHOT
    assert load(baseline(tmp_path / "partial.json", partial)) == partial


def test_a_baseline_is_for_its_owner_alone_and_leaves_no_temporary_file(tmp_path):
    path = baseline(baseline(tmp_path / "baseline.json"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_baseline_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = baseline(tmp_path / "baseline.json")
    before = path.read_bytes()

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Misuse, match="No space left on device"):
        save(Snapshot(ORIGIN, {"tables": {"public.other": "table"}}), path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_baseline_into_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(Misuse, match="No such file"):
        save(SNAPSHOT, tmp_path / "missing" / "baseline.json")


def test_a_missing_baseline_says_how_to_take_one(tmp_path):
    with pytest.raises(Misuse, match=r"no baseline at .*\n.*rollproof capture"):
        load(tmp_path / "baseline.json")


@every("left", [0, 1, 0.5, -2, -1])
def test_a_baseline_cut_short_is_refused(left, tmp_path):
    path = baseline(tmp_path / "baseline.json")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(left * len(whole)) if isinstance(left, float) else left])

    with pytest.raises(Misuse, match="not a whole rollproof baseline"):
        load(path)


def test_no_flipped_byte_goes_unnoticed(tmp_path):
    path = baseline(tmp_path / "baseline.json")
    whole = path.read_bytes()
    accepted = []
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        try:
            load(path)
        except Misuse:
            continue
        accepted.append((place, whole[place : place + 1]))

    # An older format's number is no lie about the facts; everything else is noticed.
    assert [byte for _, byte in accepted if byte != b"1"] == []


def test_a_changed_fact_is_named_as_a_change(tmp_path):
    path = baseline(tmp_path / "baseline.json")
    path.write_bytes(path.read_bytes().replace(b'"integer"', b'"integes"'))

    with pytest.raises(Misuse, match="changed after it was sealed"):
        load(path)


def test_a_newer_format_asks_for_a_newer_rollproof(tmp_path):
    path = baseline(tmp_path / "baseline.json")
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "format": 2}))

    with pytest.raises(Misuse, match="use a newer rollproof"):
        load(path)


@every("facets", [{}, {"tables": {}}, {"columns": {"public.orders.id": "integer"}}])
def test_a_baseline_without_tables_proves_nothing(facets, tmp_path):
    path = baseline(tmp_path / "baseline.json", Snapshot(ORIGIN, facets))

    with pytest.raises(Misuse, match="no tables to look at"):
        load(path)


def test_a_facet_that_was_not_captured_is_unknown_not_empty():
    with pytest.raises(Inconclusive, match="was not captured"):
        SNAPSHOT.facts("triggers")
    with pytest.raises(Inconclusive, match="could not be read: permission denied"):
        Snapshot(ORIGIN, {}, {"columns": {"*": "permission denied"}}).facts("columns")


tables = st.builds("{}.{}".format, hostile_names.map(sql_name), hostile_names.map(sql_name))


def test_a_baseline_of_an_older_rollproof_is_read_by_the_same_rule(tmp_path):
    """It holds names as its server spelled them."""
    key = '{"table": "public.t", "columns": ["json"], "references": "public.json", "child_only": true}'
    facets = {
        "tables": {"public.json": "table", 'public."a json"': "table"},
        "columns": {"public.t.json": "json DEFAULT '\"json\"'::json"},
        "functions": {"public.json_value(json, pg_catalog.json[])": "AS 'json'"},
        "foreign_keys": {"public.t.k": key},
    }
    origin = Origin("d", "1", 150000, "then", None, "0.2.0")
    save(Snapshot(origin, facets, {"rows": {"public.json": "unreadable"}}), tmp_path / "old.json")

    read = load(tmp_path / "old.json")

    assert read.tables == ('public."a json"', 'public."json"')
    assert read.facets["columns"] == {'public.t."json"': "json DEFAULT '\"json\"'::json"}
    assert [*read.facets["functions"]] == ['public."json_value"(json, json[])']
    assert json.loads(read.facets["foreign_keys"]["public.t.k"]) == {
        "table": "public.t",
        "columns": ['"json"'],
        "references": 'public."json"',
        "child_only": True,
    }
    assert read.unknown == {"rows": {'public."json"': "unreadable"}}


def test_a_facet_of_an_older_rollproof_has_the_name_that_it_has_now(tmp_path):
    facets = {
        "tables": {"public.t": "table"},
        "enforcement": {"public.t.k": "enforced"},
        "answers": {"health": "status 200"},
    }
    save(Snapshot(ORIGIN, facets), tmp_path / "old.json")

    read = load(tmp_path / "old.json")

    assert read.facets == {
        "tables": {"public.t": "table"},
        "foreign_key_triggers": {"public.t.k": "enforced"},
        "endpoint_answers": {"health": "status 200"},
    }


def test_what_was_renamed_has_another_name_that_a_check_bears():
    checks = {path.stem.removeprefix("test_") for path in (Path(__file__).parents[2] / "checks").glob("test_*.py")}

    assert RENAMED.keys().isdisjoint(checks)
    assert set(RENAMED.values()) <= checks


@every("facets", [{}, {"columns": {"public.orders.id": "integer"}}])
def test_tables_that_were_not_captured_are_not_none(facets, tmp_path):
    save(Snapshot(Origin("shop", "1", 180000, "then", None, "0.3.0"), facets), tmp_path / "baseline.json")

    with pytest.raises(Misuse, match="no tables to look at"):
        load(tmp_path / "baseline.json", allow_empty=True)
