"""junit.xml and ctrf.json: what Jenkins, Ant, GitLab and CTRF's readers take, and show as it is meant."""

import dataclasses
import json
from pathlib import Path

import jsonschema
from lxml import etree

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, all_over, outcome, report
from rollproof.model.finding import Finding
from rollproof.model.names import EVERYTHING_ELSE
from rollproof.report.ctrf import result as ctrf
from rollproof.report.junit import result

FORMATS = Path(__file__).parents[1] / "data" / "formats"
SCHEMA = json.loads((FORMATS / "ctrf.schema.json").read_text("utf-8"))
OWN = "specs/test_x.py::TestSums::test_totals"
LOST = Finding("columns", "public.a.x", "text", None, compared=True)
KINDS = ("verified", "warning", "not restored", "inconclusive", "not checked", "misuse", "broken")
UNREACHED = report(
    verdict="INCONCLUSIVE", exit_code=7, trouble="the server cannot be reached", started="2026-11-29T01:02:03Z"
)
REPORTS = {
    "of every kind": report(*(outcome(kind, f"because of {kind}", check=f"c{at}") for at, kind in enumerate(KINDS))),
    "good": report(outcome(), verdict="VERIFIED", exit_code=0),
    "of a check of their own": report(outcome("not restored", findings=(LOST,), check=OWN, parameter="east")),
    "of nothing": UNREACHED,
}


def root(given):
    return etree.fromstring(result(given))


def schema(name):
    return etree.XMLSchema(etree.parse(FORMATS / name))


def without(xml, *extras):
    """Return the XML without what neither XSD knows of a case, and everybody reads over."""
    for path in extras:
        for each in xml.findall(f".//testcase/{path}"):
            each.getparent().remove(each)
    return xml


@every("given", [*REPORTS.values(), *map(all_over, HOSTILE)])
def test_jenkins_and_ant_take_it_and_ctrfs_readers_their_file(given):
    given = dataclasses.replace(given, started="2026-11-29T01:02:03Z")  # Ant wants one, and no name reaches it
    schema("junit-10.xsd").assertValid(without(root(given), "properties"))
    schema("ant.xsd").assertValid(without(root(given), "properties", "system-out"))
    jsonschema.Draft7Validator(SCHEMA).validate(json.loads(ctrf(given)))


@every("spoil", [
    lambda xml: xml[0].set("timestamp", "2026-11-29T01:02:03Z"),
    lambda xml: xml[0].attrib.pop("hostname"),
    lambda xml: xml[0].insert(0, xml[0][-1]),
    lambda xml: xml.set("name", "x"),
    lambda xml: xml[0].find("testcase/failure").attrib.pop("type"),
])  # fmt: skip
def test_ant_refuses_what_is_never_written(spoil):
    xml = without(root(REPORTS["of every kind"]), "properties", "system-out")
    spoil(xml)

    assert not schema("ant.xsd").validate(xml)


NAMED = report(
    outcome("not restored", findings=(LOST, LOST)),
    outcome("verified", parameter=EVERYTHING_ELSE),
    outcome("verified", check="triggers", parameter=""),
    outcome("inconclusive", "no rights", check="endpoints", parameter="health"),
    outcome("not checked", "no log", check=OWN, parameter=""),
)


def test_names_are_for_people():
    suite = root(NAMED)[0]
    tables = [each.get("value") for each in suite.iter("property") if each.get("name") == "rollproof.table"]

    assert suite.get("name") == "rollproof post_rollback shop"
    assert [(case.get("classname"), case.get("name")) for case in suite.findall("testcase")] == [
        ("checks.test_columns", "columns [public.users]"),
        ("checks.test_columns", "columns [everything else]"),
        ("checks.test_triggers", "triggers"),
        ("checks.test_endpoints", "endpoints [health]"),
        ("specs.test_x.TestSums", "test_totals"),
    ]
    assert tables == ["public.users"]


