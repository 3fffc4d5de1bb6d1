"""The museum of every kind of object: one fact for each, whatever it is called; harmless upkeep and a copy are no difference."""

import contextlib
import json
import re
import subprocess
import tomllib
from pathlib import Path

import psycopg
import pytest
from psycopg import RawCursor

from fixtures.readers import SCOPE, reader
from rollproof.catalog.capture import capture
from rollproof.catalog.queries import for_version, questions
from rollproof.commands.baseline_validation import require_sound
from rollproof.model.compare import Difference
from rollproof.model.names import respelled_facts
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.probes.collation_versions import sorted_as_before
from rollproof.rehearsal.servers import binaries
from rollproof.rehearsal.servers.provide import provide
from rollproof.rehearsal.servers.server import fresh_name
from rollproof.server import pg_binaries
from rollproof.sources.live import Live
from rollproof.verdict.repair_statements import statements
from rollproof.verdict.statement_check import NOT_ONE

ROOT = Path(__file__).parents[2]
MUSEUM = (ROOT / "scenarios" / "cases" / "museum.sql", ROOT / "tests" / "data" / "museum" / "everything.sql")
ROLES = {"ROLE_A": "rollproof_museum_a", "ROLE_B": "rollproof_museum_b"}

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


def filled(script, connection):
    """Return a script for this server and this database."""
    text = for_version(script.read_text("utf-8"), connection.info.server_version)
    names = {**ROLES, "SUB_A": f"sub_{connection.info.dbname}", "DATABASE_NAME": connection.info.dbname}
    return re.sub("|".join(names), lambda found: names[found[0]], text).encode()


@pytest.fixture(scope="module")
def museum(server):
    """The name of a database with one of everything."""
    with furnished(server) as name:
        yield name


@contextlib.contextmanager
def furnished(server):
    """Make such a database on a server, and the roles that own some of it."""
    name = fresh_name()
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        for role in ROLES.values():
            admin.execute(f"CREATE ROLE {role}")
        server.create(name)
        try:
            with psycopg.connect(server.dsn(name), autocommit=True) as connection:
                for script in MUSEUM:
                    connection.execute(filled(script, connection))
            yield name
        finally:
            with psycopg.connect(server.dsn(name), autocommit=True) as connection, contextlib.suppress(psycopg.Error):
                connection.execute(f"DROP SUBSCRIPTION sub_{name}")
            server.drop(name)
            for role in ROLES.values():
                admin.execute(f"DROP ROLE {role}")


@pytest.fixture
def connection(server, museum):
    """A session in the museum, whose work is taken back."""
    with psycopg.connect(server.dsn(museum)) as connection:
        yield connection
        connection.rollback()


def answer(connection, facet):
    """Return what one question answers, row by row."""
    sql = questions(connection.info.server_version)[facet]
    schemas = [
        name
        for (name,) in connection.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)'"
        )
    ]
    wanted = sorted(set(re.findall(r"\$\d", re.sub("--.*", "", sql))))
    values = [{"$1": schemas, "$2": 0, "$3": 10_000}[name] for name in wanted]
    return RawCursor(connection).execute(sql, values, prepare=True).fetchall()


def asked(connection):
    """Return what each question answers."""
    connection.execute("SET LOCAL search_path = ''")
    return {facet: answer(connection, facet) for facet in questions(connection.info.server_version)}


def broken(answers):
    """Return the rows that are no fact: without a name or a description, or with the name of another."""
    found = []
    for facet, rows in answers.items():
        names = [row[0] for row in rows]
        found += [(facet, row[:2]) for row in rows if not all(isinstance(text, str) for text in row[:2])]
        found += [(facet, name) for name in names if names.count(name) > 1]
    return found


@pytest.mark.parametrize("more", ["names", "dangling"])
def test_each_fact_has_a_name_of_its_own(connection, more):
    """Whatever the objects are called, and whatever points to nothing."""
    connection.execute("SET LOCAL search_path = public")
    assert broken(asked(connection)) == []
    connection.execute("SET LOCAL search_path = public")
    connection.execute(filled(ROOT / "tests" / "data" / "museum" / f"{more}.sql", connection))

    assert broken(asked(connection)) == []


