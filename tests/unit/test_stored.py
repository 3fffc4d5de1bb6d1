"""What result.json holds is read back as the report that it was written from."""

import dataclasses
import json

import pytest

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.model.errors import Misuse
from rollproof.report.json import result
from rollproof.report.stored import read
from rollproof.system.bundle import told

OWN = {"test_a.py::test_b": "Theirs."}


def test_a_report_that_was_written_is_read_as_it_was():
    """Of our own checks the texts are those of the installed ones; of the user's they are in the file."""
    promise, advice = told("columns").promises, f"When it fails: {told('columns').fails}"
    given = report(
        outcome("not restored"),
        promises={"columns": promise, **OWN},
        advice={"columns": advice, **OWN},
        not_compared=("passwords",),
    )

    assert b"passwords" not in result(given)
    assert promise.encode() not in result(given)
    assert read(result(given)) == dataclasses.replace(given, not_compared=())


@every("text", [text for text in HOSTILE if "\ud800" not in text])
def test_any_text_is_read_back(text):
    given = all_over(text)

    assert read(result(given)) == dataclasses.replace(given, promises={}, advice={})


def test_a_file_of_the_version_before_is_read():
    """Its notes repeated what no run compares, and it knew nothing of families and tables."""
    old = json.loads(result(report(outcome("verified"), notes=("accepted: x",))))
    for name in ("causes", "next_steps", "families", "tables", "stages", "answers", "agreement", "waived"):
        del old[name]
    old |= {
        "format": 2,
        "notes": ["accepted: x", "not compared: passwords"],
        "promises": {"columns": "As it was said then."},
    }
    told = read(json.dumps(old).encode())

    assert (told.notes, told.not_compared) == (("accepted: x",), ("passwords",))
    assert told.promises == {"columns": "As it was said then."}
    assert told.tables == ()


def test_a_field_that_nobody_knows_is_ignored():
    told = json.loads(result(report(outcome())))
    told["outcomes"][0]["colour"] = told["weather"] = "blue"

    assert read(json.dumps(told).encode()).outcomes == (outcome(),)


@every(("content", "why"), [
    (b"", "no result.json|not the result.json"),
    (b"\xff\xfe", "not the result.json"),
    (b"[" * 100_000, "not the result.json"),
    (b"[]", "not the result.json"),
    (b'{"format": "3"}', "its format is none of 2, 3"),
    (b'{"format": 1, "verdict": "x"}', "its format is none of 2, 3"),
    (b'{"format": 3}', "missing required field"),
    (b'{"format": 4}', "a newer rollproof wrote this"),
    (b'{"format": true}', "its format is none of 2, 3"),
    (result(report(outcome())).replace(b'"verified"', b'"passed"'), "not the result.json"),
    (result(report(outcome())).replace(b'"seconds": 0.5', b'"seconds": "long"'), "not the result.json"),
])  # fmt: skip
def test_anything_else_is_misuse_in_one_sentence(content, why):
    with pytest.raises(Misuse, match=why):
        read(content)
