"""Where facts come from, as reports tell it."""

import hashlib
from dataclasses import replace

from rollproof.commands.provenance import of_baseline
from rollproof.model.provenance import (
    NOTHING,
    NOWHERE,
    Age,
    Client,
    DatabaseFacts,
    Provenance,
    ReferenceFacts,
    in_digits,
)
from rollproof.model.timestamps import in_words
from rollproof.sources.baseline import unsealed


def test_several_instants_are_all_told():
    source = DatabaseFacts(instants=("2026-11-28 19:00:00.5+00", "2026-11-28 19:10:00+00", "2026-11-28 19:20:00+00"))

    assert str(source) == "as of 2026-11-28T19:00:00Z and 2 later"
    assert dict(source.facts())["instant"] == "2026-11-28T19:00:00Z 2026-11-28T19:10:00Z 2026-11-28T19:20:00Z"


def test_a_baseline_of_an_older_rollproof_says_less(tmp_path):
    """Its file knows nothing of hosts, roles and who took it; what is not known is left out, and nothing is made up."""
    body = (
        b'{"origin":{"database":"shop","system":"7","server_version":150018,"taken":"2026-11-24 10:00:00+00",'
        b'"schemas":null,"tool":"0.2.0"},"facets":{"tables":{"public.a":"table"}}}'
    )
    digest = hashlib.sha256(body).hexdigest()
    file = tmp_path / "old.json"
    file.write_bytes(b'{"format":1,"sha256":"%s","snapshot":%s}' % (digest.encode(), body))
    snapshot, seal = unsealed(file)
    told = of_baseline(str(file), snapshot.origin, seal, DatabaseFacts(instants=("2026-11-24 12:00:00+00",)))

    assert (
        str(told)
        == f"{file}: taken 2026-11-24T10:00:00Z, about 2 hours earlier, of PostgreSQL 15.18, not signed, SHA-256 {digest[:12]}…"
    )
    assert {name for name, value in told.facts() if not value} >= {"host", "role", "by", "port"}


SOURCE = DatabaseFacts(
    database="shop",
    host="db",
    port="5432",
    server="10.0.0.1",
    version="15.18",
    system="7",
    standby=True,
    session_role="login",
    role="reader",
    instants=("2026-11-28 19:00:00+00",),
    note="read gently",
)
BASELINE = ReferenceFacts(
    kind="baseline",
    where="old.json",
    path="/home/ann/old.json",
    source=SOURCE,
    age=Age(7200.4, approximate=False),
    sha256="0123456789abcdef",
    signed="yes",
    by="ann@desk",
    tool="0.2.0",
)
CLIENT = Client("ann", "desk", "0.3", "3.11", "9.2", "rollproof.toml", ("--jobs 3", "--gentle"), "begun", "over")


def test_a_source_is_told_in_one_line():
    told = "PostgreSQL 15.18, a standby, as of 2026-11-28T19:00:00Z, read gently"

    assert str(SOURCE) == told
    assert str(replace(SOURCE, standby=False, note="")) == "PostgreSQL 15.18, a primary, as of 2026-11-28T19:00:00Z"
    assert str(replace(SOURCE, version="", standby=None)) == "as of 2026-11-28T19:00:00Z, read gently"
    assert str(DatabaseFacts()) == ""


def test_all_that_is_known_of_a_source_is_a_property():
    assert dict(SOURCE.facts()) == {
        "database": "shop",
        "host": "db",
        "port": "5432",
        "server": "10.0.0.1",
        "server_version": "15.18",
        "system": "7",
        "standby": "true",
        "session_role": "login",
        "role": "reader",
        "instant": "2026-11-28T19:00:00Z",
        "note": "read gently",
    }
    assert dict(DatabaseFacts(standby=False).facts())["standby"] == "false"
    assert {value for _, value in DatabaseFacts().facts()} == {""}


