"""rehearsal.sarif holds to what code scanning asks for, beyond what tests/unit/test_rehearsal_reports.py asks of every format."""

import json
from dataclasses import replace
from pathlib import Path

from fixtures.sample_rehearsals import LOST, MADE, rehearsed, said
from rollproof.model.finding import FindingId
from rollproof.rehearsal.blame.origin import Origin, Place
from rollproof.rehearsal.reports.sarif import result


def results(*rehearsals):
    (run,) = json.loads(result(said(*rehearsals)))["runs"]
    assert {each["ruleId"] for each in run["results"]} == {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    return {each["ruleId"]: each for each in run["results"]}


def test_each_difference_stands_at_the_statement_to_mend_and_none_has_no_place():
    """GitHub refuses a file in which one result has no place; of two statements the one that undid it wrongly comes first."""
    undone = Place("rollback", 3, "CREATE TABLE", Path("/project/my files/down.sql"))
    stage = replace(LOST, origins={FindingId("tables", "public.parcels"): Origin(MADE, undone)})
    found = results(rehearsed(stage), rehearsed(stage, server="another"))

    places = {check: each["locations"][0]["physicalLocation"] for check, each in found.items()}
    assert places == {
        "tables": {"artifactLocation": {"uri": "my%20files/down.sql"}, "region": {"startLine": 1}},
        "indexes": {"artifactLocation": {"uri": "rollproof.toml"}, "region": {"startLine": 1}},
    }
    (made,) = found["tables"]["relatedLocations"]
    assert made["physicalLocation"] == {"artifactLocation": {"uri": "versions/0042_x.py"}, "region": {"startLine": 31}}
    assert "undone wrongly by statement 3 of the rollback (" in found["tables"]["message"]["text"]
