"""The reports of a self-test: no format says better than came of the faults, none loses one that was missed, none obeys data."""

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from fixtures.every import every
from fixtures.markdown_shape import shape
from fixtures.runner_commands import obeyed
from fixtures.sample_reports import HOSTILE, Seen
from fixtures.sample_selftests import (
    GREEN,
    LOST,
    NOT_NULL,
    OUTSIDE,
    RED,
    REFUSED,
    SEEN,
    UNREADABLE,
    WAIVED,
    all_over,
    said,
    selftested,
)
from rollproof.model.errors import Misuse
from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.asked import Asked
from rollproof.rehearsal.selftest.outcome import BLIND, VERDICTS, WORDS, HarmlessTried, SelfTested
from rollproof.rehearsal.selftest.reports.files import formats, written
from rollproof.rehearsal.selftest.reports.github import annotations
from rollproof.rehearsal.selftest.reports.html import page
from rollproof.rehearsal.selftest.reports.json import result
from rollproof.rehearsal.selftest.reports.junit import result as junit
from rollproof.rehearsal.selftest.reports.listing import listing
from rollproof.rehearsal.selftest.reports.markdown import summary
from rollproof.rehearsal.selftest.reports.metrics import never_made, samples
from rollproof.rehearsal.selftest.reports.schema import schema
from rollproof.rehearsal.selftest.reports.telling import told
from rollproof.rehearsal.selftest.reports.terminal import SHOWN, lines
from rollproof.rehearsal.selftest.reports.told import ToldFault, ToldSelfTest
from rollproof.report.columns import WIDTH
from rollproof.report.metrics import Beside
from rollproof.system.bundle import suite_root
from rollproof.verdict.vocabulary import verdict_words

MADE = {
    "all seen": (selftested(SEEN), "ALL SEEN", 0),
    "one refused": (selftested(SEEN, REFUSED), "ALL SEEN", 0),
    "not all tried": (selftested(SEEN, listed=2), "SEEN SO FAR", 0),
    "some chosen": (selftested(SEEN, only=("columns",)), "SEEN SO FAR", 0),
    "waived": (selftested(SEEN, WAIVED), "BLIND SPOTS", 0),
    "not readable": (selftested(UNREADABLE), "BLIND SPOTS", 0),
    "not configured": (selftested(OUTSIDE, listed=9), "BLIND SPOTS", 0),
    "waived, strictly": (selftested(SEEN, WAIVED, strict=True), "BLIND SPOTS", 1),
    "all seen, strictly": (selftested(SEEN, strict=True), "ALL SEEN", 0),
    "missed": (selftested(SEEN, LOST), "MISSED", 1),
    "missed, and a false alarm": (selftested(LOST, WAIVED, harmless=(RED,)), "MISSED", 1),
    "a false alarm": (selftested(SEEN, harmless=(GREEN, RED)), "FALSE ALARM", 1),
    "nothing planted": (selftested(REFUSED), "INCONCLUSIVE", 7),
    "no fault": (selftested(), "INCONCLUSIVE", 7),
    "no time": (selftested(listed=9), "INCONCLUSIVE", 7),
    "red before": (selftested(trouble="the copy is not as it was: tables: public.x"), "INCONCLUSIVE", 7),
}


@pytest.mark.promise
@every("made", MADE)
def test_the_verdict_is_what_became_of_the_faults_and_no_report_says_better(made):
    done, word, code = MADE[made]
    one = told(done, str)

    assert (done.verdict.word, done.exit_code, one.verdict, one.exit_code) == (word, code, word, code)
    for render in (summary, junit, result, page):
        assert word in str(render(one))
    shown = [*lines(one)]
    assert shown[0].startswith(f"{word}: ")
    assert shown[-1] == f"exit code {code}: {word}"
    kinds = [each.tag for each in ElementTree.fromstring(junit(one)).iter() if each.tag in ("failure", "error")]  # noqa: S314
    assert bool(kinds) == bool(code)
    assert dict(_samples(one))["exit_code"] == code
    assert done.trouble in one.sentence


def test_where_there_was_no_time_for_a_fault_nothing_says_that_it_could_not_be_planted():
    assert selftested(listed=9).verdict.sentence == "no fault was tried in the time there was: give it more --seconds"


def _samples(one):
    return [(each.name, each.value) for each in samples(one, Beside(1.0))]


def test_each_word_of_a_verdict_is_explained():
    words = {each.word: each.exit_code for each in verdict_words() if each.command == "selftest"}

    assert {*words} == {*VERDICTS} - {"INCONCLUSIVE"}
    assert {word: code for _, word, code in MADE.values() if word in words and word != "BLIND SPOTS"} == {
        word: code for word, code in words.items() if code is not None
    }


