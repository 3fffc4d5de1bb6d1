"""Which rows differ: how much is kept, where it is written, and how it is shown."""

import pytest

from rollproof.model.errors import Misuse
from rollproof.rows import per_row_hashes as ledger
from rollproof.verdict.row_evidence import RowEvidence, Wanted


def test_what_is_kept_of_each_row_is_bounded(monkeypatch):
    monkeypatch.setattr(ledger, "TOGETHER", 200_000)
    rows = {"empty": 0, "small": 10, "middle": 90_000, "log": 100_000, "large": 100_001, "last": 95_000}

    assert ledger.chosen(rows, {"log", "large"}) == ("log", "empty", "small", "middle")


def test_an_evidence_file_that_cannot_be_written_is_refused_at_once(tmp_path):
    with pytest.raises(Misuse, match=r"--evidence-file .*No such file"):
        RowEvidence(None, None, None, Wanted(file=tmp_path / "missing" / "rows"))
