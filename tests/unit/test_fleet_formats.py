"""What machines read of a fleet, what a terminal shows of it, and the line that runs a group's script."""

import shlex
import subprocess
from pathlib import Path

from lxml import etree
from prometheus_client import parser as classic

from fixtures import sample_fleets
from fixtures.every import every
from fixtures.sample_fleets import COLUMN, INDEX, fleet, target
from rollproof.report.fleet.html import page
from rollproof.report.fleet.junit import result as junit
from rollproof.report.fleet.metrics import MOST_TARGETS, samples
from rollproof.report.fleet.terminal import lines
from rollproof.report.metric_text import text
from rollproof.report.metrics import Beside
from rollproof.verdict.fleet.group_repair import repairs_of

FORMATS = Path(__file__).parents[1] / "data" / "formats"
TENANTS = sample_fleets.tenants()
GIVEN = [TENANTS, fleet(target("a"), target("b")), fleet(missing=("a",)), sample_fleets.large(30)]


def xsd(name):
    return etree.XMLSchema(etree.parse(FORMATS / name))


@every("given", GIVEN)
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
    mostly_good = metrics(fleet(target("bad", INDEX), *(target(f"t{at}") for at in range(MOST_TARGETS))))
    assert [name[1] for name in mostly_good if name[0] == "target_good"] == ["bad"]


def test_what_the_terminal_says_of_a_fleet():
    told = [line.text for line in lines(TENANTS, "rollproof-report/fleet.html", ["NOT written: x: no space left"])]

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
    some = [target(name, INDEX, repair="alike", schema=name, address=SPACED) for name in ("a", "b")]
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
