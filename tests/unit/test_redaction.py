"""Passwords are hidden however they are spelled, and text that only resembles one keeps its words."""

import html
import json
import shlex
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import pytest

from fixtures.every import every
from rollproof.model.redaction import (
    hidden,
    of_endpoint,
    secrets_in,
    secrets_in_file,
    secrets_typed,
    without_credentials,
    without_password,
    without_values,
)


@every(
    ("url", "word"),
    [
        ("postgresql://me:hunter22@host/db", "hunter22"),
        ("postgresql+psycopg://me:hunter22@host/db", "hunter22"),
        ("postgresql://me:two words@host/db", "words"),
        ("postgresql://me:p@ss/w:rd@host/db", "p@ss/w:rd"),
        ("postgresql://me:p%40ss%20w@host/db", "p@ss w"),
        ("postgresql://me:p%40ss%20w@host/db", "p%40ss%20w"),
        ("postgresql://me:p@ss w@host/db", quote("p@ss w", safe="")),
        ("postgresql://me:p@ss w@host/db", quote_plus("p@ss w")),
        ("postgresql://host/db?user=me&password=hunter22", "hunter22"),
        ("host=h user=me password=hunter22 dbname=d", "hunter22"),
        ("host=h password='two words' dbname=d", "two words"),
        ("host=h password = hunter22", "hunter22"),
        (r"host=h password='it\'s\\me' dbname=d", r"it's\me"),
    ],
)
def test_a_password_is_hidden_in_each_spelling(url, word):
    secrets = secrets_in([url], {})

    assert word not in secrets.hide(f"the server said: {word}!")
    assert "hunter22" not in repr(secrets)


def test_pgpassword_and_other_words_are_hidden_too():
    secrets = secrets_in([], {"PGPASSWORD": "from the environment"}, ["Bearer-token"])

    assert secrets.hide("from the environment, Bearer-token") == "***, ***"


def test_a_word_too_short_to_be_told_from_text_is_left_alone():
    assert secrets_in(["postgresql://a:a@host/db"], {}).hide("a table") == "a table"


def test_a_url_without_a_password_hides_nothing():
    assert secrets_in(["postgresql://me@host:5432/db"], {}).hide("me host 5432 db") == "me host 5432 db"


CANARY = "c4n4ry-W0rd"
NAMES = ["orders", "postgres", "public", "ALTER TABLE"]


@every("password", NAMES)
def test_what_is_told_of_the_database_keeps_its_words(password):
    secrets = secrets_in([f"host=h password='{password}'"], {})
    told = (
        'public.orders changed\\n  ALTER TABLE public.orders OWNER TO postgres; CHECK ((password = orders)) "a:orders"'
    )

    assert secrets.hide_credentials(told) == told


@pytest.mark.parametrize(
    "told",
    [
        "postgresql://me:{}@host/db",
        "me:{}@host",
        "host=h password={} user=me",
        "dblink('password=''{}''')",
        "OPTIONS (password '{}')",
        "PASSWORD '{}'",
        "PASSWORD E'{}'",
        'api_token "{}"',
        "Authorization: Bearer {}",
        "PGPASSWORD={}",
    ],
)
@pytest.mark.parametrize("password", ["orders", CANARY])
def test_a_credential_is_hidden_where_it_stands(password, told):
    hidden = secrets_in([f"host=h password='{password}'"], {}).hide_credentials(told.format(password))

    assert password not in hidden.replace("''", "'"), hidden
    assert "***" in hidden


def hidden_in(secrets, *words):
    """Return those of the words that are hidden."""
    return {word for word in words if secrets.hide(word) == "***"}


