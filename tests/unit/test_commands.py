"""JUnit files of the user's commands, whatever is in them; and what must be installed to read one."""

import importlib.util
import os

import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.probes.commands import require_readers
from rollproof.probes.inner_results import inner_results, signature
from rollproof.settings.command import Command

BAD = '<testcase classname="t" name="b" time="0.5"><failure message="no geheim">trace of geheim</failure></testcase>'
GOOD = '<testcase name="a"/>'
FILES = {  # what stands in the file → the cases read, as (name, kind), and what is wrong with the file
    f"<testsuite>{GOOD}{BAD}</testsuite>": ([("a", "passed"), ("b", "failure")], ""),
    f"<testsuites><testsuite>{GOOD}<testsuite>{BAD}</testsuite></testsuite></testsuites>": (
        [("a", "passed"), ("b", "failure")],
        "",
    ),
    '<testsuite><testcase name="a"><skipped/></testcase></testsuite>': ([("a", "skipped")], "all skipped"),
    '<testsuite><testcase name="a"><skipped/><error/></testcase></testsuite>': ([("a", "error")], ""),
    "<testsuite/>": ([], "without a test case: no test was run"),
    "<testsuites/>": ([], "without a test case: no test was run"),
    "": ([], "one that is no JUnit"),
    "<html/>": ([], "one that is no JUnit"),
    "<testsuite><testcase": ([], "one that is no JUnit"),
    "<testsuite>" + '<testcase name="x" time="soon"/>' + "</testsuite>": ([], "one that is no JUnit"),
    f'<testsuite errors="1"><error message="no database"/>{GOOD}</testsuite>': (
        [("a", "passed")],
        "counts failures, and none",
    ),
    f'<testsuites failures="1" errors="1"><testsuite failures="2">{BAD}</testsuite></testsuites>': (
        [("b", "failure")],
        "",
    ),
    f'<testsuites failures="0"><testsuite failures="0" errors="">{GOOD}</testsuite></testsuites>': (
        [("a", "passed")],
        "",
    ),
    "\x00\x01": ([], "one that is no JUnit"),
    "<testsuite>" + GOOD * 10_050 + "</testsuite>": ([("a", "passed")] * 10_001, "more than 10,000 tests"),
}


@every("text, cases, wrong", [(text, cases, wrong) for text, (cases, wrong) in FILES.items()])
def test_a_file_is_read_or_it_is_said_what_is_wrong_with_it(text, cases, wrong, tmp_path_factory):
    file = tmp_path_factory.mktemp("results") / "junit.xml"
    file.write_text(text)

    found, trouble = inner_results(file, None, lambda said: said.replace("geheim", "***"))

    assert [(case.name, case.kind) for case in found] == cases
    assert (wrong in trouble) if wrong else not trouble
    assert "geheim" not in repr(found)


def test_only_a_file_that_was_written_meanwhile_is_of_this_run(tmp_path):
    file = tmp_path / "junit.xml"
    missing = inner_results(file, signature(file), str)
    file.write_text(f"<testsuite>{GOOD}</testsuite>")
    before = signature(file)

    stale = inner_results(file, before, str)
    os.utime(file, ns=(0, before[1] + 1))  # the same text, written again
    fresh = inner_results(file, before, str)

    assert missing == ((), "none was written")
    assert stale == ((), "one of an earlier run, which this run did not write")
    assert ([case.name for case in fresh[0]], fresh[1]) == (["a"], "")


@every("told, seconds", {"inf": 0, "nan": 0, "-3": 0, "1e300": 0, "0.25": 0.25, "1,234.5": 1234.5}.items())
def test_a_time_that_no_report_could_hold_is_none(told, seconds, tmp_path_factory):
    file = tmp_path_factory.mktemp("results") / "junit.xml"
    file.write_text(
        f'<testsuite><testcase name="{"n" * 10_000}" classname="{"c" * 10_000}" time="{told}"/></testsuite>'
    )

    ((case,), _) = inner_results(file, None, str)

    assert (case.seconds, len(case.name), len(case.group)) == (seconds, 500, 500)


@every(
    "hostile",
    [f'<!DOCTYPE t [<!ENTITY x SYSTEM "file://{__file__}">]>', '<!DOCTYPE t [<!ENTITY y "no"><!ENTITY x "&y;">]>'],
)
def test_an_entity_brings_no_other_file_in(hostile, tmp_path):
    file = tmp_path / "junit.xml"
    file.write_text(f'{hostile}<testsuite><testcase name="a"><failure>&x;</failure></testcase></testsuite>')

    assert "JUnit files" not in repr(inner_results(file, None, str))


def test_a_folder_in_the_place_of_the_file_is_said(tmp_path):
    assert inner_results(tmp_path, None, str)[1].startswith("one that cannot be read (")


def test_without_the_library_that_reads_them_the_run_does_not_begin(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "junitparser" else real(name))

    require_readers([Command(name="tests", command="true")])
    with pytest.raises(Misuse, match=r"`junit` of the command 'tests' needs junitparser, not installed here"):
        require_readers([Command(name="tests", command="true", junit="junit.xml")])
