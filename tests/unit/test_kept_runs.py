"""Which of the runs of a folder is meant, whatever names somebody gave to their folders."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from fixtures.sample_reports import report
from rollproof.commands.kept_runs import kept_runs, night_of
from rollproof.commands.report import report as command
from rollproof.report.json import result


@pytest.fixture
def folder(tmp_path):
    """Return a report folder with three runs, two of which somebody named, and one that only seems to be a run."""
    for name, ended in {
        "2026-11-29T154137.632Z-verified": "",
        "before the fix": "2026-11-29T15:30:00Z",
        "2026-99-99T999999.000Z-verified": "2026-11-29T15:00:00+00",
        "no time": "soon",
    }.items():
        (tmp_path / "runs" / name).mkdir(parents=True)
        given = report()
        client = replace(given.provenance.client, ended=ended)
        given = replace(given, provenance=replace(given.provenance, client=client))
        (tmp_path / "runs" / name / "result.json").write_bytes(result(given))
    return tmp_path


def test_a_run_in_a_folder_of_another_name_stands_where_it_ended(folder):
    runs = kept_runs(folder)

    assert [each.ended[11:] for each in runs] == ["", "15:00:00Z", "15:30:00Z", "15:41:37Z"]
    assert [each.name for each in night_of(runs, "2026-11-29T15:10")] == [runs[2].name, runs[3].name]
    assert len(night_of(runs, None)) == 3


def test_a_newest_run_that_knew_no_database_does_not_hide_the_night(folder):
    name = folder / "runs" / "2026-11-29T154200.000Z-interrupted"
    name.mkdir()
    (name / "result.json").write_bytes(result(report(verdict="INTERRUPTED", exit_code=143, subject="not opened")))

    assert [each.name for each in night_of(kept_runs(folder), None)][-2:] == [
        "2026-11-29T154137.632Z-verified",
        name.name,
    ]


def test_one_that_cannot_be_read_whole_takes_no_other_from_the_page_of_a_night(folder):
    spoilt = folder / "runs" / "before the fix" / "result.json"
    spoilt.write_bytes(spoilt.read_bytes().replace(b'"stages": []', b'"stages": 7'))

    def merged(*named):
        typed = ["merge", "--report-dir", folder, "--output", folder / "night.html", *named]
        return CliRunner().invoke(command, [*map(str, typed)], standalone_mode=False)

    assert "WARNING: left out: before the fix cannot be read" in merged().output
    assert "2026-11-29T154137" in (folder / "night.html").read_text("utf-8")
    assert "before the fix cannot be read" in str(merged("before the fix").exception)
