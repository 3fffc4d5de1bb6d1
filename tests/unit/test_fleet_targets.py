"""A list of targets: every form of it, names that are files, and one sentence for what cannot be meant, without a secret."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import pq

from fixtures.every import every
from rollproof.fleet.service_files import services
from rollproof.fleet.target import file_name, same_file
from rollproof.fleet.target_list import targets
from rollproof.model.errors import Misuse
from rollproof.settings.options import Settings

CANARY = "c4nary-pa55"


@pytest.fixture
def listed(tmp_path):
    """Call it with the bytes of a list for its targets; variables are the environment."""

    def read(content, named=None, **environment):
        path = tmp_path / "tenants.txt"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return targets(named or str(path), Settings(), environment)

    return read


def test_a_line_is_a_url_and_perhaps_a_name(listed):
    found = listed(
        b"\xef\xbb\xbf# tenants\r\n"
        b"postgresql://me:a%23b@db1:5433/one   Tenant One  # the first\r\n"
        b"\r\n"
        b"service=two\r\n"
        b"host=db2 dbname='thr ee' user = me tenant three\r\n"
        b"postgres:///four"
    )

    assert [(each.name, each.server) for each in found] == [
        ("Tenant One", "db1:5433"),
        ("two", "service two"),
        ("tenant three", "db2:5432"),
        ("four", "localhost:5432"),
    ]
    assert found[0].address.parameters["password"] == "a#b"  # noqa: S105 (none of anybody's)
    assert found[2].address.parameters["dbname"] == "thr ee"


def test_names_come_from_the_database_and_where_that_is_not_enough_from_host_and_port(listed):
    found = listed("postgresql://a/shop\npostgresql://b/shop\npostgresql://b:5433/Shop\npostgresql://c/other\n")

    assert [each.name for each in found] == ["shop@a", "shop@b_5432", "Shop@b_5433", "other"]


def test_a_database_is_at_its_address_whatever_its_host_is_called(listed):
    found = listed(
        "hostaddr=10.0.0.1 dbname=d\nhostaddr=10.0.0.2 host=h dbname=d\nhost=h dbname=d password='a\\'b' x\n"
    )

    assert [(each.name, each.server) for each in found] == [
        ("d@10.0.0.1", "10.0.0.1:5432"),
        ("d@10.0.0.2", "10.0.0.2:5432"),
        ("x", "h:5432"),
    ]
    assert found[2].address.parameters["password"] == "a'b"  # noqa: S105 (none of anybody's)
    with pytest.raises(Misuse, match="the same target"):
        listed("hostaddr=10.0.0.1 dbname=d\nhost=h dbname=d", PGHOSTADDR="10.0.0.1")


@every(
    ("content", "told"),
    [
        ("", "the list is empty"),
        ("# nothing\n\n", "the list is empty"),
        (
            "postgresql://a/shop\npostgresql://a:5432/shop other",
            "line 2 of .* is the same target as line 1 .*: shop on a:5432",
        ),
        ("postgresql://localhost/d\npostgresql://127.0.0.1/d x", "is the same target as line 1"),
        ("postgresql://a/x tenant\npostgresql://a/y TENANT", "would both be called TENANT"),
        (f"postgresql://u:{CANARY}@h@x/db", "line 1 of .*cannot be read"),
        (f"postgresql://u:{CANARY} 1@host/db", "cannot be read|a blank within the URL"),
        (f"postgresql://u:12 {CANARY}@host/db", "a blank within the URL"),
        (f"postgresql://u:p@a {CANARY}@host/db", "a blank within the URL"),
        (f"postgresql://u:p@a {CANARY}@host", "a blank within the URL"),
        (f"postgresql://u:p@s/s {CANARY}@host/db", "a blank within the URL"),
        (f"host=h dbname=d password='se {CANARY}", "may be part of a password"),
        (f"host=h dbname=d password=se {CANARY}", "may be part of a password"),
        (f"host=h dbname=d password='se'{CANARY} x", "may be part of a password"),
        (f"{CANARY}@host", "line 1 of .* is no database URL"),
        (f"password={CANARY} nosuch=1", "cannot be read"),
        ("postgresql://a/" + "x" * 201, "more than 200 bytes"),
        (b"\xff\xfe", "no text in UTF-8"),
        (b"postgresql://a/b\0c", "zero byte"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line_and_no_secret(listed, content, told):
    with pytest.raises(Misuse, match=told) as refused:
        listed(content)

    assert CANARY not in str(refused.value)
    assert CANARY not in repr(refused.value)


@every(
    ("named", "told"),
    [
        (f"postgresql://u:{CANARY}@h/d", "wants a list"),
        (f"u:{CANARY}@h/d", "wants a list"),
        (f"postgresql:/u:{CANARY}@h/d", "wants a list"),
        ("no-such-file.txt", "No such file"),
        ("/", "it is a folder"),
        (f"sql:postgresql://u:{CANARY}@h/d", "has no query"),
        (f"sql:postgresql://u:{CANARY}@h@h/d:SELECT 1", "cannot be read"),
        ("services:nobody_*", "there is no such service"),
    ],
)
def test_a_list_that_is_none_is_told_without_a_secret(listed, named, told):
    with pytest.raises(Misuse, match=told) as refused:
        listed("", named, HOME="/nowhere")

    assert CANARY not in str(refused.value)


def test_services_are_a_list_and_what_the_file_says_of_them_is_where_they_are(listed, tmp_path):
    own = tmp_path / "own.conf"
    own.write_text("[tenant_1]\nhost=a\ndbname=one\n[other]\nhost=b\n[tenant_2]\nhost=a\ndbname=two\npassword=x\n")

    found = listed("", "services:tenant_*", PGSERVICEFILE=str(own))

    assert [(each.name, each.url, each.server) for each in found] == [
        ("tenant_1", "service='tenant_1'", "a:5432"),
        ("tenant_2", "service='tenant_2'", "a:5432"),
    ]
    with pytest.raises(Misuse, match=r"line 2 .* is the same target as line 1 .*: one on a:5432"):
        listed("service=tenant_1\npostgresql://a/one again", PGSERVICEFILE=str(own))


SERVICES = """
# a comment
[plain]
host=h1
port=5433
[spaced]
  host = h2
