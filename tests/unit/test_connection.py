"""Connections: what libpq and we say of a URL hides its password, and a URL that would be cut inside it is refused."""

import pytest

from fixtures.every import every
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.server.connection import Target, connect

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
