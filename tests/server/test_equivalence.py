"""A definition made again from its own text is the same definition, however PostgreSQL spells it now; another one is not."""

import datetime
import tomllib
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixtures.readers import execute, subject
from fixtures.sql_dump import sql_dump
from rollproof.catalog.queries import SQL
from rollproof.commands.repair_script import script
from rollproof.commands.verification import Opening, recorded
from rollproof.model.compare import Difference, compare
from rollproof.model.errors import Inconclusive
from rollproof.model.failure import NotRestored
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.baseline import save
from rollproof.sources.equivalence import sort_out
from rollproof.sources.recorded import Recorded
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.expect import Expect
from rollproof.verdict.repairs import Repairs
from rollproof.verdict.waivers import Waivers

KINDS = Path(__file__).parents[1] / "data" / "meaning" / "kinds.sql"
NOT_COMPARED = {
    "foreign_keys",
    "sequence_columns",
    "dependencies",
    "large_object_numbers",
    "storage",
    "all_schemas",
    "roles",
    "tablespaces",
    "planner_statistics",
}
FILTERS = 150000  # the first server whose publications have filters

SPELLED_OTHERWISE = {
    "columns": {"public.t.computed", "public.t.preset"},
    "constraints": {"public.t.alone", "public.t.collated", "public.t.listed", "public.t.nested"},
    "functions": {
        "public.atomic(character varying)",
        "public.presets(boolean,integer)",
        "public.returns_it(character varying)",
        "public.unnamed(character varying,integer)",
    },
    "indexes": {"public.t.alone", "public.t.computing", "public.t.partial"},
    "policies": {"public.t.asks"},
    "publications": {"public.t IN PUBLICATION filtered"},
    "rules": {"public.t.also", "public.t.instead", "public.t.twice"},
    "statistics": {"public.t.extended"},
    "tables": {"public.parted"},
    "triggers": {"public.t.watching"},
    "types": {"app.short"},
    "views": {"public.checked", "public.joined", "public.plain", "public.stored", "public.united", "public.windowed"},
}


def script_of(version):
    lines = KINDS.read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if version >= FILTERS or not line.startswith("CREATE PUBLICATION"))


@pytest.fixture(scope="module")
def restored(server):
    """The name of a database with one of each kind, what it was before, and of what its dump made."""
    names = "rollproof_meaning", "rollproof_meaning_restored"
    for name in names:
        server.create(name)
    with psycopg.connect(server.dsn(names[0]), autocommit=True) as connection:
        connection.execute(script_of(server.version))
    with psycopg.connect(server.dsn(names[1]), autocommit=True) as connection:
        connection.execute(sql_dump(server, server.dsn(names[0]), "--schema-only"))
    with subject(server.dsn(names[0])) as live:
        yield Recorded(live.complete(), "the baseline"), names[1]
    for name in names:
        server.drop(name)


@contextmanager
def changed(server, name, change, **role):
    """A copy of a database, changed, as the subject; seen by the superuser or by a `user` with its `password`."""
    server.create("rollproof_meaning_changed", name)
    try:
        with psycopg.connect(server.dsn("rollproof_meaning_changed"), autocommit=True) as connection:
            connection.execute(change)
        with subject(make_conninfo(server.dsn("rollproof_meaning_changed"), **role)) as live:
            yield live
    finally:
        server.drop("rollproof_meaning_changed")


def verdicts(before, after):
    """Return what the checks say: `facet: identity` of the losses, and what cannot be told, by facet."""
    lost, untold = set(), {}
    nothing_accepted = Waivers((), datetime.date(2000, 1, 1))
    repairs = cache(lambda: Repairs(before, after, nothing_accepted))  # as the checks of a run share them
    for facet in sorted({path.stem for path in SQL.glob("*.sql")} - NOT_COMPARED | {"pg_dump"}):
        try:
            Expect(facet, before, after, nothing_accepted, repairs=repairs).restored(facet)
        except NotRestored as error:
            lost |= {f"{facet}: {finding.subject}" for finding in error.findings}
        except Inconclusive as error:
            untold[facet] = str(error)
    return lost, untold


def test_each_kind_made_again_from_its_own_text_is_the_same(server, restored):
    before, name = restored
    expected = {
        facet: names
        for facet, names in SPELLED_OTHERWISE.items()
        if server.version >= FILTERS or facet != "publications"
    }
    with subject(server.dsn(name)) as live:
        differ = {
            facet: {
                identity
                for identity, text in before.known(facet, EVERYTHING).facts.items()
                if live.known(facet, EVERYTHING).facts.get(identity) != text
            }
            for facet in expected
        }
        lost, untold = verdicts(before, live)
        noted = {note.partition(":")[0] for note in live.notes}

    assert (lost, untold) == (set(), {})
    assert differ == expected
    assert noted == {*expected, "pg_dump"}


