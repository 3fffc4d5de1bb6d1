"""Endpoints are asked under a total deadline, and held to their status, time and keys."""

import datetime
import json
import subprocess
import sys
import time
import traceback

import msgspec
import pytest
import trustme
from rich.pretty import pretty_repr

from fixtures.endpoints import PATIENCE, SECRET, break_header, hang, refusal, served_with, verify
from rollproof.model.failure import NotRestored
from rollproof.probes.endpoints.answer import Answer
from rollproof.probes.endpoints.exchange import ask
from rollproof.probes.endpoints.health import require_healthy
from rollproof.settings.endpoint import Endpoint


def test_a_healthy_endpoint_answers_with_status_keys_and_time(httpserver):
    httpserver.expect_request("/health").respond_with_json({"status": "ok", "data": {"user": {"id": 1}}})

    began = time.monotonic()
    answer = verify(Endpoint("health", httpserver.url_for("/health"), required_keys=("status", "data.user.id")))
    took = time.monotonic() - began

    assert (answer.status, answer.media_type, answer.complete) == (200, "application/json", True)
    assert answer.keys == ("data", "data.user", "data.user.id", "status")
    assert 0 < answer.seconds <= took


def test_without_required_keys_any_body_will_do(httpserver):
    httpserver.expect_request("/ping").respond_with_data("pong", content_type="text/plain")

    assert verify(Endpoint("ping", httpserver.url_for("/ping"))).keys is None


def test_an_expected_error_status_is_healthy(httpserver):
    httpserver.expect_request("/gone").respond_with_data("", status=410)

    assert verify(Endpoint("gone", httpserver.url_for("/gone"), status=410)).status == 410


def test_a_wrong_status_is_not_restored_and_each_ask_stands_for_itself(httpserver):
    httpserver.expect_oneshot_request("/health").respond_with_data("down", status=503)
    httpserver.expect_request("/health").respond_with_json({})
    endpoint = Endpoint("health", httpserver.url_for("/health"))

    assert "expected status 200, seen 503" in refusal(endpoint)
    assert verify(endpoint).status == 200


def test_a_missing_key_is_named_with_the_keys_seen(httpserver):
    httpserver.expect_request("/health").respond_with_json({"state": "ok", "data": {"user": {"mail": "a@b"}}})
    endpoint = Endpoint("health", httpserver.url_for("/health"), required_keys=("status", "data.user.id"))

    text = refusal(endpoint)

    assert "expected the keys 'data.user.id', 'status', seen 'data', 'data.user', 'data.user.mail', 'state'" in text
    assert "a@b" not in text


@pytest.mark.parametrize("body", ["<html>", "[1]", "null", '{"status": ', "[" * 100_000, b"\xff"])
def test_what_is_no_json_object_has_no_keys(httpserver, body):
    httpserver.expect_request("/health").respond_with_data(body, content_type="text/html; charset=utf-8")
    endpoint = Endpoint("health", httpserver.url_for("/health"), required_keys=("status",))

    assert "expected the keys 'status', seen no JSON object (text/html)" in refusal(endpoint)


def test_hostile_keys_are_escaped_and_cut(httpserver):
    keys = {"\x1b[2J::error::", "\u202e", *(f"key {number}" for number in range(10_000))}
    httpserver.expect_request("/health").respond_with_data(json.dumps(dict.fromkeys(keys)))
    endpoint = Endpoint("health", httpserver.url_for("/health"), required_keys=("status",))

    text = refusal(endpoint)

    assert len(text) < 1_000
    assert "'\\x1b[2J::error::'" in text
    assert "\x1b" not in text


def test_a_redirect_is_reported_and_not_followed(httpserver, serve):
    other = serve(hang)
    headers = {"Location": f"http://user:{SECRET}@{other.host}/login?token={SECRET}", "Set-Cookie": "a=b"}
    httpserver.expect_request("/health").respond_with_data("", status=302, headers=headers)
    asked = {"X-Api-Key": SECRET, "Cookie": SECRET, "Authorization": SECRET}

    text = refusal(Endpoint("health", httpserver.url_for("/health"), headers=asked))

    assert f"expected status 200, seen 302 (points to {other.host}, not followed)" in text
    assert SECRET not in text
    assert other.heard == []


def test_an_expected_redirect_is_healthy(httpserver):
    httpserver.expect_request("/old").respond_with_data("", status=301, headers={"Location": "/new"})

    assert verify(Endpoint("old", httpserver.url_for("/old"), status=301)).location_host == "the same host"


def test_tls_with_the_right_name_is_healthy(authority):
    with served_with(authority.issue_cert("127.0.0.1")) as url:
        assert verify(Endpoint("health", url, max_seconds=5.0, required_keys=("status",))).status == 200


def test_tls_with_a_wrong_name_is_not_restored(authority):
    with served_with(authority.issue_cert("other.example")) as url:
        assert "IP address mismatch" in refusal(Endpoint("health", url, max_seconds=5.0))


def test_tls_out_of_date_is_not_restored(authority):
    yesterday = datetime.datetime.now(tz=datetime.UTC) - datetime.timedelta(days=1)
    with served_with(authority.issue_cert("127.0.0.1", not_after=yesterday)) as url:
        assert "certificate has expired" in refusal(Endpoint("health", url, max_seconds=5.0))


def test_tls_of_an_unknown_authority_is_not_restored():
    with served_with(trustme.CA().issue_cert("127.0.0.1")) as url:
        assert "unable to get local issuer certificate" in refusal(Endpoint("health", url, max_seconds=5.0))


def test_proxies_and_credentials_of_the_environment_are_ignored(httpserver, serve, monkeypatch, tmp_path):
    proxy = serve(hang)
    for variable in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, f"http://{proxy.host}")
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "netrc").write_text(f"machine {httpserver.host} login a password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    httpserver.expect_request("/health").respond_with_json({})

    verify(Endpoint("health", httpserver.url_for("/health"), headers={"X-Api-Key": SECRET}))

    (request, _), *_ = httpserver.log
    assert proxy.heard == []
    assert "Authorization" not in request.headers
    assert request.headers["X-Api-Key"] == SECRET


@pytest.mark.parametrize("talk", [hang, break_header, lambda connection: connection.sendall(b"?"), None])
def test_no_secret_is_in_a_message_a_log_or_a_traceback_with_locals(serve, unused_host, talk, caplog):
    caplog.set_level("DEBUG")
    host = serve(talk).host if talk else unused_host
    url = f"http://user:{SECRET}@{host}/health?token={SECRET}"
    endpoint = Endpoint("health", url, max_seconds=PATIENCE, headers={"X-Api-Key": SECRET})
    del url

    with pytest.raises(NotRestored) as caught:
        require_healthy(endpoint, ask(endpoint))

    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    assert f"http://{host}/health?…" in str(caught.value)
    assert SECRET not in "".join(told) + caplog.text + repr(endpoint) + pretty_repr(endpoint)
    assert "X-Api-Key" in repr(endpoint)


def test_an_answer_can_be_kept_and_read_back():
    answer = Answer(200, 0.1, "application/json", ("status",))

    assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer) == answer


def test_requests_is_imported_only_to_ask():
    """It takes 0.3 s, and most runs have no endpoint."""
    program = "import sys, rollproof.probes.endpoints.recording; sys.exit('requests' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