def test_an_age_says_which_clock_is_behind():
    ages = {
        Age(7200, approximate=False): "2 hours earlier",
        Age(7200, approximate=True): "about 2 hours earlier",
        Age(0, approximate=False): f"{in_words(0)} earlier",
        Age(-7200, approximate=True): f"about {in_words(-7200)} LATER than the database's own clock",
        Age(None, approximate=True): "of unknown age",
    }

    assert {age: str(age) for age in ages} == ages
    assert Age.between("2026-11-28 19:00:00+00", "2026-11-28 20:00:01+01", one_clock=True) == Age(1, approximate=False)
    assert Age.between("never", "2026-11-28 20:00:01+01", one_clock=False) == Age(None, approximate=True)
    assert Age.between("2026-11-28 20:00:01+01", "", one_clock=False) == Age(None, approximate=True)


def test_a_baseline_is_told_with_its_age_its_origin_and_its_seal():
    told = "old.json: taken 2026-11-28T19:00:00Z, 2 hours earlier, of PostgreSQL 15.18 on db, signed, SHA-256 0123456789ab…"

    assert str(BASELINE) == told
    assert str(replace(BASELINE, signed="no", sha256="")).endswith(" on db, not signed")
    assert str(replace(BASELINE, signed="not checked", sha256="")).endswith(" on db, signature not checked")
    assert "of unknown age, of PostgreSQL" in str(replace(BASELINE, age=None))
    assert str(replace(BASELINE, source=DatabaseFacts(host="db"), signed="", sha256="")) == "old.json: on db"
    assert str(ReferenceFacts("baseline", "old.json")) == "old.json"


def test_another_reference_is_told_by_its_place():
    assert str(ReferenceFacts("database", "db/shop", source=SOURCE)) == f"db/shop, {SOURCE}"
    assert str(NOTHING) == ""


def test_all_that_is_known_of_a_reference_is_a_property():
    of_source = {name: value for name, value in SOURCE.facts() if name != "instant"}

    assert dict(BASELINE.facts()) == {
        "kind": "baseline",
        "path": "/home/ann/old.json",
        "taken": "2026-11-28T19:00:00Z",
        "age": "2 hours earlier",
        "age_seconds": "7200",
        "sha256": "0123456789abcdef",
        "signed": "yes",
        "by": "ann@desk",
        "tool": "0.2.0",
        **of_source,
    }
    unknown = dict(replace(BASELINE, age=None, source=DatabaseFacts()).facts())
    assert (unknown["age"], unknown["age_seconds"], unknown["taken"]) == ("of unknown age", "", "")
    assert dict(replace(BASELINE, age=Age(None, approximate=True)).facts())["age_seconds"] == ""
    assert dict(ReferenceFacts("copies", "backup", source=SOURCE).facts()) == {
        "kind": "copies",
        "where": "backup",
        **dict(SOURCE.facts()),
    }


def test_the_client_is_told_with_what_was_set():
    assert str(CLIENT) == "ann@desk"
    assert dict(CLIENT.facts()) == {
        "user": "ann",
        "host": "desk",
        "rollproof": "0.3",
        "python": "3.11",
        "pytest": "9.2",
        "configuration": "rollproof.toml",
        "options": "--jobs 3 --gentle",
        "started": "begun",
        "ended": "over",
    }


def test_every_report_begins_with_three_lines():
    whole = Provenance("reader@db/shop", SOURCE, BASELINE, CLIENT)

    assert whole.head == (
        ("Database", f"reader@db/shop: {SOURCE}"),
        ("Reference", str(BASELINE)),
        ("Run by", "ann@desk as role reader (logged in as login), begun to over"),
    )
    plain = replace(whole, subject=replace(SOURCE, session_role="reader"))
    assert plain.head[2] == ("Run by", "ann@desk as role reader, begun to over")
    assert replace(whole, subject=DatabaseFacts()).head[2] == ("Run by", "ann@desk, begun to over")
    assert NOWHERE.head == ()


def test_the_properties_of_a_report_bear_the_name_of_their_part():
    details = dict(Provenance("x", SOURCE, BASELINE, CLIENT).details)

    assert details["subject.host"] == details["reference.host"] == "db"
    assert (details["reference.sha256"], details["run.user"]) == ("0123456789abcdef", "ann")
    assert dict(NOWHERE.details) == {"reference.kind": "nothing"}


def test_a_version_is_written_as_people_write_it():
    assert [in_digits(version) for version in (150018, 180006, 100000, 0)] == ["15.18", "18.6", "10.0", ""]
