"""Endpoints are asked under a total deadline, and held to their status, time and keys."""

import contextlib
import datetime
import gzip
import json
import re
import socket
import ssl
import subprocess
import sys
import threading
import time
import traceback
import tracemalloc

import msgspec
import pytest
import trustme
from pytest_httpserver import HTTPServer
from rich.pretty import pretty_repr

from rollproof.model.errors import Inconclusive, Misuse, NotRestored
from rollproof.probes.endpoints import BODY_LIMIT, Answer, ask, expand, require_healthy
from rollproof.settings.endpoint import Endpoint

PATIENCE = 0.2  # seconds; the deadline of endpoints that will not answer in time
SECRET = "s3cr3tCanary"  # noqa: S105 (a canary)
PROMISED = 1.0  # seconds after its deadline within which every ask has ended


class Server:
    """A TCP server on loopback that talks as it is told, and remembers what it heard."""

    def __init__(self, talk):
        self.talk = talk
        self.heard = []
        self.left = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self):
        with contextlib.suppress(OSError):  # the listener was closed
            while True:
                connection, _ = self.listener.accept()
                self.threads.append(threading.Thread(target=self._answer, args=(connection,), daemon=True))
                self.threads[-1].start()

    def _answer(self, connection):
        with connection, contextlib.suppress(OSError):  # the other side has gone, as some tests want
            self.heard.append(connection.recv(65536))
            self.talk(connection)
        self.left.set()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join(timeout=5)


@pytest.fixture
def serve():
    servers = []

    def start(talk):
        servers.append(Server(talk))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def unused_host():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"127.0.0.1:{port}"


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """A certificate authority that requests trusts for the time of one test."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(tmp_path / "ca.pem"))
    return authority


@contextlib.contextmanager
def served_with(certificate):
    """Serve a healthy answer over TLS with the certificate, and yield its URL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with HTTPServer(host="127.0.0.1", ssl_context=context) as server:
        server.expect_request("/health").respond_with_json({"status": "ok"})
        yield server.url_for("/health")


def verify(endpoint):
    """Ask and judge within the promised time; return the answer."""
    began = time.monotonic()
    try:
        answer = ask(endpoint)
    finally:
        assert time.monotonic() - began < endpoint.max_seconds + PROMISED
    require_healthy(endpoint, answer)
    return answer


def refusal(endpoint, kind=NotRestored):
    """Return what is said about an endpoint that is not healthy."""
    with pytest.raises(kind) as caught:
        verify(endpoint)
    assert type(caught.value) is kind
    return str(caught.value)


def drip(connection, text):
    for byte in text:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def hang(connection):
    connection.recv(1)  # returns when the other side gives up


def test_a_healthy_endpoint_answers_with_status_keys_and_time(httpserver):
    httpserver.expect_request("/health").respond_with_json({"status": "ok", "data": {"user": {"id": 1}}})

    answer = verify(Endpoint("health", httpserver.url_for("/health"), required_keys=("status", "data.user.id")))

    assert (answer.status, answer.media_type, answer.complete) == (200, "application/json", True)
    assert answer.keys == ("data", "data.user", "data.user.id", "status")
    assert 0 < answer.seconds < 1


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


def test_a_slow_answer_is_not_restored_and_says_how_slow(serve):
    def talk(connection):
        time.sleep(PATIENCE + 0.1)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    endpoint = Endpoint("slow", f"http://{serve(talk).host}/", max_seconds=PATIENCE)

    assert re.search(r"expected within 0.2 s, seen after 0\.[3-6]", refusal(endpoint))


def drip_header(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    drip(connection, b"X: y\r\n" * 20)


def continue_for_ever(connection):
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.001)


