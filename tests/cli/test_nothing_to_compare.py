"""A baseline that was taken with other names has nothing to compare with: that is told, and is not green."""

import json

import pytest
from werkzeug import Response

from fixtures.readers import execute

CONFIGURATION = """
[[endpoints]]
name = "{name}"
url = "{shop}"
values = ["id"]

[[plans]]
name = "{name}"
sql = "SELECT id FROM public.kept"

[[queries]]
name = "{name}"
sql = "SELECT id FROM public.kept"
"""
CHECKS = ("endpoint_answers", "endpoint_latency", "endpoint_values", "plans", "query_results")


@pytest.mark.promise
def test_of_what_has_another_name_now_nothing_is_called_verified(command, database, httpserver, tmp_path):
    execute(database, "CREATE TABLE kept (id int PRIMARY KEY)")
    httpserver.expect_request("/").respond_with_handler(
        lambda _: Response(json.dumps({"id": 1}), mimetype="application/json")
    )
    file, shop = tmp_path / "rollproof.toml", httpserver.url_for("/")
    file.write_text(CONFIGURATION.format(name="old", shop=shop))
    command(tmp_path, "capture", "--database-url", database)
    file.write_text(CONFIGURATION.format(name="new", shop=shop))

    ended = command(tmp_path, "verify", "-k", " or ".join(CHECKS), "--database-url", database)

    result = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())
    told = {each["check"]: (each["kind"], each["reason"]) for each in result["outcomes"]}
    assert {check: kind for check, (kind, _) in told.items()} == dict.fromkeys(CHECKS, "not checked"), ended.output
    assert ended.returncode == 5
    for check, (_, reason) in told.items():
        assert "a baseline has them that was taken with this configuration" in reason, check


def test_what_could_not_be_recorded_is_in_doubt_whoever_wrote_the_baseline_all_the_same(command, database, tmp_path):
    """`capture --partial` leaves a hole; nothing was compared there, and the reason is the one of that time."""
    execute(database, "CREATE TABLE kept (id int PRIMARY KEY)")
    file = tmp_path / "rollproof.toml"
    good, bad = (f'[[queries]]\nname = "{each}"\nsql = "SELECT id FROM public.{each}"\n' for each in ("kept", "gone"))
    file.write_text(good + bad + '[[endpoints]]\nname = "nobody"\nurl = "http://127.0.0.1:9/"\n')
    command(tmp_path, "capture", "--partial", "--database-url", database)
    file.write_text(good + '[[endpoints]]\nname = "nobody"\nurl = "http://127.0.0.1:9/"\n')

    ended = command(tmp_path, "verify", "-k", "query_results or endpoint_answers", "--database-url", database)

    result = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())
    told = {each["check"]: (each["kind"], each["reason"]) for each in result["outcomes"]}
    assert {check: kind for check, (kind, _) in told.items()} == dict.fromkeys(
        ("query_results", "endpoint_answers"), "inconclusive"
    ), ended.output
    assert ended.returncode == 7
    assert "when it was taken, query gone:" in told["query_results"][1]
    assert "when it was taken, endpoint 'nobody'" in told["endpoint_answers"][1]
