"""Passwords are hidden however they are spelled, and text that only resembles one keeps its words."""

from urllib.parse import quote, quote_plus

import pytest

from rollproof.model.redaction import secrets_in


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("password", NAMES)
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