def test_there_is_nothing_to_mend(server, restored, tmp_path):
    before, name = restored
    save(before.snapshot, tmp_path / "b.json")
    settings = Settings(database_url=server.dsn(name), other_database=True)
    reference = Reference.parse(str(tmp_path / "b.json"))
    opened = Opening(settings, reference, recorded(reference)).verification()
    try:
        assert script(opened) == ()
    finally:
        opened.close()


CHANGED = {
    change["sql"]: change["finding"]
    for change in tomllib.loads((KINDS.parent / "changes.toml").read_text("utf-8"))["change"]
}


def test_what_was_changed_is_not_the_same(server, restored):
    """And pg_dump says so too: an entry is the same only for what was found to be the same."""
    before, name = restored
    with changed(server, name, ";".join(CHANGED)) as live:
        meant = [
            sort_out(compare(facet, before.known(facet, EVERYTHING).facts, live.known(facet, EVERYTHING).facts), live)
            for facet in SPELLED_OTHERWISE
        ]
        lost, _ = verdicts(before, live)

    same = {f"{each.facet}: {each.identity}" for found in meant for each in found.same}
    assert same & set(CHANGED.values()) == set()
    assert [identity for found in meant for identity in found.unknown] == ["public.windowed"]
    assert set(CHANGED.values()) - lost == {"views: public.windowed"}
    assert {"pg_dump: public.t (TABLE)", "pg_dump: public.plain (VIEW)", "pg_dump: app.short (DOMAIN)"} <= lost


UNDECIDED = tomllib.loads((KINDS.parent / "undecided.toml").read_text("utf-8"))["undecided"]
DECIDED = {  # two spellings of a condition, and whether they are the same
    "a function in C": ("(public.in_c(n, 1) AND b)", "((public.in_c(n, (1))) AND b)", True),
    "one collation": ("((s COLLATE \"C\") > 'a'::text)", "(((s)::text COLLATE \"C\") > 'a'::text)", True),
    "a type that is gone": ("((n)::public.gone > 1)", "(n > 1)", False),
    "brackets that matter": ("(((n - id) - 1) > 0)", "((n - (id - 1)) > 0)", False),
    "the same number of another type": ("(num > 1)", "(num > (1)::double precision)", False),
}
GUESTS = """
CREATE FUNCTION in_c(int, int) RETURNS boolean IMMUTABLE LANGUAGE internal AS 'int4eq';
CREATE ROLE rollproof_guest LOGIN PASSWORD 'guest'
"""


def test_what_is_not_to_be_known_is_told_with_the_reason(server, restored):
    """And nobody's function was run: each would have complained."""
    undecided = [case for case in UNDECIDED if server.version < (case.get("until", 99) + 1) * 10_000]
    findings = [
        Difference(case["facet"], f"public.t.{case['name']}", *map(case["definition"].format, case["spellings"]))
        for case in undecided
    ]
    with changed(server, restored[1], (KINDS.parent / "others.sql").read_text("utf-8")) as live:
        meant = sort_out(findings, live)

    assert meant.other == meant.same == []
    for case in undecided:
        told = meant.unknown[f"public.t.{case['name']}"]
        assert case["reason"] in told
        assert all(case["definition"].format(text) in told for text in case["spellings"])


def test_whoever_may_read_the_catalogue_may_ask_what_a_condition_means(server, restored):
    """A query needs the right to read its tables. A cast that calls somebody's function may stand anywhere."""
    query = "view AS SELECT n FROM public.t WHERE "
    view = Difference("views", "public.v", f"{query}(n > 1)", f"{query}((n) > 1)")
    findings = {
        name: Difference("constraints", "public.t.c", f"CHECK ({was})", f"CHECK ({now})")
        for name, (was, now, _) in DECIDED.items()
    }
    try:
        with changed(server, restored[1], GUESTS, user="rollproof_guest", password="guest") as live:  # noqa: S106 (of a throw-away role)
            meant = {name: sort_out([finding], live) for name, finding in findings.items()}
            unreadable = sort_out([view], live)
            own_cast(server.dsn("rollproof_meaning_changed"))
            with subject(server.dsn("rollproof_meaning_changed")) as later:
                with_a_cast = sort_out([findings["one collation"]], later)
    finally:
        execute(server.dsn(restored[1]), "DROP ROLE IF EXISTS rollproof_guest")

    assert not [found.unknown for found in meant.values() if found.unknown]
    assert [bool(meant[name].same) for name in DECIDED] == [same for _, _, same in DECIDED.values()]
    assert "GRANT" in unreadable.unknown["public.v"]
    assert "a cast from app.mood" in with_a_cast.unknown["public.t.c"]


def own_cast(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE FUNCTION app.cast_it(app.mood) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1'")
        connection.execute("CREATE CAST (app.mood AS int) WITH FUNCTION app.cast_it(app.mood) AS IMPLICIT")