@pytest.mark.promise
def test_every_format_tells_what_was_missed_and_why_something_is_not_seen():
    one = said(SEEN, LOST, WAIVED, UNREADABLE, OUTSIDE, harmless=(RED,), left_out=("events of shop",))
    for name, render in formats().items():
        text = render(one)
        text = text if isinstance(text, str) else text.decode()
        plain = re.sub(r"\\(?=[^n\"])", "", Seen(text).text if name.endswith("html") else text).replace('\\"', '"')
        for each in (LOST, WAIVED, UNREADABLE, OUTSIDE):
            assert each.fault.identity in plain, (name, each)
            assert each.word == "missed" or each.reason in plain or each.reason.replace('"', "&quot;") in plain, name
        assert LOST.fault.statement in plain, name
        assert UNREADABLE.mend in plain, name
        assert RED.found[0] in plain, name
    shown = "\n".join(lines(one))
    assert "to see it: GRANT SELECT ON public.invoices TO verifier;" in shown
    assert f"      {LOST.fault.statement}" in shown


def test_the_matrix_counts_every_fault_once_and_folds_what_is_all_seen():
    indexes = [replace(SEEN, fault=replace(NOT_NULL, kind="indexes", identity=str(n))) for n in range(30)]
    one = said(SEEN, *indexes, LOST, WAIVED, UNREADABLE, OUTSIDE, REFUSED)
    shown = [*lines(one)]
    head = shown.index(next(line for line in shown if line.startswith("kind")))

    assert [line.split() for line in shown[head : head + 5]] == [
        ["kind", "faults", "seen", "waived", "readable", "configured", "missed", "planted"],
        ["columns", "5", "1", "1", "·", "1", "1", "1"],
        ["rows", "1", "·", "·", "1", "·", "·", "·"],
        ["all", "36", "31", "1", "1", "1", "1", "1"],
        ["all", "seen:", "indexes", "30"],
    ]
    assert len({len(line) for line in shown[head - 1 : head + 4]}) == 1
    assert sum(kind.listed for kind in one.matrix) == one.total.listed == one.tried == 36
    assert all(sum(kind.words.values()) == kind.listed for kind in (*one.matrix, one.total))


def test_a_terminal_of_80_columns_shows_ten_of_many_reasons_and_long_kinds_stand_above():
    many = [replace(UNREADABLE, reason=f"role verifier has no SELECT on public.t{n:03}") for n in range(400)]
    lost = [
        replace(LOST, fault=replace(LOST.fault, kind="text_search_configurations", identity=str(n))) for n in range(40)
    ]
    shown = [*lines(said(*many, *lost, notes=("a note " * 40,)))]

    assert max(map(len, shown)) <= WIDTH
    assert len(shown) < 120
    assert shown.count(f"  and {400 - SHOWN} more, all in selftest.json") == 1
    assert "text_search_configurations" in shown
    assert "not readable: 400 faults" in shown


def test_what_was_not_tried_is_said():
    part = said(SEEN, listed=9, resumed=1, only=("columns", "*lost"))
    whole = said(SEEN, harmless=())

    assert part.sentences[0].startswith("only columns, *lost: 1 of 9 faults were tried, 1 of them by an earlier run; ")
    assert (part.is_whole, whole.is_whole) == (False, True)
    assert whole.sentences == ("no harmless change was made, so nothing is known of false alarms",)
    assert [dict(_samples(each))["run_good"] for each in (part, whole)] == [False, True]
    assert dict(_samples(part))["selftest_untried_faults"] == 8
    assert {each.name for each in never_made("misuse", Beside(1.0))} < {
        each.name for each in samples(whole, Beside(1.0))
    }


def test_harmless_changes_that_were_not_made_are_counted_by_their_reason():
    nothing = [HarmlessTried(f"change {n}", not_made="there is nothing here to make it with") for n in range(9)]
    one = said(SEEN, harmless=(GREEN, *nothing, HarmlessTried("CLUSTER", not_made="no index")))
    shown = [*lines(one)]

    assert "not made: 9 harmless changes: there is nothing here to make it with" in shown
    assert "not made: CLUSTER: no index" in shown
    assert "1 of 1 harmless changes were told as none" in shown


def test_strictly_a_blind_spot_is_a_failed_case():
    loose, strict = (junit(said(WAIVED, SEEN, strict=strict)).decode() for strict in (False, True))

    assert "<failure" not in loose
    assert 'message="1 fault not seen"' in strict