@pytest.mark.parametrize("more", ["nothing", "names"])
def test_no_fact_is_taken_for_a_forged_one(connection, more):
    """Every fact of every kind, whatever it is called, is sound, and each statement made of it is one."""
    answers = asked(connection)
    if more == "names":
        connection.execute("SET LOCAL search_path = public")
        connection.execute(filled(ROOT / "tests" / "data" / "museum" / "names.sql", connection))
        answers = asked(connection)
    facets = {
        facet: respelled_facts(facet, {identity: text for identity, text, *_ in rows})
        for facet, rows in answers.items()
    }
    origin = Origin("museum", "1", connection.info.server_version, "2026-11-28 10:00:00.5+00", None, "0.3.0")

    require_sound(Snapshot(origin, facets), "baseline.json")

    missing = [Difference(facet, name, text, None) for facet in facets for name, text in facets[facet].items()]
    changed = [Difference(each.facet, each.identity, each.before, another(each)) for each in missing]
    answered = [(each, statements(each, facets["tables"])) for each in (*missing, *changed)]
    assert sum(map(len, (answer for _, answer in answered))) > 500
    assert [each for each, answer in answered if any(NOT_ONE in line for line in answer)] == []


def another(missing):
    """Return another description of the same kind, so that a statement is made for what changed."""
    return {"columns": "text", "sequence_positions": "1", "foreign_key_triggers": "disabled"}.get(
        missing.facet, "nothing"
    )


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (
            "VALUES ('a', 'x'), ('b', 'y'), ('a', 'z')",
            "the question for tables tells two things of a, and one would hide the other",
        ),
        ("VALUES ('a', 'x'), (NULL, 'y')", "the question for tables does not say what it found (identity None"),
        ("VALUES ('a', NULL)", "(identity a, description None)"),
    ],
)
def test_a_question_that_answers_otherwise_is_refused(database, monkeypatch, answer, says):
    monkeypatch.setattr(
        "rollproof.catalog.capture.questions", lambda _: {"tables": answer, "schemas": "VALUES ('a', 'b')"}
    )
    view = reader(database)
    try:
        snapshot = capture(view, SCOPE)
    finally:
        view.close()

    assert says in snapshot.unknown["tables"]["*"]
    assert snapshot.facets == {"schemas": {"a": "b"}}


def test_the_museum_holds_every_kind_that_the_catalogue_tells_apart(connection):
    columns = connection.execute(
        "SELECT c.relname || '.' || a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relkind = 'r' AND c.relnamespace = 'pg_catalog'::regnamespace AND a.atttypid = '\"char\"'::regtype"
    ).fetchall()
    known = {name for (name,) in columns}
    assert known - KINDS.keys() - NO_KINDS.keys() == set()
    lacking = {}
    for name in KINDS.keys() & known:
        catalogue, _, column = name.partition(".")
        there = {value for (value,) in connection.execute(f"SELECT DISTINCT {column}::text FROM {catalogue}")}
        if missing := set(KINDS[name].replace(" ", "")) - there:
            lacking[name] = missing
    assert lacking == {}


COPY_LOSES = (
    r"settings: \w+ FOR (DATABASE|ROLE \w+ IN DATABASE)",
    r"(comments|owners|privileges): this \(database\).*",
    r"subscriptions: .*",
    r"comments: \w+ \(subscription\)",  # which the copy has, and points to nothing there
    r"owners: \w+ \(subscription\)",
    r"pg_dump: (this \(DATABASE PROPERTIES\)|DATABASE this \(COMMENT\)|SUBSCRIPTION \w+ \(COMMENT\))",
)
"""What CREATE DATABASE ... TEMPLATE leaves behind."""
DUMP_LOSES = (
    *COPY_LOSES,
    r"(languages|owners|privileges|comments): (spoken|again)\b.*",  # CREATE LANGUAGE looks for an extension of that name
    r"pg_dump: (LANGUAGE )?(spoken|again) \(.*",
    r"(comments|privileges): hall\.main \(type\).*",
    r"(comments|owners|privileges): hall\.reach\(double precision,double precision(,text)?\) \(function\).*",
    r"planner_statistics: .*",
)
"""What pg_dump and pg_restore leave behind, as docs/pg_dump.md tells."""
DUMP_LOSES_UNTIL_16 = (*DUMP_LOSES, r"owners: hall\.theirs_multirange \(type\)")
UPKEEP = (
    "VACUUM FULL hall.main, hall.other, hall.parted, hall.kept, items",
    "CLUSTER hall.main",
    "REINDEX TABLE hall.main",
    "REINDEX TABLE CONCURRENTLY hall.other",
    "REINDEX TABLE hall.parted",
    "CHECKPOINT",
)


