"""The endpoints of a run, against a real server: logins and their tokens, what is sent, what is asked again and what is not."""

import json
import re
import threading
import time

import pytest
from msgspec.structs import replace
from werkzeug import Response

from fixtures.endpoints import PATIENCE, SECRET, Server, drip, hang
from rollproof.model.errors import Inconclusive
from rollproof.model.failure import NotRestored
from rollproof.probes.endpoints.application import Application, tried_once
from rollproof.probes.endpoints.recording import Comparison, recorded_answers
from rollproof.settings.endpoint import Endpoint
from rollproof.system.deadline import Deadline

TOKEN = "t0kenCanary/+="  # noqa: S105 (a canary)
PHASE = "post_rollback"


@pytest.fixture
def shop(httpserver):
    """A shop with a login by form, whose user is asked with the token."""

    def me(request):
        known = request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return Response(json.dumps({"id": 7, TOKEN: TOKEN}), 200 if known else 401, content_type="application/json")

    form = f"name=probe&password={SECRET}"
    httpserver.expect_request("/token", "POST", data=form).respond_with_json({"data": {"token": TOKEN}})
    httpserver.expect_request("/me", "GET").respond_with_handler(me)
    return httpserver


def login(shop, **more):
    form = {"name": "probe", "password": "${PASSWORD}"}
    given = {"method": "POST", "form": form, "token": "data.token"} | more
    return Endpoint("login", shop.url_for("/token"), **given)


def me(shop, **more):
    return Endpoint("me", shop.url_for("/me"), **{"login": "login"} | more)


def application(*endpoints, **more):
    return Application(endpoints, {"PASSWORD": SECRET}, **more)


def failure(app, name):
    with pytest.raises(NotRestored) as caught:
        app.answer(name)
    return str(caught.value)


def asked(server, path):
    return [request for request, _ in server.log if request.path == path]


def test_a_login_is_asked_once_and_its_token_is_sent_by_those_that_name_it(shop):
    app = application(me(shop), replace(me(shop), name="me again"), login(shop))

    assert app.answer("me").at("id") == app.answer("me again").at("id") == 7
    assert app.seconds("me", 3) > 0
    app.answer("login")
    assert len(asked(shop, "/token")) == 1
    assert len(asked(shop, "/me")) == 4


@pytest.mark.promise
def test_a_token_is_told_nowhere(shop):
    """Not even where the answer repeats it as a key."""
    secrets = []
    app = application(me(shop, required_keys=("email",)), login(shop), keep_secret=secrets.append)
    kept = recorded_answers([me(shop), login(shop)], {"PASSWORD": SECRET})

    told = failure(app, "me") + repr(kept) + repr(vars(app)["_known"]) + repr(login(shop))

    assert "expected the keys 'email', seen 'id', '***'" in told
    assert kept["endpoint_answers"]["me"] == "status 200, application/json, keys id, ***"
    assert secrets == [TOKEN]
    assert TOKEN not in told
    assert SECRET not in told


def test_a_login_that_fails_is_the_one_cause_of_all_that_fails_with_it(shop):
    app = application(me(shop), replace(me(shop), name="me again"), replace(login(shop), url=shop.url_for("/none")))

    assert failure(app, "me") == ("endpoints: 1 finding\n- endpoint 'me' was not asked, for its login 'login' failed")
    assert "expected status 200, seen 500" in failure(app, "login")
    assert failure(app, "me again")
    assert asked(shop, "/me") == []
    assert len(shop.log) == 1


@pytest.mark.parametrize(
    "answer", ["{}", '{"data": {"token": 7}}', '{"data": {"token": "a\\nb"}}', '{"data": {"token": " "}}', "no"]
)
def test_an_answer_without_a_token_that_can_be_sent_is_a_login_that_failed(httpserver, answer):
    httpserver.expect_request("/token").respond_with_data(answer)
    app = application(login(httpserver), me(httpserver))

    assert "expected a token as 'data.token', seen none that can be sent in a header" in failure(app, "login")
    assert "its login 'login' failed" in failure(app, "me")


def test_a_token_may_be_a_cookie_or_go_into_any_header(httpserver):
    cookies = [
        ("Set-Cookie", "other=1"),
        ("Set-Cookie", "sid=first; Path=/"),
        ("Set-Cookie", f'sid="{SECRET}"; HttpOnly'),
    ]
    httpserver.expect_request("/token").respond_with_response(Response("", 204, headers=cookies))
    httpserver.expect_request("/me").respond_with_json({})
    by_cookie = login(httpserver, form=None, token=None, cookie="sid", status=204)

    application(me(httpserver), by_cookie).answer("me")
    application(me(httpserver), replace(by_cookie, token_as="X-Session: it is {token}")).answer("me")  # noqa: S106 (a template)

    one, other = asked(httpserver, "/me")
    assert one.headers["Cookie"] == f'sid="{SECRET}"'
    assert other.headers["X-Session"] == f'it is "{SECRET}"'


@pytest.mark.parametrize(
    ("body", "kind", "sent"),
    [
        ({"json": {"a": ["${PASSWORD}", 1]}}, "application/json", {"a": [SECRET, 1]}),
        ({"json": [1], "headers": {"content-type": "text/x"}}, "text/x", [1]),
        ({"body": '"${PASSWORD} é"'}, None, f"{SECRET} é"),
    ],
)  # fmt: skip
def test_what_is_sent_is_what_the_configuration_says(httpserver, body, kind, sent):
    httpserver.expect_request("/x", "PUT").respond_with_json({})

    application(Endpoint("x", httpserver.url_for("/x"), method="PUT", **body)).answer("x")

    ((request, _),) = httpserver.log
    assert (request.headers.get("Content-Type"), json.loads(request.data)) == (kind, sent)


