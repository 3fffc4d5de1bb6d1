"""The alert rules of deploy/prometheus: each is about metrics that are written, is seen firing and quiet, and promtool agrees."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from rollproof.report.metric_text import GAUGES

FOLDER = Path(__file__).parents[2] / "deploy" / "prometheus"
RULES, TESTS = "rollproof.rules.yml", "rollproof.rules.test.yml"


def alerts():
    """Return the rules, by the name of their alert."""
    groups = yaml.safe_load((FOLDER / RULES).read_text("utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"]}


def tried():
    """Return, for each alert, how often its tests see it firing (True) and quiet (False)."""
    groups = yaml.safe_load((FOLDER / TESTS).read_text("utf-8"))["tests"]
    return [(each["alertname"], bool(each.get("exp_alerts"))) for group in groups for each in group["alert_rule_test"]]


@pytest.fixture
def promtool():
    """Call it with arguments: promtool, in the folder of the rules."""
    if not (program := shutil.which("promtool")):
        pytest.skip("promtool (Debian's prometheus) is not installed here")
    return lambda *words: subprocess.run(
        [program, *words], cwd=FOLDER, capture_output=True, text=True, check=False, timeout=120
    )


def test_each_rule_asks_for_metrics_that_are_written():
    asked = {name for rule in alerts().values() for name in re.findall(r"\brollproof_(\w+)", rule["expr"])}

    assert asked - GAUGES.keys() == set()


def test_each_alert_is_seen_firing_and_quiet():
    seen = set(tried())

    assert {(name, True) for name in alerts()} - seen == set()
    assert {(name, False) for name in alerts()} - seen == set()
    assert {name for name, _ in seen} == alerts().keys()


def test_there_is_an_alert_for_each_kind_that_the_procedure_names():
    kinds = ("watch_error_ratio", "database_connections", "watch_login_success_ratio", "watch_integrity_findings")
    kinds += (
        "last_run_timestamp_seconds",
        "last_good_drill_timestamp_seconds",
        "baseline_timestamp_seconds",
        "sequence_headroom_ratio",
    )
    told = " ".join(rule["expr"] for rule in alerts().values())

    assert [kind for kind in kinds if kind not in told] == []


def test_promtool_finds_the_rules_right(promtool):
    ended = promtool("check", "rules", RULES)

    assert (ended.returncode, f"SUCCESS: {len(alerts())} rules found" in ended.stdout) == (0, True), ended.stderr


def test_promtool_sees_them_fire(promtool):
    ended = promtool("test", "rules", TESTS)

    assert (ended.returncode, "SUCCESS" in ended.stdout) == (0, True), ended.stdout + ended.stderr
