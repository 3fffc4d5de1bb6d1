"""result.json: every field, every finding, any text."""

import dataclasses
import json

import pytest

from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.model.compare import Difference
from rollproof.report.html import page
from rollproof.report.json import result
from rollproof.verdict.outcome import Report


def test_the_json_has_every_field_and_every_finding():
    found = tuple(Difference("columns", f"c{number}", "a", None) for number in range(50))
    given = report(outcome("not restored", "text", found), notes=("note",))
    read = json.loads(result(given))

    assert list(read) == ["format", *(field.name for field in dataclasses.fields(Report)), "reasons"]
    assert read == {"format": 1, **json.loads(json.dumps(dataclasses.asdict(given))), "reasons": []}
    assert result(given) == result(given)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_json_carries_any_text(text):
    read = json.loads(result(all_over(text)))
    carried = text.replace("\ud800", r"\ud800")

    assert read["subject"] == read["outcomes"][0]["findings"][0]["before"] == read["promises"][carried] == carried


def test_a_finding_that_is_no_dataclass_is_told_by_its_text():
    given = report(outcome("not restored", "said", (ValueError("odd"),)))

    assert json.loads(result(given))["outcomes"][0]["findings"] == ["odd"]
    assert "said" in page(given)
    assert "What failed" in page(report(outcome("not restored", "", (ValueError("odd"),))))
