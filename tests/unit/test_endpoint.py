"""Endpoints as they are configured: what could not be asked is refused, placeholders are filled in, no secret is quoted."""

import datetime

import msgspec
import pytest
from msgspec.structs import replace

from fixtures.endpoints import SECRET
from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.model.phase import PHASES
from rollproof.probes.endpoints.exchange import ask
from rollproof.probes.endpoints.request import expand
from rollproof.settings.endpoint import Endpoint, logins_fault
from rollproof.settings.options import Settings


@every(
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
        {"method": "BREW"},
        {"body": SECRET},
        {"method": "POST", "body": SECRET, "json": {}},
        {"method": "POST", "json": {"day": datetime.date(2026, 11, 29)}},
        {"method": "POST", "json": {"number": float("inf")}},
        {"method": "POST", "json": SECRET},
        {"method": "HEAD", "values": ["id"]},
        {"values": ["a..b"]},
        {"token": "a..b"},
        {"token": "a", "cookie": "b"},
        {"cookie": "a b"},
        {"token_as": "X: {token}"},
        {"token": "a", "token_as": "no header"},
        {"token": "a", "token_as": "X: {token}\nY: z"},
        {"calls": 0},
        {"max_slowdown": 1.0},
        {"wait_seconds": -1},
        {"phases": ["midnight"]},
        {"client_key": "key.pem", "url": "https://localhost/"},
        {"ca_file": "ca.pem"},
    ],
)
def test_what_could_not_be_asked_is_refused_when_loaded(wrong):
    loaded = {"endpoints": [{"name": "health", "url": "http://localhost/"} | wrong]}

    with pytest.raises(msgspec.ValidationError, match=r"endpoints|\$") as caught:
        msgspec.convert(loaded, dict[str, tuple[Endpoint, ...]])

    assert SECRET not in str(caught.value)


LOGIN, ME = Endpoint("login", "http://localhost/", token="token"), Endpoint("me", "http://localhost/", login="login")  # noqa: S106 (a place)


@every(
    ("endpoints", "said"),
    [
        ((ME, LOGIN), ""),
        ((ME, ME, LOGIN), "two [[endpoints]] have the name 'me': give each a name of its own"),
        ((ME,), "endpoint 'me': its login 'login' is none of the [[endpoints]]: me"),
        ((ME, replace(LOGIN, token=None)),
         "endpoint 'me': its login 'login' has no `token` that says where in its answer the token stands"),
        ((ME, replace(LOGIN, login="login")), "endpoint 'login' needs its own token to log in: me → login → login"),
        ((replace(LOGIN, login="b"), replace(LOGIN, name="b", login="login")),
         "endpoint 'login' needs its own token to log in: login → b → login"),
    ],
)  # fmt: skip
def test_names_and_logins_must_fit_together(endpoints, said):
    assert logins_fault(endpoints) == said
    loaded = {"endpoints": [msgspec.to_builtins(each) for each in endpoints]}
    if said:
        with pytest.raises(msgspec.ValidationError) as caught:
            msgspec.convert(loaded, Settings)
        assert str(caught.value) == said
    else:
        assert msgspec.convert(loaded, Settings).endpoints == endpoints


@every(
    ("login", "header"),
    [
        (LOGIN, ("Authorization", "Bearer {token}")),
        (replace(LOGIN, token=None, cookie="sid"), ("Cookie", "sid={token}")),
        (replace(LOGIN, token_as="X-Api-Key:{token}"), ("X-Api-Key", "{token}")),  # noqa: S106 (a template)
    ],
)
def test_a_token_is_sent_as_a_bearer_a_cookie_or_as_the_configuration_says(login, header):
    assert login.token_header == header


def test_a_phase_asks_an_endpoint_unless_applications_are_stopped_in_it():
    assert [phase for phase in PHASES if not ME.asked_in(phase)] == ["pre_rollback"]
    assert [phase for phase in PHASES if replace(ME, phases=("pre_rollback",)).asked_in(phase)] == ["pre_rollback"]
    assert ME.recorded
    assert not replace(ME, phases=("post_rollback",)).recorded


def test_expand_fills_in_the_url_and_the_headers():
    endpoint = Endpoint("me", "${BASE}/me?t=${TOKEN}", headers={"Authorization": "Bearer ${TOKEN}", "A": "$b {c}"})

    filled = expand(endpoint, {"BASE": "http://localhost:1", "TOKEN": "a$b"})

    assert filled.url == "http://localhost:1/me?t=a$b"
    assert filled.headers == {"Authorization": "Bearer a$b", "A": "$b {c}"}
    assert endpoint.headers["Authorization"] == "Bearer ${TOKEN}"


@every("environment", [{}, {"TOKEN": ""}])
def test_a_missing_variable_is_misuse_and_named(environment):
    endpoint = Endpoint("me", "http://localhost/", headers={"Authorization": "Bearer ${TOKEN}"})

    with pytest.raises(Misuse, match=r"endpoint 'me' wants \$\{TOKEN\}: not in the environment, or empty there"):
        expand(endpoint, environment)


@every("template", ["${", "${}", "${no-name}", f"${{{SECRET}", "${1}"])
def test_a_placeholder_that_is_none_is_misuse_and_not_quoted(template):
    with pytest.raises(Misuse, match="endpoint 'me'") as caught:
        expand(Endpoint("me", "http://localhost/", headers={"A": template}), {"no-name": "x", SECRET: "x", "1": "x"})

    assert SECRET not in str(caught.value)


@every("value", [f"{SECRET}\n", f"{SECRET}\r\nX: y", f" {SECRET}", f"{SECRET}€", "${OTHER}"])
def test_a_value_that_no_header_can_hold_is_misuse_and_not_quoted(value):
    with pytest.raises(Misuse, match="a header of it") as caught:
        expand(Endpoint("me", "http://localhost/", headers={"A": "${TOKEN}"}), {"TOKEN": value})

    assert SECRET not in str(caught.value)


def test_a_value_that_breaks_the_url_is_misuse():
    with pytest.raises(Misuse, match="endpoint 'me': its url is not http"):
        expand(Endpoint("me", "${BASE}/"), {"BASE": "localhost:8000"})


@every(
    "endpoint",
    [Endpoint("me", "${BASE}/"), Endpoint("me", "http://localhost/", headers={"A": "Bearer ${TOKEN}"})],
)
def test_to_ask_an_endpoint_that_was_not_expanded_is_misuse(endpoint):
    with pytest.raises(Misuse, match="filled in"):
        ask(endpoint)
