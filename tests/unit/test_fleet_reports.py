"""The reports of many databases: each says the same, takes any name, fits its reader's limits, and stays small for thousands."""

import dataclasses
import json
import re
import shlex
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import jsonschema
from lxml import etree
from prometheus_client import parser as classic

from fixtures import sample_fleets
from fixtures.every import every
from fixtures.markdown_shape import shape
from fixtures.runner_commands import obeyed
from fixtures.sample_fleets import COLUMN, INDEX, fleet, target
from fixtures.sample_reports import HOSTILE
from rollproof.model.printable import is_printable
from rollproof.report.fleet.files import NAMES, rendered
from rollproof.report.fleet.github import annotations, step_summary
from rollproof.report.fleet.html import page
from rollproof.report.fleet.json import fleet_json
from rollproof.report.fleet.junit import result as junit
from rollproof.report.fleet.markdown import summary
from rollproof.report.fleet.metrics import MOST_TARGETS, samples
from rollproof.report.fleet.schema import schema
from rollproof.report.fleet.terminal import LINES, lines
from rollproof.report.github import LONGEST, MOST
from rollproof.report.markdown import MOST as MOST_BYTES
from rollproof.report.metric_text import text
from rollproof.report.metrics import Beside
from rollproof.system.bundle import suite_root
from rollproof.verdict.fleet.fleet_words import group_words
from rollproof.verdict.fleet.group_repair import repairs_of

FORMATS = Path(__file__).parents[1] / "data" / "formats"
SMALL = {
    "tenants": sample_fleets.tenants(),
    "nobody": fleet(),
    "good": fleet(target("a"), target("b")),
    "ended": fleet(missing=("a",)),
}
SCHEMA = json.loads((suite_root() / "reports" / "fleet.schema.json").read_text("utf-8"))
PLAIN = sample_fleets.all_over("text")


def said(report):
    """Return what each report says, as text."""
    return {
        "html": page(report),
        "json": fleet_json(report).decode(),
        "junit": junit(report).decode(),
        "markdown": summary(report),
        "terminal": "\n".join(line.text for line in lines(report)),
        "github": "\n".join(each.command() for each in annotations(report)),
    }


@every("name", SMALL)
def test_each_report_says_the_verdict_the_sentence_and_the_worst_group(name):
    report = SMALL[name]
    worst = [group_words(each) for each in report.groups if each.exit_code][:1]
    for kind, told in said(report).items():
        plain = re.sub(r"\s+", " ", re.sub(r"\\([^\w])", r"\1", told))
        for words in (report.verdict, *worst) if kind != "junit" else ():
            assert words in unquote(plain), (kind, words)


def test_the_files_are_those_that_were_asked_for_and_json_always():
    report = SMALL["good"]

    assert [name for name, _ in rendered(report, ["html"])] == ["fleet.json", "fleet.html"]
    assert {name for name, _ in rendered(report, ["html", "junit", "markdown", "ctrf", "json"])} == set(NAMES)


@every("given", [*(SMALL[name] for name in ("nobody", "good", "ended")), PLAIN, sample_fleets.large(50)])
def test_what_is_written_holds_to_the_schema_that_we_ship(given):
    jsonschema.validate(json.loads(fleet_json(given)), SCHEMA)


def test_the_schema_that_we_ship_is_that_of_what_is_written():
    assert schema() == SCHEMA, "run: python tools/schema.py"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@every("spoil", [
    lambda read: read["targets"][0].pop("group"),
    lambda read: read["groups"][0].update(more="one more field"),
    lambda read: read.update(exit_code="1"),
    lambda read: read["groups"][0]["roots"][0].pop("thing"),
])  # fmt: skip
def test_the_schema_refuses_what_is_never_written(spoil):
    read = json.loads(fleet_json(fleet(target("a", INDEX))))
    spoil(read)

    assert list(jsonschema.Draft202012Validator(SCHEMA).iter_errors(read))