dbname=with blank
[twice]
host=first
host=second
[plain]
host=never
[odd] more
user=a=b
"""


def test_service_files_are_read_as_libpq_reads_them(tmp_path, monkeypatch):
    own = tmp_path / "own.conf"
    own.write_text(SERVICES)
    system = tmp_path / "pg_service.conf"
    system.write_text("[plain]\nhost=system\n[system]\nhost=s\n")
    monkeypatch.setenv("PGSERVICEFILE", str(own))
    monkeypatch.setenv("PGSYSCONFDIR", str(tmp_path))

    found = services(os.environ)

    assert {*found} == {"plain", "spaced", "twice", "odd", "system"}
    for name in ("plain", "twice", "odd", "system"):
        monkeypatch.setenv("PGSERVICE", name)
        libpq = {each.keyword.decode(): each.val.decode() for each in pq.Conninfo.get_defaults() if each.val}
        assert found[name] == {key: value for key, value in libpq.items() if key in found[name]}


@given(st.lists(st.text(min_size=1), min_size=2, unique=True))
def test_a_name_is_one_file_name_and_no_two_names_are_the_same(names):
    made = [file_name(name) for name in names]

    assert len({*made}) == len(names)
    for each in made:
        assert not re.search(r'[/\\:*?"<>|\x00-\x1f]', each)
        assert each[0] not in ". -"
        assert each[-1] not in ". "


@every("name", ["CON", "nul.txt", "Lpt1", "..", ".", "a.", "-rf", " x"])
def test_a_name_that_is_no_file_somewhere_is_encoded(name):
    assert "%" in file_name(name)


def test_names_that_one_file_system_takes_for_one_are_the_same():
    assert same_file("Straße") == same_file("STRASSE")
    assert same_file("caf\u00e9") == same_file("cafe\u0301")
