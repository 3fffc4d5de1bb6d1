"""The application's endpoints in whole runs: a login and those that need it, old baselines, other phases, what is refused."""

import json

import pytest
from werkzeug import Response

from fixtures.readers import execute

PASSWORD, TOKEN = "pa55Canary", "t0kenCanary"
CONFIGURATION = """
[[endpoints]]
name = "login"
url = "{shop}/token"
method = "POST"
json = {{ user = "probe", password = "${{SHOP_PASSWORD}}" }}
token = "access_token"
phases = ["pre_migration", "post_rollback"]

[[endpoints]]
name = "me"
url = "{shop}/me"
login = "login"
schema = "me.json"
{values}
[[endpoints]]
name = "friends"
url = "{shop}/me"
login = "login"
phases = ["pre_migration", "pre_rollback", "post_rollback"]
"""
VALUES = 'values = ["id"]\nmax_slowdown = 50'


class Shop:
    """An application with a login that can be broken, and a user whose id can change."""

    def __init__(self, server):
        self.works, self.id = True, "A0EE"
        self.url = server.url_for("").rstrip("/")
        server.expect_request("/token").respond_with_handler(self.token)
        server.expect_request("/me").respond_with_handler(self.me)

    def token(self, request):
        known = self.works and request.get_json() == {"user": "probe", "password": PASSWORD}
        return Response(json.dumps({"access_token": TOKEN}), 200 if known else 500)

    def me(self, request):
        known = self.works and request.headers.get("Authorization") == f"Bearer {TOKEN}"
        return Response(json.dumps({"id": self.id, TOKEN: TOKEN}), 200 if known else 401, mimetype="application/json")


@pytest.fixture
def shop(httpserver):
    return Shop(httpserver)


@pytest.fixture
def run(command, database, shop, tmp_path):
    """Call it with a command of a folder whose baseline was taken while all was well; it returns how that ended, and the result."""
    execute(database, "CREATE TABLE kept (id int PRIMARY KEY)")
    configure(tmp_path, shop, VALUES)
    (tmp_path / "me.json").write_text('{"properties": {"id": {"type": "string"}}}')

    def ran(*arguments):
        file = tmp_path / "rollproof-report" / "result.json"
        file.unlink(missing_ok=True)
        typed = (*arguments, "--database-url", database)
        ended = command(tmp_path, *typed, environment={"SHOP_PASSWORD": PASSWORD})
        return ended, json.loads(file.read_bytes()) if file.exists() else None

    return ran


def configure(folder, shop, values):
    (folder / "rollproof.toml").write_text(CONFIGURATION.format(shop=shop.url, values=values))


def kinds(result):
    return {(each["check"], each["parameter"]): each["kind"] for each in result["outcomes"]}


def test_a_login_that_fails_is_one_cause_in_every_report_and_no_secret_shows(run, shop, tmp_path):
    taken, _ = run("capture")
    good, well = run("verify", "-k", "endpoint", "--show-values")
    shop.id = f"{TOKEN}x"
    other, changed = run("verify", "-k", "endpoint", "--show-values")
    shop.works = False
    bad, broken = run("verify", "-k", "endpoint", "-vv", "--tb=long", "--showlocals")

    assert [each.returncode for each in (taken, good, other, bad)] == [0, 0, 1, 1], good.output
    assert set(kinds(well).values()) == {"verified"}
    ((value,),) = (each["findings"] for each in changed["outcomes"] if each["check"] == "endpoint_values")
    assert value["sentence"] == 'me: id has another value (now "***x"; a baseline keeps no value to show)'
    found = [each for outcome in broken["outcomes"] for each in outcome["findings"]]
    assert {each["subject"] for each in found if not each["follows_from"]} == {"login"}
    assert {each["sentence"] for each in found if each["check"] == "endpoints" and each["follows_from"]} == {
        f"endpoint {name!r} was not asked, for its login 'login' failed" for name in ("me", "friends")
    }
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".toml"]
    told = {str(path): path.read_bytes().decode("utf-8", "replace") for path in files}
    told |= {"capture": taken.output, "good": good.output, "other": other.output, "bad": bad.output}
    assert {where for where, text in told.items() if PASSWORD in text or TOKEN in text} == set()


def test_a_baseline_without_the_values_says_nothing_of_them_and_says_so(run, shop, tmp_path):
    """One that was taken with another configuration, or by an older rollproof, which knew no values."""
    configure(tmp_path, shop, "")
    _, none = run("capture")
    told, plain = run("verify", "-k", "endpoint")
    configure(tmp_path, shop, VALUES)
    shop.id = "a0ee"
    new, result = run("verify", "-k", "endpoint")

    assert none is None
    assert "values of endpoints" in {each["feature"] for each in plain["not_configured"]}, told.output
    assert (new.returncode, kinds(result)["endpoint_values", ""]) == (0, "not checked")
    (reason,) = (each["reason"] for each in result["outcomes"] if each["kind"] == "not checked")
    assert reason.startswith("the reference has no endpoint_values recorded: a baseline has them")


def test_before_a_rollback_only_who_names_it_is_asked_and_what_is_wrong_is_a_warning(run, shop):
    run("capture")
    shop.works = False
    ended, result = run("verify", "pre_rollback", "-k", "endpoints")

    assert kinds(result) == {("endpoints", "friends"): "warning"}, ended.output
    assert ended.returncode == 0
    assert "warnings: friends" in ended.said
    assert [each["sentence"] for outcome in result["outcomes"] for each in outcome["findings"]] == [
        "endpoint 'friends' was not asked, for its login 'login' failed"
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('login = "login"', 'login = "me"'), "endpoint 'me': its login 'me' has no `token` that says where"),
        (('login = "login"', 'login = "lgoin"'), "its login 'lgoin' is none of the [[endpoints]]: login, me, friends"),
        (('"me.json"', '"none.json"'), "none.json cannot be read: No such file or directory"),
        (('phases = ["pre', 'phases = ["per'), "'per_migration' is no phase; the phases are pre_migration"),
        (('method = "POST"', 'ca_file = "x"'), "GET sends no json: say which method does"),
        (("SHOP_PASSWORD", "NONE"), "endpoint 'login' wants ${NONE}: not in the environment"),
    ],
)
def test_what_cannot_be_asked_as_it_is_written_is_refused_and_nothing_is_written(run, tmp_path, change, said):
    file = tmp_path / "rollproof.toml"
    file.write_text(file.read_text().replace(*change))

    ended, result = run("capture")

    assert (ended.returncode, result) == (4, None), ended.output
    assert said in ended.said
    assert PASSWORD not in ended.output
    assert not (tmp_path / "baseline.json").exists()
