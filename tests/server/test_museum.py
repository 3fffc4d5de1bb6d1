"""One fact for each of every kind of object, whatever it is called, and none is taken for a forged one."""

import pytest

from fixtures.museum import ROOT, asked, filled
from fixtures.readers import SCOPE, reader
from rollproof.catalog.capture import capture
from rollproof.commands.baseline_validation import require_sound
from rollproof.model.names import respelled_facts
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.repair.recreate import recreate
from rollproof.repair.sides import Side
from rollproof.repair.soundness import NOT_ONE

KINDS = {
    "pg_class.relkind": "rpifISvmcft",
    "pg_class.relpersistence": "pu",
    "pg_class.relreplident": "dnfi",
    "pg_type.typtype": "bcdemrp",
    "pg_proc.prokind": "fpaw",
    "pg_proc.provolatile": "isv",
    "pg_proc.proparallel": "sru",
    "pg_aggregate.aggkind": "noh",
    "pg_aggregate.aggfinalmodify": "rsw",
    "pg_constraint.contype": "cfpuxt",
    "pg_constraint.confdeltype": "acnd r",
    "pg_constraint.confupdtype": "anr ",
    "pg_constraint.confmatchtype": "fs ",
    "pg_attribute.attidentity": "ad",
    "pg_attribute.attgenerated": "s",
    "pg_attribute.attstorage": "pemx",
    "pg_attribute.attcompression": "p",
    "pg_trigger.tgenabled": "ODRA",
    "pg_rewrite.ev_enabled": "OD",
    "pg_rewrite.ev_type": "1234",
    "pg_event_trigger.evtenabled": "OD",
    "pg_policy.polcmd": "*r",
    "pg_cast.castcontext": "eai",
    "pg_cast.castmethod": "fbi",
    "pg_am.amtype": "ti",
    "pg_collation.collprovider": "c",
    "pg_partitioned_table.partstrat": "rlh",
    "pg_default_acl.defaclobjtype": "rSfTn",
    "pg_operator.oprkind": "bl",
    "pg_depend.deptype": "naeixPS",
}
"""What the museum must hold of each column of the catalogue that tells kinds apart, among the objects that are not the system's."""
NO_KINDS = {
    "pg_type.typcategory": "told as it is",
    "pg_type.typdelim": "told as it is",
    "pg_type.typalign": "told as it is",
    "pg_type.typstorage": "told as it is",
    "pg_attribute.attalign": "the type's",
    "pg_aggregate.aggmfinalmodify": "as that of the plain aggregate",
    "pg_amop.amoppurpose": "no operator class of ours may order by distance without its own functions in C",
    "pg_database.datlocprovider": "of the database, which the suite's server makes",
    "pg_shdepend.deptype": "the server's index of owners and grants",
    "pg_init_privs.privtype": "initdb's or an extension's, both count alike",
    "pg_subscription.subtwophasestate": "pending is a moment of a subscription that is connected",
    "pg_subscription.substream": "told as it is",
    "pg_subscription_rel.srsubstate": "how far it has come",
    "pg_publication.pubgencols": "needs two publications more, and is told by its word",
    "pg_statistic_ext.stxkind": "a list, printed by PostgreSQL",
}


def broken(answers):
    """Return the rows that are no fact: without a name or a description, or with the name of another."""
    found = []
    for facet, rows in answers.items():
        names = [row[0] for row in rows]
        found += [(facet, row[:2]) for row in rows if not all(isinstance(text, str) for text in row[:2])]
        found += [(facet, name) for name in names if names.count(name) > 1]
    return found


@pytest.mark.parametrize("more", ["names", "dangling"])
def test_each_fact_has_a_name_of_its_own(visitor, more):
    """Whatever the objects are called, and whatever points to nothing."""
    visitor.execute("SET LOCAL search_path = public")
    assert broken(asked(visitor)) == []
    visitor.execute("SET LOCAL search_path = public")
    visitor.execute(filled(ROOT / "tests" / "data" / "museum" / f"{more}.sql", visitor))

    assert broken(asked(visitor)) == []


@pytest.mark.parametrize("more", ["nothing", "names"])
def test_no_fact_is_taken_for_a_forged_one(visitor, more):
    """Every fact of every kind, whatever it is called, is sound, and each statement made of it is one."""
    answers = asked(visitor)
    if more == "names":
        visitor.execute("SET LOCAL search_path = public")
        visitor.execute(filled(ROOT / "tests" / "data" / "museum" / "names.sql", visitor))
        answers = asked(visitor)
    facets = {
        facet: respelled_facts(facet, {identity: text for identity, text, *_ in rows})
        for facet, rows in answers.items()
    }
    origin = Origin("museum", "1", visitor.info.server_version, "2026-11-28 10:00:00.5+00", None, "0.3.0")

    require_sound(Snapshot(origin, facets), "baseline.json")

    made, _ = recreate(Side(facets, visitor.info.server_version))

    assert sum(len(step.statements) for step in made.steps) > 500
    assert [each for each in made.unmended if each.reason == NOT_ONE] == []


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            "VALUES ('a', 'x'), ('b', 'y'), ('a', 'z')",
            "the query for tables tells two things of a, and one would hide the other",
        ),
        ("VALUES ('a', 'x'), (NULL, 'y')", "the query for tables does not say what it found (identity None"),
        ("VALUES ('a', NULL)", "(identity a, description None)"),
    ],
)
def test_a_question_that_answers_otherwise_is_refused(database, monkeypatch, answer, says):
    monkeypatch.setattr(
        "rollproof.catalog.capture.queries", lambda _: {"tables": answer, "schemas": "VALUES ('a', 'b')"}
    )
    view = reader(database)
    try:
        snapshot = capture(view, SCOPE)
    finally:
        view.close()

    assert says in snapshot.unknown["tables"]["*"]
    assert snapshot.facets == {"schemas": {"a": "b"}}


def test_the_museum_holds_every_kind_that_the_catalogue_tells_apart(visitor):
    columns = visitor.execute(
        "SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'pg_catalog'::regnamespace AND a.atttypid = '\"char\"'::regtype"
    ).fetchall()
    known = {name for (name,) in columns}
    assert known - KINDS.keys() - NO_KINDS.keys() == set()
    lacking = {}
    for name in KINDS.keys() & known:
        catalogue, _, column = name.partition(".")
        there = {value for (value,) in visitor.execute(f"SELECT DISTINCT {column}::text FROM {catalogue}")}
        if missing := set(KINDS[name].replace(" ", "")) - there:
            lacking[name] = missing
    assert lacking == {}