@pytest.mark.promise
@every("text", HOSTILE)
def test_no_markup_comes_from_data(text):
    lines_alike = "\n".join("harmless" for _ in text.splitlines())
    hostile, harmless = all_over(text), all_over(lines_alike)
    html = page(hostile)
    seen, expected = Seen(html), Seen(page(harmless))

    assert seen.tags == expected.tags
    assert {key for key, _ in seen.attributes} == {key for key, _ in expected.attributes}
    assert not re.search("[\x00-\x08\x0b-\x1f\u200b\u2028\u202e\u2066\ud800]", html)
    assert [each.tag for each in ElementTree.fromstring(junit(hostile)).iter()] == [  # noqa: S314 (we wrote it)
        each.tag
        for each in ElementTree.fromstring(junit(harmless)).iter()  # noqa: S314 (the same)
    ]
    assert shape(summary(hostile)) == shape(summary(harmless))
    listed = [*listing([Fault(text, text, text, text, text)])]
    shown = "\n".join([*lines(hostile), *listed])
    assert not re.search("[\x00-\x08\x0b-\x1f]", shown.replace("\n", "") + result(hostile).decode().replace("\n", ""))
    assert obeyed(shown) == []
    assert {each.name for each in obeyed("\n".join(each.command() for each in annotations(hostile)))} <= {
        "error",
        "warning",
    }


NOT_TOLD = {"version", "harmless", "trouble"}
"""Fields that are told under another name: as `postgresql`, as they are, as the sentence."""


def test_nothing_that_is_known_is_forgotten():
    assert {each.name for each in fields(SelfTested)} - NOT_TOLD <= {each.name for each in fields(ToldSelfTest)}


def test_json_is_as_its_schema_says():
    shipped = json.loads((suite_root() / "reports" / "selftest.schema.json").read_text("utf-8"))
    for one in (said(), all_over("x"), said(SEEN, LOST, WAIVED)):
        jsonschema.validate(json.loads(result(one)), shipped)

    assert shipped == schema(), "run: python tools/schema.py"


def test_a_folder_that_takes_no_report_is_named_once(tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file" / "x", Path("/proc/x")):
        (line,) = written(said(SEEN), folder)
        assert line.startswith(f"NOT written: {folder}: ")


def test_reports_of_runs_stay_where_they_are(tmp_path):
    (tmp_path / "report.html").write_text("of a run")
    (tmp_path / "selftest.html").write_text("of the last one")
    (line,) = written(said(SEEN), tmp_path)
    files = {path.name for path in tmp_path.iterdir()}

    assert [*written(said(SEEN), tmp_path / "new")] == [f"report: {tmp_path / 'new' / 'selftest.html'}"]
    assert line == f"report: {tmp_path / 'selftest.html'}"
    assert (tmp_path / "report.html").read_text() == "of a run"
    assert "ALL SEEN" in (tmp_path / "selftest.html").read_text()
    assert files == {"report.html", *formats()}


def test_a_password_is_in_no_file():
    one = replace(selftested(WAIVED), database="postgresql://anna:opensesame@db/shop", notes=("opensesame",))
    for name, render in formats().items():
        assert "opensesame" not in str(render(told(one, lambda text: text.replace("opensesame", "***")))), name


def test_github_shows_what_was_missed_as_errors_and_blind_spots_as_warnings():
    found = annotations(said(LOST, WAIVED, UNREADABLE, harmless=(RED,)))

    assert [each.level for each in found] == ["error", "error", "error", "warning", "warning"]
    assert found[1].title == "missed: default lost: public.orders.total"
    assert [each.level for each in annotations(said(*[SEEN] * 3))] == ["notice"]
    assert len(annotations(said(*[LOST] * 50))) == 10


def test_a_list_is_sql_that_says_what_must_differ():
    assert [*listing([NOT_NULL])] == [
        "-- columns: NOT NULL lost: public.users.email",
        "--   seen if `columns` tells of public.users.email",
        "ALTER TABLE public.users ALTER email DROP NOT NULL;",
        "",
        "-- 1 fault; none was planted",
    ]


@every(
    "pattern, fits", [("columns", True), ("NOT NULL*", True), ("public.users*", True), ("rows", False), ("c", False)]
)
def test_only_is_a_pattern_for_kind_facet_name_object_or_key(pattern, fits):
    asked = Asked("", only=(pattern,))

    assert asked.wants(NOT_NULL) is fits
    if not fits:
        with pytest.raises(Misuse, match="no fault of this database fits; --list shows all, of the kinds columns"):
            asked.chosen([NOT_NULL])


def test_the_page_explains_every_word_and_every_field():
    page = (Path(__file__).parents[2] / "docs" / "selftest.md").read_text("utf-8")
    fields_told = re.findall(r"`(\w+)`", page.partition("## selftest.json")[2])

    assert [word for word in (*WORDS, *VERDICTS) if f"| **{word}** |" not in page] == []
    assert {each.name for each in fields(ToldSelfTest)} - {*fields_told} == set()
    assert {each.name for each in fields(ToldFault)} - {*fields_told} == set()
    assert {*BLIND} < {*WORDS}


def test_a_verdict_says_of_how_many_faults_nothing_is_known():
    one = selftested(SEEN, REFUSED, listed=5).verdict

    assert one.sentence == "the one planted fault was seen; 1 could not be planted; 3 more were not tried"
    assert selftested(SEEN).verdict.sentence == "the one planted fault was seen"
