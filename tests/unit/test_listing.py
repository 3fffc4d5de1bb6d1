"""The list of runs: each read from its files in short, whatever rollproof wrote them, and told in 80 columns."""

import json
from dataclasses import replace

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, outcome, report
from rollproof.model.finding import Finding, FindingId
from rollproof.report.history.kept import Kept, rehearsal, verification
from rollproof.report.history.listing import lines
from rollproof.report.json import result
from rollproof.verdict.selected import Selected

ROOT = Finding("columns", "public.users.id", "uuid", "text", compared=True)
FOLLOWER = Finding("indexes", "public.users.key", "x", compared=True, follows_from=FindingId("columns", ROOT.subject))
WARNING = Finding("planner_statistics", "public.users", sentence="never analysed", heals=True)
BAD = report(
    outcome("not restored", findings=(ROOT, FOLLOWER)),
    outcome("warning", findings=(WARNING,), check="planner_statistics"),
    selection=Selected(2, 2),
)


def at(name="2026-11-29T154137.632Z-not-restored"):
    return Kept(name=name, path=f"runs/{name}", ended="2026-11-29T15:41:37Z", verdict="NOT RESTORED")


def test_a_run_is_counted_as_its_own_report_counts():
    kept = verification(result(BAD), at())

    assert (kept.kind, kept.verdict, kept.phase, kept.exit_code) == ("verification", "NOT RESTORED", "post_rollback", 1)
    assert (kept.causes, kept.consequences, kept.warnings) == (1, 1, 1)
    assert (kept.is_part, verification(result(replace(BAD, selection=Selected(1, 2))), at()).is_part) == (False, True)
    assert (kept.database, kept.took, kept.problem) == ("postgres@localhost/vibes", 11.2, "")


def test_a_run_of_an_older_format_is_counted_as_far_as_it_tells():
    told = json.loads(result(BAD))
    second = {**{key: value for key, value in told.items() if key != "causes"}, "format": 2}
    first = {"format": 1, "verdict": "VERIFIED", "phase": "post_rollback", "outcomes": [{"text": "x"}]}

    assert verification(json.dumps(second).encode(), at()).causes == 1
    kept = verification(json.dumps(first).encode(), at())
    assert (kept.verdict, kept.causes, kept.problem) == ("VERIFIED", None, "")


@every(
    ("content", "why"),
    [
        (b"", "not whole"),
        (result(BAD)[:200], "not whole"),
        (b"[]", "not whole"),
        (b'{"format": 3}', "not whole"),
        (b'{"format": 3, "verdict": "x", "seconds": 1e300, "rehearsals": [{"seconds": 1e300}]}', "not whole"),
        (b'{"format": 99, "verdict": "VERIFIED"}', "has format 99"),
        (b'{"format": "3", "verdict": "VERIFIED"}', "not whole"),
        (b"[" * 100_000, "not whole"),
        (b"\xff\xfe", "not whole"),
    ],
)
def test_what_is_not_whole_is_named_and_not_believed(content, why):
    for read in (verification, rehearsal):
        kept = read(content, at())

        assert why in kept.problem
        assert kept.kind == "unknown"


def test_a_rehearsal_counts_a_difference_of_several_stages_once():
    stage = {"roots": [{"check": "columns", "subject": "public.users.id", "following": [{}, {}]}]}
    less = {"roots": [{**stage["roots"][0], "following": []}]}
    told = {
        "format": 1,
        "verdict": "NOT RESTORED",
        "rehearsals": [{"source": "shop", "seconds": 3, "stages": [stage, less]}],
    }

    kept = rehearsal(json.dumps(told).encode(), at())

    assert (kept.kind, kept.causes, kept.consequences, kept.database, kept.took) == ("rehearsal", 1, 2, "shop", 3)


def runs(*changes):
    base = verification(result(BAD), at())
    for number, change in enumerate(changes):
        name = f"2026-11-29T1541{number:02}.632Z-not-restored"
        yield type(base)(**{**vars(base), "name": name, **change})


NIGHT = [
    {"age": 90.0},
    {"causes": 5, "took": 20.0},
    {"causes": 5, "took": 20.3},
    {"phase": "pre_rollback", "verdict": "NOT READY"},
    {"causes": 1, "is_part": True},
    {"causes": 0, "consequences": 0, "exit_code": 7, "verdict": "INCONCLUSIVE", "took": 0.1},
    {"causes": 0, "consequences": 0, "took": 0.5, "verdict": "VERIFIED"},
    {"problem": "it is a symbolic link"},
]


def test_each_run_has_a_line_and_what_became_of_it_since_the_one_before():
    listed = list(lines(list(runs(*NIGHT))))

    assert listed[1:3] == ["", "postgres@localhost/vibes"]
    assert listed[3].split() == [
        "2026-11-29T154100",
        "post_rollback",
        "NOT",
        "RESTORED",
        "1",
        "+1",
        "11.2",
        "s",
        "90",
        "s",
    ]
    assert listed[4].split()[4:] == ["5↑", "+1", "20.0", "s↑"]
    assert listed[5].split()[4:] == ["5=", "+1", "20.3", "s="]
    assert listed[6].split()[1:5] == ["pre_rollback", "NOT", "READY", "1"]
    assert listed[7].split()[4:] == ["1*", "+1", "11.2", "s"], "a part takes less time, and that is no news"
    assert listed[8].split()[2:] == ["INCONCLUSIVE", "?", "0.1", "s"]
    assert listed[9].split()[2:] == ["VERIFIED", "0↓", "0.5", "s↓"]
    assert "* a run of a part of its phase, which is not held against another one" in listed
    assert listed[-1] == "  2026-11-29T154107.632Z-not-restored: it is a symbolic link"


def test_a_hundred_runs_fit_80_columns_whatever_they_say():
    said = [
        {"database": text, "phase": text, "verdict": text, "took": 1e9, "causes": 10**6, "age": -1e9}
        for text in HOSTILE
    ]
    listed = list(lines(list(runs(*[{"took": 5_000.0, "causes": 2_000, "consequences": 10_000}] * 100, *said))))

    assert max(len(line) for line in listed[:103]) <= 80
    assert all(line.isprintable() for line in listed)
