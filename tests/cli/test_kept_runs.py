"""`rollproof report`: a folder of runs, whatever lies in it, is listed, shown again, compared and merged."""

import hashlib
import json
import re
from dataclasses import replace

import pytest

from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.commands.drill_records import Drill, leave
from rollproof.model.finding import Finding
from rollproof.report.formats import formats
from rollproof.report.stored import read
from rollproof.verdict.selected import Selected

FIRST, SECOND, NIGHT = (
    "2026-11-28T010000.000Z-not-restored",
    "2026-11-29T010000.000Z-verified",
    "2026-11-29T011500.000Z-ready",
)
LOST = Finding("columns", "public.users.id", "uuid", compared=True)
BAD = report(outcome("not restored", findings=(LOST,)), selection=Selected(1, 1))
GOOD = replace(BAD, outcomes=(outcome(),), verdict="VERIFIED", exit_code=0)
BEFORE = replace(GOOD, verdict="READY", phase="pre_rollback")
FOREIGN = {
    "2026-11-01T000000.000Z-half": '{"format": 3, "verd',
    "2026-11-02T000000.000Z-newer": '{"format": 99, "verdict": "VERIFIED"}',
    "2026-11-03T000000.000Z-old": '{"format": 1, "verdict": "VERIFIED", "phase": "post_rollback", "outcomes": [{"text": "x"}]}',
    "2026-11-04T000000.000Z-hostile": json.dumps({"format": 1, "verdict": HOSTILE[9], "subject": HOSTILE[9]}),
    "holiday pictures": "",
}


@pytest.fixture
def folder(tmp_path):
    """A folder in which `rollproof-report` has three runs, a rehearsal, and what is none."""
    runs = tmp_path / "rollproof-report" / "runs"
    for name, told in ((FIRST, BAD), (SECOND, GOOD), (NIGHT, BEFORE)):
        (runs / name).mkdir(parents=True)
        for file, render in formats().items():
            text = render(told)
            (runs / name / file).write_bytes(text if isinstance(text, bytes) else text.encode())
    for name, text in FOREIGN.items():
        (runs / name).mkdir()
        (runs / name / "result.json").write_text(text)
    (runs / "2026-11-05T000000.000Z-link").symlink_to(runs / FIRST)
    (runs / "2026-11-06T000000.000Z-linked").mkdir()
    (runs / "2026-11-06T000000.000Z-linked" / "result.json").symlink_to("/etc/passwd")
    (runs / "2026-11-07T000000.000Z-empty").mkdir()
    (runs / ".running-1-2026").mkdir()
    rehearsed = runs / "2026-11-27T000000.000Z-not-restored"
    rehearsed.mkdir()
    (rehearsed / "rehearsal.json").write_text(
        '{"format": 1, "verdict": "NOT RESTORED", "rehearsals": [{"source": "dump"}]}'
    )
    (rehearsed / "rehearsal.html").write_text("<p>its page</p>")
    return tmp_path


def test_the_list_says_what_each_is(folder, command):
    listed = command(folder, "report")

    lines = listed.stdout.splitlines()
    assert listed.returncode == 0, listed.output
    assert [line.split()[0] for line in lines if "post_rollback" in line] == [
        "2026-11-03T000000",
        "2026-11-28T010000",
        "2026-11-29T010000",
    ]
    assert any("2026-11-29T010000" in line and "0↓" in line for line in lines)
    assert any("rehearsal" in line and "NOT RESTORED" in line for line in lines)
    told = "\n".join(lines[lines.index("not read:") :])
    for name in (
        "half",
        "newer",
        "link: it is a symbolic link",
        "linked: its result.json is a symbolic link",
        "empty",
        "holiday",
    ):
        assert name in told
    assert ".running" not in told
    assert all(line.isprintable() for line in lines)


def drilled(folder, when, digest, kind="rehearsal"):
    told = {"project": "x", "verdict": "NOT RESTORED", "source": "dump", "source_kind": "dump", "servers": ()}
    leave(folder / "rollproof-report", Drill(kind=kind, when=when, report_sha256=digest, **told), None)