def drip_body(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(connection, b"." * 100_000)


def drip_chunks(connection):
    connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nTransfer-Encoding: chunked\r\n\r\n")
    drip(connection, b"1\r\n.\r\n" * 20_000)


@pytest.mark.parametrize("talk", [hang, drip_header, continue_for_ever])
def test_a_header_that_does_not_end_is_broken_off_and_the_connection_left(serve, talk):
    server = serve(talk)

    text = refusal(Endpoint("mute", f"http://{server.host}/", max_seconds=PATIENCE))

    assert "no whole header came within 0.7 s (allowed 0.2 s)" in text
    assert server.left.wait(timeout=0.3)  # before the single wait ends


@pytest.mark.parametrize(("talk", "status"), [(drip_body, 200), (drip_chunks, 302)])
def test_a_body_that_does_not_end_is_broken_off_and_the_connection_left(serve, talk, status):
    server = serve(talk)

    text = refusal(Endpoint("mute", f"http://{server.host}/", max_seconds=PATIENCE))

    assert f"status {status} came, but its body did not end within 0.7 s" in text
    assert server.left.wait(timeout=0.3)


def test_a_tls_handshake_that_does_not_end_is_broken_off(serve):
    text = refusal(Endpoint("mute", f"https://{serve(hang).host}/", max_seconds=PATIENCE))

    assert "no whole header came within 0.7 s" in text


@pytest.mark.parametrize("required_keys", [(), ("status",)])
def test_of_an_endless_body_one_mebibyte_is_read_and_nothing_is_said(serve, required_keys):
    sent = []

    def talk(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sent.append(connection.send(b" " * 65_536))

    server = serve(talk)

    text = refusal(Endpoint("endless", f"http://{server.host}/", required_keys=required_keys), Inconclusive)

    assert f"sent {BODY_LIMIT} bytes or more; the rest was not read" in text
    assert server.left.wait(timeout=1)
    assert sum(sent) < 16 * BODY_LIMIT  # what lay in the kernel's buffers, too


def test_a_wrong_status_counts_although_the_body_is_endless(serve):
    def talk(connection):
        connection.sendall(b"HTTP/1.1 500 Oops\r\n\r\n")
        while True:
            connection.send(b" " * 65_536)

    assert "seen 500" in refusal(Endpoint("endless", f"http://{serve(talk).host}/"))


def test_a_gzip_bomb_is_unpacked_no_further_than_the_limit(httpserver):
    bomb = gzip.compress(bytes(100_000_000), compresslevel=1)
    httpserver.expect_request("/bomb").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    endpoint = Endpoint("bomb", httpserver.url_for("/bomb"))

    tracemalloc.start()
    try:
        text = refusal(endpoint, Inconclusive)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert "the rest was not read" in text
    assert peak < 16 * BODY_LIMIT


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


def test_a_refused_connection_is_not_restored(unused_host):
    assert "gives no whole answer: Connection refused" in refusal(Endpoint("health", f"http://{unused_host}/"))


def test_a_host_without_address_is_not_restored():
    """The name is one that no resolver may know (RFC 6761)."""
    assert "gives no whole answer: " in refusal(Endpoint("health", "http://rollproof.invalid/", max_seconds=2.0))


@pytest.mark.parametrize("said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"])
def test_an_answer_cut_short_or_of_another_protocol_is_not_restored(serve, said):
    server = serve(lambda connection: connection.sendall(said))

    text = refusal(Endpoint("health", f"http://{server.host}/?token={SECRET}"))

    assert "the connection ended or the answer is garbled" in text
    assert SECRET not in text


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


def break_header(connection):
    """Send a header that urllib3 logs a warning about, with the whole URL."""
    connection.sendall(b"HTTP/1.1 500 Oops\r\nno colon here\r\nContent-Length: 0\r\n\r\n")


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


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": f"ftp://{SECRET}"},
        {"url": SECRET},
        {"url": f"http:///{SECRET}"},
        {"url": f"http://host:{SECRET}/"},
        {"url": f"http://user:12/{SECRET}@host/"},
        {"url": f"http://[{SECRET}/"},
        {"url": f"http://a..{SECRET}/"},
        {"url": f"http://host/{SECRET}\n"},
        {"status": 42},
        {"max_seconds": 0.0},
        {"max_seconds": float("nan")},
        {"max_seconds": float("inf")},
        {"required_keys": ("data..id",)},
        {"name": " "},
        {"name": "\x1b"},
        {"headers": {"X-Api-Key": 1}},
        {"timeout": 1},
    ],
    ids="-".join,
)
def test_what_could_not_be_asked_is_refused_when_loaded(wrong):
    loaded = {"endpoints": [{"name": "health", "url": "http://localhost/"} | wrong]}

    with pytest.raises(msgspec.ValidationError, match=r"endpoints|\$") as caught:
        msgspec.convert(loaded, dict[str, tuple[Endpoint, ...]])

    assert SECRET not in str(caught.value)


def test_expand_fills_in_the_url_and_the_headers():
    endpoint = Endpoint("me", "${BASE}/me?t=${TOKEN}", headers={"Authorization": "Bearer ${TOKEN}", "A": "$b {c}"})

    filled = expand(endpoint, {"BASE": "http://localhost:1", "TOKEN": "a$b"})

    assert filled.url == "http://localhost:1/me?t=a$b"
    assert filled.headers == {"Authorization": "Bearer a$b", "A": "$b {c}"}
    assert endpoint.headers["Authorization"] == "Bearer ${TOKEN}"


@pytest.mark.parametrize("environment", [{}, {"TOKEN": ""}], ids=["unset", "empty"])
def test_a_missing_variable_is_misuse_and_named(environment):
    endpoint = Endpoint("me", "http://localhost/", headers={"Authorization": "Bearer ${TOKEN}"})

    with pytest.raises(Misuse, match=r"endpoint 'me' wants \$\{TOKEN\}: not in the environment, or empty there"):
        expand(endpoint, environment)


@pytest.mark.parametrize("template", ["${", "${}", "${no-name}", f"${{{SECRET}", "${1}"])
def test_a_placeholder_that_is_none_is_misuse_and_not_quoted(template):
    with pytest.raises(Misuse, match="endpoint 'me'") as caught:
        expand(Endpoint("me", "http://localhost/", headers={"A": template}), {"no-name": "x", SECRET: "x", "1": "x"})

    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("value", [f"{SECRET}\n", f"{SECRET}\r\nX: y", f" {SECRET}", f"{SECRET}€", "${OTHER}"])
def test_a_value_that_no_header_can_hold_is_misuse_and_not_quoted(value):
    with pytest.raises(Misuse, match="a header of it") as caught:
        expand(Endpoint("me", "http://localhost/", headers={"A": "${TOKEN}"}), {"TOKEN": value})

    assert SECRET not in str(caught.value)


def test_a_value_that_breaks_the_url_is_misuse():
    with pytest.raises(Misuse, match="endpoint 'me': its url is not http"):
        expand(Endpoint("me", "${BASE}/"), {"BASE": "localhost:8000"})


@pytest.mark.parametrize(
    "endpoint",
    [Endpoint("me", "${BASE}/"), Endpoint("me", "http://localhost/", headers={"A": "Bearer ${TOKEN}"})],
    ids=["url", "header"],
)
def test_to_ask_an_endpoint_that_was_not_expanded_is_misuse(endpoint):
    with pytest.raises(Misuse, match="filled in"):
        ask(endpoint)


def test_an_answer_can_be_kept_and_read_back():
    answer = Answer(200, 0.1, "application/json", ("status",))

    assert msgspec.json.decode(msgspec.json.encode(answer), type=Answer) == answer


def test_requests_is_imported_only_to_ask():
    """It takes 0.3 s, and most runs have no endpoint."""
    program = "import sys, rollproof.probes.endpoints; sys.exit('requests' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