def test_types_are_for_programs_and_a_message_is_the_first_cause():
    bad = [each for case in root(NAMED).iter("testcase") for each in case if each.get("type")]

    assert [(each.tag, each.get("type"), each.get("message")) for each in bad] == [
        ("failure", "NotRestored", "public.a.x is missing, and 1 more"),
        ("error", "Inconclusive", "no rights"),
        ("skipped", "NotChecked", "no log"),
    ]


def gitlab(xml):
    """Return what GitLab shows of each case: by class and name, the text inside the element, not its attributes.

    Of cases of one class and name it reads the first. Its XML reader takes 250,000 elements, attributes and texts, and 30 MB.
    """
    shown = {}
    for case in xml.iter("testcase"):
        bad = {each.tag: each.text or "" for each in case if each.tag in {"failure", "error", "skipped"}}
        kind, text = next(iter(bad.items()), ("success", ""))
        shown.setdefault((case.get("classname"), case.get("name")), (kind, text, case.findtext("system-out") or ""))
    return shown


def jenkins(xml):
    """Return what Jenkins shows of each case: package, class and name, and `message` above the text."""
    for case in xml.iter("testcase"):
        package, _, name = case.get("classname").rpartition(".")
        bad = next((each for each in case if each.tag in {"failure", "error", "skipped"}), None)
        yield (package, name, case.get("name")), None if bad is None else (bad.get("message"), bad.text)


def test_gitlab_and_jenkins_show_each_case_with_its_reason():
    given = REPORTS["of every kind"]
    kinds = ["success", "success", "failure", "error", "skipped", "error", "error"]
    shown = gitlab(root(given))

    assert [kind for kind, _, _ in shown.values()] == kinds
    assert [bool(text) for _, text, _ in shown.values()] == [kind != "success" for kind in kinds]
    assert [output for _, _, output in shown.values()] == ["because of verified", "because of warning", *[""] * 5]
    for (place, told), each in zip(jenkins(root(given)), given.outcomes, strict=True):
        assert place == ("checks", f"test_{each.check}", f"{each.check} [public.users]")
        assert told is None or (each.reason in told[0] and each.reason in told[1])


def test_two_cases_of_one_name_are_two_to_gitlab():
    assert len(gitlab(root(report(outcome(), outcome(), outcome(), exit_code=0)))) == 3


def test_many_cases_are_within_what_gitlab_reads():
    """A group of tables is a case where there are many, so there are hundreds of cases, and each shows twenty findings."""
    many = tuple(Finding("columns", f"public.t{number}.x", "é" * 150, None, compared=True) for number in range(100))
    xml = result(report(*(outcome("not restored", findings=many, parameter=f"t{number}") for number in range(400))))
    objects = sum(1 + len(each.attrib) + bool(each.text) + bool(each.tail) for each in etree.fromstring(xml).iter())

    assert objects < 250_000
    assert len(xml) < 30_000_000


def test_a_run_that_came_to_no_case_is_not_green():
    """Who counts cases alone would see none that failed."""
    (case,) = root(UNREACHED).iter("testcase")
    (test,) = json.loads(ctrf(UNREACHED))["results"]["tests"]

    assert case.find("error").get("type") == "Inconclusive"
    assert "the server cannot be reached" in case.find("error").text
    assert test["status"] == "other"
    assert [*root(report(verdict="VERIFIED", exit_code=0)).iter("testcase")] == []


def test_ctrf_counts_what_could_not_be_decided_as_neither_passed_nor_failed():
    told = json.loads(ctrf(REPORTS["of every kind"]))["results"]
    counts = {name: told["summary"][name] for name in ("tests", "passed", "failed", "skipped", "pending", "other")}

    assert counts == {"tests": 7, "passed": 2, "failed": 3, "skipped": 1, "pending": 0, "other": 1}
    assert (told["summary"]["stop"] - told["summary"]["start"], told["environment"]["healthy"]) == (11200, False)
