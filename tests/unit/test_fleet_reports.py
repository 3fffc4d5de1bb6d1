"""The reports of many databases: each says the same, takes any name, fits its reader's limits, and stays small for thousands."""

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import jsonschema
from lxml import etree

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
from rollproof.report.fleet.schema import schema
from rollproof.report.fleet.terminal import LINES, lines
from rollproof.report.github import LONGEST, MOST
from rollproof.report.markdown import MOST as MOST_BYTES
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
