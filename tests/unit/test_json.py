"""result.json: every field, every finding, any text."""

import dataclasses
import json

import pytest

from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.model.finding import Finding
from rollproof.report.json import result
from rollproof.verdict.outcome import Report


def test_the_json_has_every_field_and_every_finding():
    found = tuple(Finding("columns", f"c{number}", "a", None, compared=True) for number in range(50))
    given = report(outcome("not restored", "", found), notes=("note",))
    read = json.loads(result(given))

    assert list(read) == ["format", *(field.name for field in dataclasses.fields(Report)), "reasons"]
    assert read == {"format": 2, **json.loads(json.dumps(dataclasses.asdict(given))), "reasons": []}
    assert result(given) == result(given)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_json_carries_any_text(text):
    read = json.loads(result(all_over(text)))
    carried = text.replace("\ud800", r"\ud800")

    assert read["subject"] == read["outcomes"][0]["findings"][0]["expected"] == read["promises"][carried] == carried
