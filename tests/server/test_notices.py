"""Notices: sent to real receivers of HTTP and SMTP; one that hangs, refuses or fails delays nobody and shows no token."""

import json
import time

import pytest
from aiosmtpd.controller import Controller

from fixtures.incidents import swallow
from rollproof.incident.notices import Notice, Told, send

NOTICE = Notice("[MIG-412] post_rollback: NOT RESTORED", "2 tables differ\n<b>next</b>: call Ann")
PATIENCE = 10  # seconds; a machine that is busy imports apprise for so long
TOKEN = "t0kenCanary"  # noqa: S105 (a canary)


def sent(*urls, seconds=10.0, is_ended=lambda: False, **variables):
    """Return what became of each."""
    return send(NOTICE, urls, variables, seconds, is_ended)


class Mailbox:
    """What a mail server was given."""

    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 (aiosmtpd's name)
        del server, session
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def mailbox(free_tcp_port):
    """A mail server, with the port that it listens on."""
    box = Mailbox()
    running = Controller(box, hostname="127.0.0.1", port=free_tcp_port)
    running.start()
    box.port = free_tcp_port
    yield box
    running.stop()


def test_a_receiver_gets_what_is_told(httpserver):
    httpserver.expect_request(f"/{TOKEN}", method="POST").respond_with_data("")

    assert sent(f"json://127.0.0.1:{httpserver.port}/{TOKEN}") == (Told(f"json://127.0.0.1:{httpserver.port}"),)
    ((asked, _),) = httpserver.log
    got = json.loads(asked.data)
    assert (got["title"], got["message"]) == (NOTICE.title, NOTICE.body)


def test_a_variable_is_filled_in(httpserver):
    httpserver.expect_request(f"/{TOKEN}").respond_with_data("")
    url = f"json://127.0.0.1:{httpserver.port}/${{HOOK}}"

    assert sent(url, HOOK=TOKEN)[0].problem == ""
    assert sent(url) == (
        Told(f"json://127.0.0.1:{httpserver.port}", "wants ${HOOK}: not in the environment, or empty there"),
    )


def test_a_mail_is_text_that_nothing_in_it_leaves(mailbox):
    address = f"mailto://127.0.0.1:{mailbox.port}?from=a@example.com&to=ann@example.com,bob@example.com&mode=insecure"

    assert [each.problem for each in sent(address)] == [""]
    assert {to for tos, _ in mailbox.mails for to in tos} == {"ann@example.com", "bob@example.com"}
    text = mailbox.mails[0][1]
    assert "NOT RESTORED" in text
    assert "Content-Type: text/plain" in text
    assert "text/html" not in text


@pytest.mark.promise
def test_what_cannot_be_sent_is_told_without_the_token(httpserver):
    away = {"Location": f"http://127.0.0.1:{httpserver.port}/there"}
    httpserver.expect_request("/500").respond_with_data("", status=500)
    httpserver.expect_request("/away").respond_with_data("", status=302, headers=away)
    urls = {
        f"json://127.0.0.1:{httpserver.port}/500?token={TOKEN}": "it answered 500",
        f"json://127.0.0.1:{httpserver.port}/away?token={TOKEN}": "it answered 302",
        f"json://127.0.0.1:1/{TOKEN}": "it could not be reached, or refused it",
        f"{TOKEN}://x": "apprise knows no such address",
        TOKEN: "apprise knows no such address",
    }

    told = sent(*urls, seconds=60)

    assert [each.problem for each in told] == [*urls.values()]
    assert TOKEN not in str(told)
    assert {asked.path for asked, _ in httpserver.log} == {"/500", "/away"}


@pytest.mark.promise
def test_who_hangs_is_waited_for_as_long_as_was_said(serve):
    hangs = serve(swallow)
    began = time.monotonic()

    told = sent(f"json://user:{TOKEN}@{hangs.host}/?rto=1", seconds=0.2)

    assert told == (Told(f"json://{hangs.host}", "no answer within 0.2 s"),)
    assert time.monotonic() - began < 3 + PATIENCE


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"slack://{TOKEN}/B/C/#general", "slack://…"),
        (f"jsons://ann:{TOKEN}@db.example:8443/x", "jsons://db.example:8443"),
        (f"mailto://ann:{TOKEN}@mail.example?to=x@y.example", "mailto://mail.example"),
        (f"json://{TOKEN} {TOKEN}/", "json://…"),
        (f"${{{TOKEN}}}", "an address"),
        (f"json://[{TOKEN}", "json://…"),
    ],
)
def test_of_an_address_scheme_and_host_are_told(url, shown, monkeypatch):
    monkeypatch.setattr("rollproof.incident.notices.lacking", lambda *_: "not installed")

    assert sent(url) == (Told(shown, "not installed"),)


def test_a_run_that_was_ended_waits_a_second(serve):
    hangs = serve(swallow)
    began = time.monotonic()

    told = sent(f"json://{hangs.host}/?rto=3", seconds=30.0, is_ended=lambda: True)

    assert told[0].problem
    assert time.monotonic() - began < 1 + PATIENCE


def test_apprise_says_nothing_by_itself(capfd):
    sent(f"json://127.0.0.1:1/{TOKEN}")

    assert capfd.readouterr() == ("", "")