def known(url):
    """Return all that is told of a database, rows, fingerprints and pg_dump included: (facet, identity) to description."""
    view = reader(url)
    try:
        snapshot = Live(view, SCOPE, "it").complete()
    finally:
        view.close()
    assert snapshot.unknown == {}
    return {(facet, identity): text for facet, facts in snapshot.facets.items() for identity, text in facts.items()}


def lost(before, after, expected):
    """Return what differs, `facet: identity`, but for what is expected."""
    accepted = re.compile("|".join(expected) or "(?!)")
    differing = [
        Difference(*fact, before.get(fact), after.get(fact))
        for fact in sorted(before.keys() | after.keys())
        if before.get(fact) != after.get(fact)
    ]
    told = [f"{found.facet}: {found.identity}" for found in differing if not _fine(found)]
    return [text for text in told if not accepted.fullmatch(text)]


def _fine(found):
    return found.facet == "collation_versions" and sorted_as_before(found, same_server=False)


def test_upkeep_a_copy_and_a_dump_restored_are_no_difference(server, museum, new_database):
    url = server.dsn(museum)
    before = known(url)
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in UPKEEP:
            connection.execute(statement)
    assert lost(before, known(url), ["planner_statistics: .*"]) == []

    assert lost(before, known(server.dsn(new_database(museum))), COPY_LOSES) == []

    restored = server.dsn(new_database())
    _restore(server, url, restored)
    accepted = DUMP_LOSES if server.version >= 170000 else DUMP_LOSES_UNTIL_16
    assert lost(before, known(restored), accepted) == []


@pytest.fixture(scope="module")
def other(server):
    """A server of another major version than the suite's."""
    for found in binaries.everywhere():
        if not found.missing and _major(found.bindir) != server.version // 10_000:
            running = provide("embedded" if found.kind == "embedded" else f"local:{found.bindir}")
            yield running
            running.stop()
            return
    pytest.skip("only one major version of PostgreSQL is installed here")


def _major(bindir):
    said = subprocess.run([bindir / "postgres", "--version"], check=True, capture_output=True, text=True).stdout
    return int(re.search(r"\) (\d+)", said)[1])


@pytest.fixture(scope="module")
def museums(server, other, museum):
    """The URLs of the museum on the older and on the newer of two servers, and the newer one."""
    with furnished(other) as name:
        here, there = (server.version, server, server.dsn(museum)), (other.version, other, other.dsn(name))
        (_, _, older), (_, server_of_newer, newer) = sorted((here, there))
        yield older, newer, server_of_newer


def test_a_dump_restored_into_a_newer_major_is_no_difference(command, museums, tmp_path):
    """Nothing is called a loss but what pg_dump is known to lose; only views are not known, whose queries are printed otherwise."""
    older, newer, server = museums
    restored = fresh_name()
    server.create(restored)
    try:
        with psycopg.connect(newer) as connection:
            (icu,) = connection.execute("SELECT to_regcollation('hall.loose') IS NOT NULL").fetchone()
        _restore(server, older, server.dsn(restored), "" if icu else LOOSE)
        subject = ("--database-url", server.dsn(restored), "--reference=baseline.json", "--other-database")
        taken = command(tmp_path, "capture", "--database-url", older)
        verified = command(tmp_path, "verify", *subject)
    finally:
        server.drop(restored)

    assert (taken.returncode, verified.returncode in {0, 1, 7}) == (0, True), taken.output + verified.output
    outcomes = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())["outcomes"]
    accepted = re.compile("|".join(DUMP_LOSES if icu else (*DUMP_LOSES, rf"\w+: {LOOSE}.*")))
    told = [f"{case['check']}: {found['subject']}" for case in outcomes for found in case["findings"]]
    assert [text for text in told if not accepted.fullmatch(text)] == []
    assert {case["check"] for case in outcomes if case["kind"] == "inconclusive"} <= {"views"}
    verified = {case["check"] for case in outcomes if case["kind"] == "verified"}
    assert verified >= {"tables", "columns", "constraints", "indexes", "functions", "policies", "triggers", "content"}


LOOSE = r"hall\.loose\b"