def test_the_json_names_each_target_once_with_its_group_and_each_group_its_roots():
    report = SMALL["tenants"]
    read = json.loads(fleet_json(report))
    anchors = {each["anchor"]: each for each in read["groups"]}

    assert [each["name"] for each in read["targets"]] == [each.name for each in report.outcomes]
    for group in report.groups:
        mine = [each["name"] for each in read["targets"] if each["group"] == group.anchor]
        assert (mine, anchors[group.anchor]["targets"]) == ([*group.names], len(group.targets))
        assert [each["words"] for each in anchors[group.anchor]["roots"]] == [each.words for each in group.roots]
    assert read["groups"][1]["repairs"][0]["command"] == repairs_of(report.groups[1])[0].command


class _Page(HTMLParser):
    """The elements of a page, and its links."""

    def __init__(self, text):
        super().__init__()
        self.shape, self.links = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name == "href"]


@every("text", HOSTILE)
def test_no_name_leaves_its_place_in_any_report(text):
    """A name is an element's text, a cell, one annotation: whatever it holds, the report has the shape that it always has."""
    told, plain = said(sample_fleets.all_over(text)), said(PLAIN)

    assert _Page(told["html"]).shape == _Page(plain["html"]).shape
    assert shape(told["markdown"]) == shape(plain["markdown"])
    assert [each.tag for each in etree.fromstring(told["junit"].encode()).iter()] == [
        each.tag for each in etree.fromstring(plain["junit"].encode()).iter()
    ]
    json.loads(told["json"])
    assert all(is_printable(each, "\n\t") for kind, each in told.items() if kind != "github")
    assert len([*obeyed(told["github"])]) == len([*obeyed(plain["github"])])
    assert [*obeyed(told["terminal"])] == []


@every("name", ["a%2Fb", "x y", "javascript:alert(1)", "a#b?c", "ünï", "'\"<>"])
def test_a_link_leads_to_the_targets_own_folder_and_nowhere_else(name):
    links = _Page(page(fleet(target(name, INDEX)))).links

    assert links[0].startswith("./targets/")
    assert unquote(links[0]) == f"./targets/{name}/report.html"


def test_a_good_target_and_one_without_a_report_have_no_link():
    open_ = target("c", verdict="INCONCLUSIVE", exit_code=7, sentence="unreachable", page="", folder="")

    assert _Page(page(fleet(target("a"), open_))).links == ["fleet.json"]


def test_the_page_runs_nothing_and_loads_nothing():
    told = page(SMALL["tenants"])

    assert "<script" not in told
    assert "default-src 'none'" in told
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", told)


def test_ten_thousand_targets_are_a_page_that_opens_and_a_summary_that_fits():
    report = sample_fleets.large(10_000)
    told = page(report)

    assert "more groups, all in fleet.json" in told
    assert len(told.encode()) < 5_000_000
    assert len(summary(report).encode()) <= MOST_BYTES
    assert len(step_summary(report).encode()) <= 1024 * 1024
    assert len([*lines(report)]) <= LINES
    assert len(annotations(report)) <= 2 * MOST
    assert all(len(each.command()) < 2 * LONGEST for each in annotations(report))
    assert len(json.loads(fleet_json(report))["targets"]) == 10_000


def test_a_page_of_very_many_counts_what_it_does_not_name():
    """A page of names without end is no page: of one group, too, only so many are named."""
    told = page(sample_fleets.large(13_500, are_alike=True))

    assert len(_Page(told).links) < 13_000
    assert re.search(r"and [\d,]+ more targets, all in fleet.json", told)


def xsd(name):
    return etree.XMLSchema(etree.parse(FORMATS / name))


@every("given", [*(each for name, each in SMALL.items() if name != "nobody"), sample_fleets.large(30)])
def test_jenkins_and_ant_take_the_junit_file(given):
    xml = etree.fromstring(junit(given))
    for schema_, extras in (("junit-10.xsd", ("properties",)), ("ant.xsd", ("properties", "system-out"))):
        bare = etree.fromstring(etree.tostring(xml))
        for path in extras:
            for each in bare.findall(f".//testcase/{path}"):
                each.getparent().remove(each)
        xsd(schema_).assertValid(bare)


