"""Connections: what libpq and we say of a URL hides its password, and a URL that would be cut inside it is refused."""

import psycopg
import pytest

from fixtures.every import every
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.connection import Target, _explained, connect

CANARY = "c4n4ry-W0rd"


@every(
    "url",
    [
        f"postgresql://me:{CANARY}@{CANARY}@127.0.0.1:1/d",
        f"postgresql://me:12/{CANARY}@127.0.0.1:1/d",
        f"postgresql://me:a {CANARY}@127.0.0.1/d",
        f"postgresql://me:%zz{CANARY}@127.0.0.1/d",
        f"host=127.0.0.1 password='{CANARY}",
    ],
)
def test_a_url_that_libpq_would_cut_inside_the_password_is_refused(url):
    """It would take the rest for the name of a host or a database, and say it."""
    with pytest.raises(Misuse) as refused:
        Target.parse(url)
    assert CANARY not in str(refused.value)


@every(
    "url",
    [
        f"postgresql://me:{CANARY}@127.0.0.1:1/d",
        f"postgresql://me:{CANARY}@127.0.0.1:{CANARY}/d",
        f"host={CANARY}.invalid password={CANARY}",
        f"host=127.0.0.1 port=1 sslmode={CANARY} password={CANARY}",
    ],
)
def test_what_libpq_says_hides_the_password_where_it_arises(url):
    target = Target.parse(url)
    with pytest.raises(Inconclusive) as refused:
        connect(target)
    assert CANARY not in str(refused.value).replace(str(target), "")


AT = 'connection failed: connection to server at "10.0.0.5", port 5432 failed: '


@every(
    "said, told",
    [
        (
            f"{AT}Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
            "no server listens there",
        ),
        (f'{AT}FATAL:  database "nosuch" does not exist', "name another one in the URL"),
        (f'{AT}FATAL:  role "nobody" does not exist', "name another role in the URL"),
        (f'{AT}FATAL:  password authentication failed for user "me"', "~/.pgpass"),
        ("connection failed: fe_sendauth: no password supplied", "~/.pgpass"),
        (
            f'{AT}FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "me", database "d", no encryption',
            "a line to pg_hba.conf",
        ),
        ("failed to resolve host 'nohost.invalid': [Errno -2] Name or service not known", "no name server knows"),
        (f"{AT}server does not support SSL, but SSL was required", "switch ssl on"),
        (f"{AT}FATAL:  the database system is starting up", "run again when it is up"),
        (f"{AT}FATAL:  sorry, too many clients already", "its sessions are all taken"),
        (
            f'{AT}FATAL:  permission denied for database "d"\nDETAIL:  User does not have CONNECT privilege.',
            "GRANT CONNECT",
        ),
        ("connection failed: connection timeout expired", "no way leads there"),
        (
            'connection failed: connection to server on socket "/tmp/.s.PGSQL.5432" failed: No such file or directory',
            "no server has a socket",
        ),
    ],
)
def test_why_nobody_can_connect_is_told_once_with_a_way_out(said, told):
    shown = _explained(psycopg.OperationalError(said), Target.parse("postgresql://me@10.0.0.5:5432/d"))

    assert told in shown.splitlines()[-1]
    assert 2 <= len(shown.splitlines()) <= 3
    assert not any(word in shown for word in ("connection failed", '"10.0.0.5", port', "\t", "FATAL", "Errno"))


def test_another_address_than_the_one_that_was_typed_is_told():
    said = 'connection to server at "db" (::1), port 5432 failed: Connection refused'

    assert '"db" (::1)' in _explained(psycopg.OperationalError(said), Target.parse("postgresql://me@10.0.0.5/d"))


def test_what_is_demanded_of_a_connection_is_noted_down_and_no_password_is():
    url = "postgresql://me:pw@db/shop?sslmode=verify-full&sslpassword=hush&channel_binding=require"

    assert Target.parse(url).demands == "?sslmode=verify-full&channel_binding=require"
