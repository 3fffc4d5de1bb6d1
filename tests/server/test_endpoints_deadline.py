"""Endpoints that are slow, endless or cut short: broken off in time, and no more is read than allowed."""

import gzip
import re
import time
import tracemalloc

import pytest

from fixtures.endpoints import PATIENCE, SECRET, drip, hang, refusal
from rollproof.model.errors import Inconclusive
from rollproof.probes.endpoints.answer import BODY_LIMIT
from rollproof.settings.endpoint import Endpoint


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