@every(
    ("typed", "environment", "words"),
    [
        (["--password", "hunter22"], {}, {"hunter22"}),
        (["--password=hunter22", "--jobs"], {}, {"hunter22"}),
        (["--password=", "public"], {}, set()),
        (["--db-token", "hunter22"], {}, {"hunter22"}),
        (["--passfile"], {}, set()),
        (["--jobs", "hunter22"], {}, set()),
        (["postgresql://me:hunter22@h/d"], {}, {"hunter22"}),
        ([], {"PGPASSWORD": "hunter22"}, {"hunter22"}),
        ([], {"ROLLPROOF_REFERENCE": "postgresql://me:hunter22@h/d"}, {"hunter22"}),
        ([], {"ROLLPROOF_REFERENCE": "host=h password=hunter22"}, {"hunter22"}),
        ([], {"DATABASE_URL_OLD": "postgresql://me:hunter22@h/d"}, {"hunter22"}),
        ([], {"PGSERVICE": "password=hunter22"}, {"hunter22"}),
        ([], {"HOME": "postgresql://me:hunter22@h/d", "ROLLPROOF_JOBS": "hunter22"}, set()),
        ([], {"PYTEST_ADDOPTS": "--password 'hunter22'"}, {"hunter22"}),
        ([], {"PYTEST_ADDOPTS": "--password hunter22 'no end"}, {"hunter22"}),
    ],
)
def test_what_was_typed_as_a_secret_is_one_however_it_is_mistyped(typed, environment, words):
    assert hidden_in(secrets_typed(typed, environment), "hunter22", "public", "XXXX") == words


def test_a_configuration_that_cannot_be_read_shows_no_secret():
    text = 'database_url = "postgresql://me:hunter22@h/d"\n[[endpoints]]\npassword = "letmein1"\nname = "health"\n'

    assert hidden_in(secrets_in_file(text), "hunter22", "letmein1", "health") == {"hunter22", "letmein1"}


def test_two_sets_of_secrets_hide_what_both_hide():
    one, two = secrets_in([], {}, ["hunter22"]), secrets_in([], {}, ["letmein1"])

    assert hidden_in(one.and_of(two), "hunter22", "letmein1") == {"hunter22", "letmein1"}
    assert one.and_of(one) is one
    assert one.and_of(secrets_in([], {})) is one
    assert hidden_in(secrets_in([], {}).and_of(two), "letmein1") == {"letmein1"}


def test_of_an_endpoint_the_query_the_account_and_the_headers_are_secret():
    url = "https://me:p%40ss@host/me?key=hunter22&two=a+word#frag=letmein1"
    headers = ["Bearer ${TOKEN}", "plain-one"]

    found = set(of_endpoint(url, headers, {"TOKEN": "from the environment"}))

    assert {"p%40ss", "hunter22", "a+word", "a word", "letmein1", "plain-one"} <= found
    assert {"Bearer from the environment", "from the environment"} <= found
    assert not {"key", "two", "frag", "me", "host", "https", "${TOKEN}"} & found
    assert "TOKEN" not in set(of_endpoint("${MISSING}", [], {}))


@pytest.mark.parametrize(
    ("sent", "secret", "plain"),
    [
        ([("user", "probe"), ("password", "hunter22")], {"hunter22"}, {"probe"}),
        ([("clientSecret", "hunter22"), ("note", "x ${VARIABLE} y")], {"hunter22", "letmein1"}, {"x letmein1 y"}),
        ([("", '{"user": "probe", "apiKey": "hunter22", "n": "${VARIABLE}"}')], {"hunter22", "letmein1"}, {"probe"}),
        ([("", "user=probe&password=hunter22")], {"hunter22"}, {"probe"}),
    ],
)
def test_of_what_an_endpoint_is_sent_passwords_and_what_comes_from_variables_are_secret(sent, secret, plain):
    found = set(of_endpoint("http://host/", [], {"VARIABLE": "letmein1"}, sent))

    assert secret <= found
    assert not plain & found


def test_the_name_of_a_variable_is_no_secret():
    assert hidden_in(secrets_in(['password = "${SHOP_PASSWORD}"'], {}), "${SHOP_PASSWORD}") == set()


TRACE = """E   psycopg.errors.{kind}: {said}
E   a second line
E   DETAIL:  Failing row contains (hunter22).
E   CONTEXT:  JSON data, line 1: hunter22
QUERY:  SELECT hunter22
Traceback (most recent call last):
  File "x.py", line 1, in f"""


@every("kind", ["InvalidTextRepresentation", "RaiseException", "DataError", "NumericValueOutOfRange"])
def test_of_an_error_about_data_no_value_is_shown(kind):
    told = without_values(TRACE.format(kind=kind, said='invalid input syntax: "hunter22"'))

    assert (
        told == f'E   psycopg.errors.{kind}: not shown\nTraceback (most recent call last):\n  File "x.py", line 1, in f'
    )


