"""Addresses of databases as drivers write them."""

import pytest

from fixtures.every import every
from rollproof.api.address import of_parameters, of_text
from rollproof.model.errors import Misuse
from rollproof.server.connection import Target


@every(
    "text, parameters",
    [
        ("postgresql://me@h:1/d", {"user": "me", "host": "h", "port": "1", "dbname": "d"}),
        ("postgres+asyncpg://me@h/d?ssl=require", {"user": "me", "host": "h", "dbname": "d", "sslmode": "require"}),
        ("postgresql+psycopg2:///d?host=/run/pg", {"host": "/run/pg", "dbname": "d"}),
        (
            "postgresql+psycopg2://me:a%40b@h/d?executemany_mode=values",
            {"user": "me", "password": "a@b", "host": "h", "dbname": "d"},
        ),
        ("service=shop", {"service": "shop"}),
        ("host=h dbname='a b'", {"host": "h", "dbname": "a b"}),
    ],
)
def test_what_only_a_driver_knows_is_left_out(text, parameters):
    assert Target.parse(of_text(text)).parameters == parameters


@every("text", ["shop", "/srv/shop.json", "mysql://h/d", "postgresql://me:hunter22@@h/d", "postgresql+x://[::/d"])
def test_what_is_no_address_is_not_repeated(text):
    with pytest.raises(Misuse) as refused:
        of_text(text)
    assert "hunter22" not in str(refused.value)


def test_parameters_of_any_letters_come_back_and_those_of_a_session_do_not():
    parameters = {"host": "/run/p g", "user": "a:b", "password": "&=%@ é'\"://", "dbname": "d?x"}
    others = {
        "application_name": "x",
        "client_encoding": "latin1",
        "cursor_factory": object(),
        "port": None,
        "sslmode": "",
    }

    assert Target.parse(of_parameters({**parameters, **others})).parameters == parameters