def test_the_list_for_programs_and_a_drill_whose_run_is_gone(folder, command):
    rehearsed = folder / "rollproof-report/runs/2026-11-27T000000.000Z-not-restored/rehearsal.json"
    drilled(folder, "2026-11-27T00:00:00Z", hashlib.sha256(rehearsed.read_bytes()).hexdigest())
    drilled(folder, "2026-11-26T00:00:00Z", "gone", "restore")

    runs = json.loads(command(folder, "report", "--json").stdout)["runs"]

    assert [each["name"] for each in runs if each["is_drill"]] == [
        "2026-11-26T000000.000Z-restore-not-restored.json",
        "2026-11-27T000000.000Z-not-restored",
    ]
    assert [each["ended"] for each in runs] == sorted(each["ended"] for each in runs)


def test_a_run_is_shown_again(folder, command):
    text = command(folder, "report", "show", "2026-11-28")
    page = command(folder, "report", "show", "2026-11-28", "--format", "html", "--output", "again.html")

    assert text.stdout.startswith("NOT RESTORED")
    assert page.returncode == 0, page.output
    stored = read((folder / "rollproof-report/runs" / FIRST / "result.json").read_bytes())
    assert (folder / "again.html").read_text() == formats()["report.html"](stored)
    assert "READY" in command(folder, "report", "show").stdout
    assert "VERIFIED" in command(folder, "report", "show", "previous").stdout
    assert "NOT RESTORED" in command(folder / "rollproof-report" / "runs", "report", "show", f"./{FIRST}").stdout
    (folder / "rollproof-report/runs/2026-11-03T000000.000Z-old/summary.md").write_text("# VERIFIED by 0.2.0")
    old = command(folder, "report", "show", "2026-11-03")
    assert "VERIFIED by 0.2.0" in old.stdout
    assert "this is its summary.md as it was written" in " ".join(old.stderr.split())
    assert "its page" in command(folder, "report", "show", "2026-11-27", "--format", "html").stdout


def test_what_cannot_be_shown_is_refused_with_the_reason(folder, command):
    for typed, why in (
        (["show", "2026-11-2"], "4 runs begin with 2026-11-2"),
        (["show", "2025"], "no run begins with 2025"),
        (["show", "2026-11-01"], "its result.json is not whole"),
        (["show", "2026-11-02"], "its result.json has format 99, and this rollproof reads up to 3"),
        (["show", "2026-11-05"], "cannot be read: it is a symbolic link"),
        (["show", "2026-11-06"], "its result.json is a symbolic link"),
        (["show", "latest", "--format", "htm"], "did you mean `html`"),
        (["compare", "2026-11-27"], "is a rehearsal"),
        (["merge", "--since", "yesterday"], "write a time"),
        (["list", "--report-dir", "nowhere"], "there is no report folder nowhere"),
    ):
        done = command(folder, "report", *typed)

        assert (done.returncode, done.stdout) == (4, ""), typed
        assert why in " ".join(done.stderr.split()), done.stderr


def test_two_runs_are_compared(folder, command):
    text = command(folder, "report", "compare", "2026-11-28", "2026-11-29T0100")
    told = json.loads(command(folder, "report", "compare", FIRST, SECOND, "--json").stdout)

    assert text.returncode == 0
    assert re.search(r"gone: 1 cause\n  public.users +column id missing\n", text.stdout)
    assert (len(told["gone"]), told["new"], told["earlier"]["verdict"]) == (1, [], "NOT RESTORED")
    assert command(folder, "report", "compare").stdout.startswith("earlier  2026-11-28T010000  NOT RESTORED")


def test_a_night_is_put_on_one_page(folder, command):
    done = command(folder, "report", "merge")

    assert done.returncode == 0, done.output
    page = (folder / "night.html").read_text()
    assert page.index("VERIFIED") < page.index("READY")
    assert f'href="rollproof-report/runs/{SECOND}/report.html"' in page
    assert FIRST not in page
    assert command(folder, "report", "merge", FIRST, NIGHT, "--output", "two.html").returncode == 0
    assert FIRST in (folder / "two.html").read_text()


def test_whatever_a_run_says_comes_out_harmless(folder, command):
    for number, text in enumerate(HOSTILE):
        run = folder / "rollproof-report/runs" / f"2026-11-30T0100{number:02}.000Z-ready"
        run.mkdir()
        (run / "result.json").write_bytes(formats()["result.json"](all_over(text)))
    for typed in (["list"], ["show"], ["compare", FIRST, "latest"], ["compare", FIRST, "2026-11-30T010009"]):
        done = command(folder, "report", *typed)

        assert done.returncode == 0, done.output
        assert all(line.isprintable() for line in done.stdout.splitlines())