def test_junit_has_a_suite_for_each_target_and_a_case_for_each_difference():
    open_ = target("c", verdict="INCONCLUSIVE", exit_code=7, sentence="unreachable", page="", folder="")
    xml = etree.fromstring(junit(fleet(target("a", COLUMN, INDEX), target("b"), open_, missing=("d",))))
    told = [
        (
            suite.get("name"),
            suite.get("tests"),
            suite.get("failures"),
            suite.get("errors"),
            [each.get("name") for each in suite.iter("testcase")],
        )
        for suite in xml
    ]

    assert told == [
        ("a", "2", "2", "0", ["columns [public.orders.status]", "indexes [public.orders_x]"]),
        ("b", "1", "0", "0", ["post_rollback"]),
        ("c", "1", "0", "1", ["post_rollback"]),
        ("d", "1", "0", "1", ["post_rollback"]),
    ]
    assert "targets/a/report.html" in xml[0][1][0].text
    assert "unreachable" in xml[2].find("testcase/error").text


def test_junit_is_not_green_where_nothing_was_checked_or_the_run_was_ended():
    for given in (fleet(), fleet(target("a"), interrupted=2)):
        (bad,) = etree.fromstring(junit(given)).iter("error")

        assert (bad.get("type"), bad.get("message")) == ("".join(given.verdict.title().split()), given.sentence)


def metrics(report):
    exposed = text(samples(report, Beside(1_796_000_000.0)), {"command": "verify"}).decode()
    return {
        (each.name.removeprefix("rollproof_"), *(v for k, v in each.labels.items() if k != "command")): each.value
        for family in classic.text_string_to_metric_families(exposed)
        for each in family.samples
    }


def test_metrics_count_targets_by_verdict_and_name_each():
    told = metrics(fleet(target("a", INDEX), target("b", seconds=2.5), missing=("d",)))

    assert [told["fleet_targets", word] for word in ("NOT RESTORED", "VERIFIED", "BROKEN")] == [1, 1, 0]
    assert (told["target_good", "a"], told["target_good", "b"], told["target_exit_code", "a"]) == (0, 1, 1)
    assert (told["target_duration_seconds", "b"], told["fleet_targets_missing",], told["fleet_groups",]) == (2.5, 1, 1)
    assert (told["run_good",], told["exit_code",]) == (0, 130)


def test_of_very_many_targets_only_those_that_are_not_good_have_series_of_their_own():
    few = metrics(sample_fleets.tenants())
    many = metrics(sample_fleets.large(MOST_TARGETS + 500, are_alike=True))
    named = [name for name in many if name[0] == "target_good"]

    assert len([name for name in few if name[0] == "target_good"]) == 1_000
    assert len(named) == MOST_TARGETS
    assert not any(many[name] for name in named)


def test_what_the_terminal_says_of_a_fleet():
    told = [
        line.text for line in lines(SMALL["tenants"], "rollproof-report/fleet.html", ["NOT written: x: no space left"])
    ]

    assert told[:4] == [
        "NOT RESTORED: 901 of 1,000 targets; 1 INCONCLUSIVE, 98 VERIFIED",
        "NOT RESTORED: in 88 targets: public.orders: column status: text, was",
        "  varchar(20), and 1 more difference",
        "  - public.orders: index orders_x missing",
    ]
    assert "NOT RESTORED: 812 targets lack index orders_x of public.orders" in told
    assert "  targets: tenant_000, tenant_001, tenant_002 and 809 more" in told
    assert told[-2:] == ["NOT written: x: no space left", "report: rollproof-report/fleet.html"]
    assert [line.text for line in lines(fleet(target("a"), missing=("b",)))][-1] == (
        "next: the same command with --resume verifies the 1 target left"
    )


