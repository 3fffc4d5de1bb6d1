"""Notices of an incident: who cannot be told delays nobody, and changes no verdict."""

import json
import signal
import time

import pytest

from fixtures.incidents import NOBODY, events, swallow

TOKEN = "t0kenCanary"  # noqa: S105 (a canary)


@pytest.mark.promise
def test_who_cannot_be_told_delays_nobody_and_changes_no_verdict(typed, tmp_path, opened, serve):
    hangs = serve(swallow)
    urls = [f"json://{hangs.host}/{TOKEN}?rto=1", f"slack://{TOKEN}", "json://127.0.0.1:1/${UNSET_TOKEN}"]
    (tmp_path / "rollproof.toml").write_text(f"[notify]\nurls = {urls}\ntimeout_seconds = 0.5\n")

    said = " ".join(typed("verify", *NOBODY, code=7).split())

    assert f"NOT told of post_rollback: json://{hangs.host}: no answer within 0.5 s" in said
    assert "NOT told of post_rollback: slack://…: apprise knows no such address" in said
    assert "NOT told of post_rollback: json://127.0.0.1:1: wants ${UNSET_TOKEN}: not in the environment" in said
    assert events(tmp_path)[-1] == ("notice", "notice of post_rollback", "NOT sent")
    assert TOKEN not in said + (opened / "timeline.jsonl").read_text()


def test_without_an_incident_nobody_is_told(typed, tmp_path, serve):
    heard = serve(swallow)
    (tmp_path / "rollproof.toml").write_text(f'[notify]\nurls = ["json://{heard.host}"]\n')

    assert "told" not in typed("verify", *NOBODY, code=7)
    assert heard.heard == []
    assert not (tmp_path / "rollproof-report" / "timeline.jsonl").exists()
    assert json.loads((tmp_path / "rollproof-report" / "result.json").read_text())["record"] is None


@pytest.mark.parametrize("at", ["pytest_sessionfinish", "rollproof.incident.notices:_Try._send"])
def test_a_signal_ends_the_waiting(at, typed, tmp_path, opened, serve):
    hangs = serve(swallow)
    (tmp_path / "rollproof.toml").write_text(f'[notify]\nurls = ["json://{hangs.host}/?rto=2"]\ntimeout_seconds = 30\n')

    began = time.monotonic()
    typed("verify", *NOBODY, code=143, number=signal.SIGTERM, at=at)

    assert time.monotonic() - began < 20  # and not thirty
    told = [what for what in events(tmp_path) if what[0] == "phase"]
    assert told[-1] == ("phase", "post_rollback", "INTERRUPTED")
    assert json.loads((opened / "result.json").read_text())["verdict"] == "INTERRUPTED"