@every("kind", ["LockNotAvailable", "UndefinedTable", "NoSuchErrorIsKnown", "connect", "DataErrors"])
def test_of_another_error_its_words_are_shown_and_no_detail(kind):
    told = without_values(TRACE.format(kind=kind, said="canceling statement"))

    assert told.startswith(
        f"E   psycopg.errors.{kind}: canceling statement\nE   a second line\nE   DETAIL:  not shown, "
    )
    assert "hunter22" not in told


@dataclass(frozen=True)
class Row:
    """Stands for a finding: fields of every kind."""

    name: str
    count: int
    more: tuple
    values: dict


def test_every_text_of_a_value_is_hidden_and_nothing_else():
    row = Row("a secret", 3, ("secret", None, Row("secret", 0, (), {})), {"the secret": 5, "b": ("secret", True)})

    found = hidden(row, lambda text: text.replace("secret", "***"))

    assert found == Row("a ***", 3, ("***", None, Row("***", 0, (), {})), {"the ***": 5, "b": ("***", True)})
    assert hidden(Row, str.upper) is Row
    assert hidden(7, str.upper) == 7


def test_a_value_is_hidden_that_is_a_credential_by_its_name():
    """`password` beside `hunter22` is one, as `password = 'hunter22'` is."""
    found = hidden(
        {"password": "hunter22", "note": "hunter22", "token": 3}, secrets_in([], {}, ["hunter22"]).hide_credentials
    )

    assert found == {"password": "***", "note": "hunter22", "token": 3}


@every(
    ("url", "shown"),
    [
        ("https://me:hunter22@host:8000/me?token=x#part", "https://host:8000/me?…"),
        ("http://host/me", "http://host/me"),
        ("http://me@host", "http://host"),
        ("http://a@b:c@host/?", "http://host/"),
    ],
)
def test_an_address_is_shown_without_user_and_query(url, shown):
    assert without_password(url) == shown


@every(
    "spelled",
    [
        *(form('it\'s \\ "a" <b> é') for form in (str, repr, ascii, json.dumps, html.escape, shlex.quote)),
        html.escape('it\'s \\ "a" <b> é', quote=False),
        "it''s \\ \"a\" <b> é",
        'it\'s+\\+"a"+<b>+é',
        quote('it\'s \\ "a" <b> é', safe=""),
        quote('it\'s \\ "a" <b> é', safe="").lower(),
    ],
)
def test_a_password_of_any_letters_is_hidden_as_each_program_quotes_it(spelled):
    hide = secrets_in([], {}, ['it\'s \\ "a" <b> é']).hide

    assert hide(f"x{spelled}x").strip("x\"'") == "***"


@every(
    ("url", "words"),
    [
        ("postgresql://me:one two@host", {"one", "two", "one two"}),
        ("postgresql://me:one@two@host", {"one", "two", "one@two"}),
        ("see postgresql://a:first@h and postgresql://b:other@h", {"first", "other"}),
        ("'postgresql://a:first@h'", {"first"}),
        ("host=h password='one two'", {"one", "two", "one two"}),
        (r"host=h password=back\slash", {r"back\slash", "backslash"}),
        ("postgresql://me@host:5432", set()),
    ],
)
def test_whatever_may_be_the_password_of_a_mistyped_url_is_hidden(url, words):
    hide = secrets_in([url], {}).hide

    assert {word for word in words if hide(word) != "***"} == set()
    assert hide("host 5432 h me") == "host 5432 h me"


def test_of_text_without_a_credential_nothing_is_lost():
    for text in ("https://host/path", "a password is needed", "user=me host=h", "see http://h/?a=b"):
        assert without_credentials(text) == text
    for text in (
        "postgresql://me:x@h",
        "PGPASSWORD=x y",
        "http://h/?password=x",
        "host=h password=x",
        "sslpassword 'x'",
    ):
        assert without_credentials(text) == text.replace("=x", "=***").replace(":x@", ":***@").replace("'x'", "'***'")
