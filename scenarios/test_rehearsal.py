"""The bundled story, verified in every phase from an empty folder: what the README tells a newcomer to type.

By day two of the phases; ROLLPROOF_PLACES=all tries all.
"""

import json
import os

import pytest

from rollproof.model.phase import DEFAULT_PHASE, PHASES

RESPELLED = "me: id is spelled otherwise: the same text but for upper or lower case, hyphens, braces or blanks"
TRIED = [*PHASES.values()] if os.environ.get("ROLLPROOF_PLACES") == "all" else [DEFAULT_PHASE]


@pytest.mark.parametrize("phase", TRIED, ids=str)
def test_the_rehearsal_goes_well_in_every_phase(phase, command, tmp_path, pytestconfig):
    server = pytestconfig.option.rollproof_server or os.environ.get("ROLLPROOF_SERVER") or "auto"
    done = command(tmp_path, "verify", phase.name, "--rehearse", "--server", server)

    result = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())
    assert (done.returncode, result["verdict"]) == (0, phase.good), done.output
    assert "throw-away" in result["provenance"]["subject"]["note"]
    assert len(result["provenance"]["reference"]["sha256"]) == 64  # of what is compared with, or of what was written
    assert "CREATE ROLE" not in done.stdout  # the superuser of a server that is thrown away is nobody's danger
    unchecked = {outcome["check"] for outcome in result["outcomes"] if outcome["kind"] == "not checked"}
    # Nobody told it what is free, and the migration leaves no table alone.
    assert unchecked <= {"disk_space", "untouched_rows"}
    if phase is DEFAULT_PHASE:
        _require_measured(result)
    if phase.recommends:
        assert result["recommendation"]["issue"] == "nothing wrong"
        told = [finding["sentence"] for each in result["outcomes"] for finding in each["findings"]]
        assert RESPELLED in told  # a warning: this migration spells ids otherwise


def _require_measured(result):
    """What a run measured is in its report, also where all is well."""
    assert [(each["before"], each["seconds"] > 0) for each in result["tables"]] == [
        (each["after"], True) for each in result["tables"]
    ]
    assert {each["table"] for each in result["agreement"]} == {each["name"] for each in result["tables"]}
    assert all(
        each["reference_backup"] and each["backup_live"] and each["reference_live"] for each in result["agreement"]
    )
    assert [(each["endpoint"], each["before"] > 0, each["after"] > 0) for each in result["answers"]] == [
        ("health", True, True),
        ("login", True, True),
        ("me", True, True),
    ]
    assert {
        "definitions of the database",
        "reading rows of the copies",
        "pg_dump of the database",
        "asking endpoints",
    } <= {each["name"] for each in result["stages"]}