def _restore(server, url, target, left_out=""):
    """Make all of it again from what pg_dump writes, statement by statement as psql would; COPY needs psql, INSERT does not."""
    skipped = re.compile("|".join(filter(None, (r"\bLANGUAGE (spoken|again)\b", left_out))))
    program, _ = pg_binaries.pg_dump(server.version // 10_000, None)
    written = subprocess.run(
        [program, "--inserts", "--no-subscriptions", url], check=True, capture_output=True, text=True
    ).stdout
    unknown = ("\\", "SET transaction_timeout")  # psql's, and what a pg_dump says that is newer than the server
    script = "\n".join(line for line in written.splitlines() if not line.startswith(unknown))
    with psycopg.connect(target, autocommit=True) as connection:
        for statement in re.split(r";\n(?=\n)|;\n(?=INSERT|ALTER|SET|SELECT|GRANT|REVOKE)", script):
            if skipped.search(statement) or not re.sub(r"--.*|\s", "", statement):
                continue
            connection.execute(statement.encode())


PLANTED = tomllib.loads((ROOT / "tests" / "data" / "museum" / "changes.toml").read_text("utf-8"))
WORDS = {
    "composite type": "TYPE",
    "foreign-data wrapper": "FOREIGN DATA WRAPPER",
    "statistics object": "STATISTICS",
    "table constraint": "CONSTRAINT",
    "domain constraint": "CONSTRAINT",
}
"""How SQL calls what `pg_identify_object` calls otherwise."""
SPELLED = {"domain constraint": (" on ", " on domain "), "transform": (" on language ", " language ")}
"""What it puts into their names otherwise, the latter until PostgreSQL 15."""
TYPES = {"TYPE", "TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE"}  # what has a type of its name


def objects(connection):
    """Return one object of each kind of each class, and the kinds of its columns: SQL's word for it, its name, a column or None."""
    found = []
    for catalogue, kinds in PLANTED["kinds"].items():
        rows = connection.execute(
            f"SELECT DISTINCT ON (kinds) o.type, o.identity FROM (SELECT x.oid, ROW({kinds})::text AS kinds FROM {catalogue} AS x"
            f" WHERE x.oid >= 16384 OR '{catalogue}' ~ '^pg_largeobject') AS each"
            f" CROSS JOIN LATERAL pg_identify_object('{catalogue.removesuffix('_metadata')}'::regclass, each.oid, 0) AS o"
            " WHERE o.identity !~ '^pg_toast' ORDER BY kinds, o.identity"
        ).fetchall()
        assert rows, f"the museum has nothing of {catalogue}"
        found += [
            (WORDS.get(kind, kind.upper()), name.replace(*SPELLED.get(kind, ("", ""))), None) for kind, name in rows
        ]
    columns = connection.execute(
        "SELECT DISTINCT ON (c.relkind, a.attgenerated, a.attidentity, a.attstorage) c.oid::regclass::text, quote_ident(a.attname)"
        " FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'm', 'v', 'c')"
        " ORDER BY c.relkind, a.attgenerated, a.attidentity, a.attstorage, 1, 2"
    ).fetchall()
    return found + [("COLUMN", table, column) for table, column in columns]


def seen_by(connection, before, statement):
    """Return the question that first sees a statement, None if none does, and False if the server does not take it."""
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction():
                connection.execute(statement.encode())
        except psycopg.Error:
            return False
        subject = statement.split()[0]
        first = {"COMMENT": "comments", "GRANT": "privileges", "REVOKE": "privileges"}.get(
            subject, "owners" if "OWNER" in statement else ""
        )
        for facet in sorted(before, key=lambda facet: (facet != first, facet)):
            if answer(connection, facet) != before[facet]:
                return facet
    return None


def test_a_change_of_any_kind_of_object_is_seen(connection):
    """What SQL can do to a kind some question sees; what it cannot, the server says."""
    connection.execute("SET LOCAL search_path = ''; CREATE ROLE rollproof_museum_c SUPERUSER")
    before = {facet: answer(connection, facet) for facet in questions(connection.info.server_version)}
    unseen, tried = [], {}
    for word, name, column in objects(connection):
        for template in PLANTED["column" if column else "object"]:
            statement = template.replace("WORD", word).replace("COLUMN", column or "").replace("ON  ", "ON COLUMN ")
            for mark, value in {"NAME": name, "ROLE_C": "rollproof_museum_c"}.items():
                statement = statement.replace(mark, value)
            if statement.startswith("GRANT USAGE ON TYPE") and word not in TYPES:
                continue
            if statement.startswith("ALTER INDEX"):  # whose owner is its table's: the server warns, and does nothing
                continue
            seen = seen_by(connection, before, statement)
            tried.setdefault(word, set()).add(bool(seen))
            if seen is None:
                unseen.append(statement)

    assert unseen == []
    assert [word for word, seen in tried.items() if seen == {False}] == []