SPACED = "host=/tmp/a dbname='it''s'"


def test_one_script_is_for_all_that_it_puts_right_and_says_how():
    some = [target(name, INDEX, repair="r1", address=f"service={name}") for name in ("a", "b", "c")]
    other = target("d", INDEX, repair="r2", address="service=d")
    group = fleet(*some, other).groups[0]
    (repair,) = repairs_of(group)

    assert (repair.targets, repair.addresses) == (tuple(some), ("service=a", "service=b", "service=c"))
    assert repair.file == f"repairs/{group.anchor}.sql"
    assert "script of its own" not in page(fleet(*some, other))
    assert "./targets/d/repair.sql" in page(fleet(*some, other))


def test_schemas_of_one_database_have_one_script_and_one_command():
    some = [target(name, INDEX, repair=name, schema=name, address=SPACED) for name in ("a", "b")]
    (repair,) = repairs_of(fleet(*some).groups[0])

    assert repair.joined
    assert shlex.split(repair.command) == ["psql", "-X", "-w", "-v", "ON_ERROR_STOP=1", "-f", repair.file, SPACED]


def test_the_command_runs_psql_once_for_each_database_and_names_those_that_fail(tmp_path):
    """By the shell itself, with a psql of the test's own that fails for one and reads what the loop reads."""
    some = [
        target(str(at), INDEX, repair="r", address=address)
        for at, address in enumerate([SPACED, r"service=a\b c", "service=bad"])
    ]
    (repair,) = repairs_of(fleet(*some).groups[0])
    (tmp_path / "repairs").mkdir()
    (tmp_path / repair.listed).write_text("".join(f"{each}\n" for each in repair.addresses))
    psql = tmp_path / "psql"
    psql.write_text('#!/bin/sh\ncat >/dev/null\nshift 6\nprintf "%s\\n" "$1" >>ran\n[ "$1" != service=bad ]\n')
    psql.chmod(0o755)

    ran = subprocess.run(
        ["/bin/sh", "-c", repair.command],
        cwd=tmp_path,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        text=True,
        capture_output=True,
        check=False,
    )

    assert (tmp_path / "ran").read_text().splitlines() == [SPACED, r"service=a\b c", "service=bad"]
    assert ran.stdout.splitlines() == ["not repaired: service=bad"]


def test_the_rest_of_a_group_is_counted_everywhere():
    report = fleet(target("a", COLUMN, INDEX, left_out=300))

    assert group_words(report.groups[0]).endswith("and 301 more differences")
    for kind, told in said(report).items():
        assert "300 more" in told or "301 more" in told, kind


def test_every_report_says_that_tables_were_not_read():
    for kind, told in said(
        fleet(target("a", unread=12, sentence="good; 12 tables not read, by the server's own counters"))
    ).items():
        assert "12 tables not read" in told, kind


def test_two_equal_fleets_are_told_in_equal_words():
    one, two = sample_fleets.tenants(), dataclasses.replace(sample_fleets.tenants())

    assert said(one) == said(two)


def test_the_page_of_fields_names_each_field_once_and_no_other():
    """As docs/result.md does of a single run."""
    page_ = (Path(__file__).parents[2] / "docs" / "fleet-json.md").read_text("utf-8")
    parts = dict(re.findall(r"^## (\w[\w ]*)\n(.*?)(?=^## |\Z)", page_, re.MULTILINE | re.DOTALL))
    told = {
        name: sorted(
            re.findall(
                r"`(\w+)`", " ".join(line.split("|")[1] for line in text_.splitlines() if line.startswith("| `"))
            )
        )
        for name, text_ in parts.items()
    }

    assert told["The whole"] == sorted(SCHEMA["properties"])
    assert {name: told[name] for name in SCHEMA["$defs"]} == {
        name: sorted(each["properties"]) for name, each in SCHEMA["$defs"].items()
    }
