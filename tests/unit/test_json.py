"""result.json: every field, every finding, any text, as its schema says."""

import dataclasses
import json
import re

import jsonschema
import pytest

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.model.finding import Finding
from rollproof.report.json import FORMAT, result
from rollproof.report.schema import schema
from rollproof.system.bundle import suite_root


def test_the_json_has_every_field_and_every_finding():
    found = tuple(Finding("columns", f"c{number}", "a", None, compared=True) for number in range(50))
    given = report(
        outcome("not restored", "", found), notes=("note",), promises={"test_a.py::test_b": "Theirs."}, advice={}
    )
    told = json.loads(json.dumps(dataclasses.asdict(given)))
    del told["not_compared"]
    read = json.loads(result(given))

    assert list(read) == ["format", *told, "headline", "causes", "next_steps", "reasons"]
    assert {name: read[name] for name in told} == told
    assert sum(len(cause["roots"]) for cause in read["causes"]) == 50
    assert result(given) == result(given)


@every("text", HOSTILE)
def test_the_json_carries_any_text(text):
    read = json.loads(result(all_over(text)))
    carried = text.replace("\ud800", r"\ud800")

    assert read["subject"] == read["outcomes"][0]["findings"][0]["expected"] == read["notes"][0] == carried


def test_the_schema_that_we_ship_is_that_of_what_is_written():
    shipped = json.loads((suite_root() / "reports" / "result.schema.json").read_text("utf-8"))

    assert shipped == schema(), "run: python tools/schema.py"
    jsonschema.Draft202012Validator.check_schema(shipped)


@every("given", [report(), report(outcome("not checked", "no log")), all_over("text")])
def test_what_is_written_holds_to_the_schema(given):
    jsonschema.validate(json.loads(result(given)), schema())


@every("spoil", [
    lambda read: read["outcomes"][0].pop("reason"),
    lambda read: read["outcomes"][0].update(text="one more field"),
    lambda read: read["outcomes"][0].update(kind="passed"),
    lambda read: read["outcomes"][0]["findings"][0].update(expected=1),
    lambda read: read.update(format=1),
])  # fmt: skip
def test_the_schema_refuses_what_is_never_written(spoil):
    read = json.loads(result(all_over("text")))
    spoil(read)

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(read, schema())


def test_the_manual_names_every_field_and_no_other():
    text = (suite_root() / "docs" / "result.md").read_text("utf-8")
    parts = dict(re.findall(r"^## (\w[\w ]*)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    told = {
        title: sorted(
            name for row in re.findall(r"^\| (`[^|]*) \|", part, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
        )
        for title, part in parts.items()
    }
    made = schema()

    assert {name: told.get(name) for name in made["$defs"]} == {
        name: sorted(each["properties"]) for name, each in made["$defs"].items()
    }
    assert told["The whole"] == sorted(made["properties"])
    assert f"`format` is {FORMAT}." in text