def starting(server, statuses):
    """Have the server answer with these statuses, one after the other, the last one from then on."""
    left = list(statuses)
    handler = lambda _: Response("{}", left.pop(0) if len(left) > 1 else left[0])  # noqa: E731 (the shortest)
    server.expect_request("/x").respond_with_handler(handler)
    return Endpoint("x", server.url_for("/x"), wait_seconds=5)


def test_an_application_that_starts_is_asked_again_and_that_is_told(httpserver):
    told = []
    endpoint = starting(httpserver, [503, 502, 200])

    assert application(endpoint, tell=told.append).answer("x").answer.status == 200
    assert re.fullmatch(r"endpoint 'x' answered at attempt 3, after 0\.\d s", *told)


def test_a_port_that_opens_later_is_waited_for_also_by_what_may_change_something(unused_host):
    host, port = unused_host.split(":")
    servers = []
    later = threading.Timer(
        0.3, lambda: servers.append(Server(lambda it: it.sendall(b"HTTP/1.1 200 OK\r\n\r\n{}"), int(port)))
    )
    later.start()
    try:
        answer = application(Endpoint("x", f"http://{host}:{port}/", method="POST", wait_seconds=5)).answer("x")
    finally:
        later.join()
        servers[0].stop()

    assert answer.answer.status == 200
    assert len(servers[0].heard) == 1


def test_waiting_ends_in_time_and_says_how_often_was_asked(httpserver, unused_host):
    endpoint = replace(starting(httpserver, [503]), wait_seconds=0.3)
    silent = Endpoint("y", f"http://{unused_host}/", wait_seconds=0.3)
    app, began = application(endpoint, silent), time.monotonic()

    told = [failure(app, "x"), failure(app, "y")]

    assert time.monotonic() - began < 2
    assert re.search(r"expected status 200, seen 503, asked \d times in 0\.\d s \(wait_seconds = 0\.3\)", told[0])
    assert re.search(r"gives no whole answer: Connection refused$", told[1], re.MULTILINE), "its time was over by then"


def test_waiting_ends_with_the_run(httpserver):
    deadline = Deadline(0.3)
    app = application(replace(starting(httpserver, [503]), wait_seconds=3600), deadline=deadline)

    with pytest.raises(Inconclusive, match=r"--max-duration 0\.3 s was reached"):
        app.answer("x")
    assert deadline.left > -2


def slow_post(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    drip(connection, b'{"token": "' + b"a" * 100_000)


@pytest.mark.promise
@pytest.mark.parametrize(
    "talk", [hang, slow_post, lambda it: it.sendall(b"HTTP/1.1 503 No\r\n\r\n"), lambda it: it.close()]
)
def test_what_may_change_something_is_never_sent_twice(serve, talk):
    """A login whose answer drips, or never comes, is broken off in its time; so is whoever waits for it."""
    server = serve(talk)
    patient = {"wait_seconds": 2, "max_seconds": PATIENCE}
    app = application(
        Endpoint("login", f"http://{server.host}/", method="POST", body="x", **patient | {"token": "token"}),
        Endpoint("me", f"http://{server.host}/", login="login", **patient),
    )
    began = time.monotonic()

    assert "its login 'login' failed" in failure(app, "me")
    assert time.monotonic() - began < 1.5
    assert len(server.heard) == 1


def test_a_call_that_goes_wrong_among_several_is_told_by_its_number(httpserver):
    endpoint = replace(starting(httpserver, [200, 200, 500]), wait_seconds=0)

    with pytest.raises(NotRestored, match=r"expected status 200, seen 500, at call 3 of 5 \(calls = 1 asks once\)"):
        application(endpoint).seconds("x", 5)


@pytest.mark.parametrize(("configured", "calls"), [(None, 1), (3, 3)])
def test_calls_that_take_long_are_made_only_if_somebody_wants_them(httpserver, monkeypatch, configured, calls):
    monkeypatch.setattr("rollproof.probes.endpoints.application.ENOUGH", 0.0)
    endpoint = replace(starting(httpserver, [200]), calls=configured)
    app = application(endpoint)

    assert app.seconds("x", endpoint.times) > 0
    assert app.calls("x") == len(httpserver.log) == calls


def test_a_slow_answer_is_measured_again_before_it_is_told(httpserver):
    pauses = [0.15, 0, 0, 0, 0]

    def slowly(_):
        time.sleep(pauses.pop(0))
        return Response("{}")

    httpserver.expect_request("/x").respond_with_handler(slowly)
    endpoint = Endpoint("x", httpserver.url_for("/x"))
    comparison = Comparison(application(endpoint), {"endpoint_seconds": {"x": "0.010"}})

    assert list(comparison.latency(endpoint)) == []
    assert pauses == []


def test_a_fast_answer_is_not_measured_again(httpserver):
    endpoint = starting(httpserver, [200, 500])
    comparison = Comparison(application(endpoint), {"endpoint_seconds": {"x": "1.000"}})

    assert list(comparison.latency(endpoint)) == []
    assert len(httpserver.log) == 1


def test_once_and_quickly_says_of_each_endpoint_what_came_of_it(shop):
    silent = Endpoint("silent", "http://127.0.0.1:1/", wait_seconds=3600)
    elsewhere = Endpoint("elsewhere", "http://127.0.0.1:1/", phases=("pre_migration",))

    found = list(tried_once([me(shop), login(shop), silent, elsewhere], {"PASSWORD": SECRET}, PHASE))

    assert [(each.name, each.is_login, each.good, each.status) for each in found] == [
        ("me", False, True, 200),
        ("login", True, True, 200),
        ("silent", False, False, None),
    ]
    assert found[0].seconds > 0
    assert "Connection refused" in found[2].why
