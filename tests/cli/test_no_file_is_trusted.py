"""Nothing that stands in a file is believed before it was looked at, and none of it becomes SQL but names."""

import hashlib
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.readers import SCOPE, reader
from rollproof import __main__ as entry
from rollproof.catalog.folding import RUNS
from rollproof.catalog.planner import comes_to_the_same
from rollproof.commands.prepare import recorded, verification
from rollproof.commands.repair_script import script
from rollproof.model.definitions import Slot
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.failure import NotRestored
from rollproof.probes.leftovers import leftovers
from rollproof.probes.sequences import behind
from rollproof.server.reader import Limits, Target, connect, pinned
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.baseline import save, unsealed
from rollproof.sources.live import Live
from rollproof.sources.signature import Key, read_key
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.expect import Expect
from rollproof.verdict.statement_check import NOT_ONE, is_sound

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "scenarios" / "cases" / "shop.sql"
WIDE = int(os.environ.get("ROLLPROOF_FORGERIES", "40"))  # random forgeries; many more on demand
PAYLOADS = (
    "'; CREATE TABLE pwned(); --",
    '"; CREATE TABLE pwned(); --',
    "); CREATE TABLE pwned(); --",
    "public.orders; CREATE TABLE pwned()",
    "public.orders; COMMIT; COPY (SELECT 1) TO PROGRAM 'touch {marker}'; BEGIN",
    "$$; CREATE TABLE pwned(); $$",
    "\n\\! touch {marker}\n",
    "\\g |touch {marker}",
    "*/ CREATE TABLE pwned(); /*",
    "%s %(x)s {0} $1",
    "\u2019; CREATE TABLE pwned(); \u2018",
    "1) FROM public.orders UNION SELECT pg_catalog.set_config('a.b', 'c', false) --",
)
"""What somebody might write into a baseline; `{marker}` is a file that a program would make."""


def sealed(snapshot, path, **more):
    """Write what a forger writes: a file whose seal is right, whatever is in it."""
    body = snapshot if isinstance(snapshot, bytes) else msgspec.json.encode(snapshot)
    digest = hashlib.sha256(body).hexdigest()
    path.write_bytes(msgspec.json.encode({"format": 1, "sha256": digest, "snapshot": msgspec.Raw(body), **more}))
    return path


@pytest.fixture(scope="module")
def shop(server):
    """The shop's URL, as a superuser, for tests that write nothing."""
    name = f"not_trusted_{os.getpid()}"
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute(SHOP.read_text("utf-8"))
    yield server.dsn(name)
    server.drop(name)


@pytest.fixture(scope="module")
def honest(shop):
    """The snapshot that a baseline of the shop holds."""
    view = reader(shop)
    try:
        return Live(view, SCOPE, "the shop").complete()
    finally:
        view.close()


@pytest.fixture(scope="module")
def marker(tmp_path_factory):
    """Where a program that was run would leave a file; whoever runs the server may write there."""
    folder = tmp_path_factory.mktemp("marker")
    for each in (folder, *folder.parents[:3]):
        each.chmod(each.stat().st_mode | 0o755)
    folder.chmod(0o777)
    return folder / "ran"


def tables(url):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("SELECT oid::regclass::text FROM pg_class WHERE oid >= 16384 ORDER BY 1").fetchall()


def run(*arguments, **more):
    command = [sys.executable, "-m", "rollproof", *arguments]
    return subprocess.run(command, capture_output=True, check=False, timeout=120, **more)


def ended(capsys, monkeypatch, *arguments):
    """Run the command line in this process; return its exit code and what it said."""
    monkeypatch.setattr("sys.argv", ["rollproof", *map(str, arguments)])
    code = entry._ended()  # noqa: SLF001 (the whole of it but the end of the process)
    return code, capsys.readouterr().err


def forged(honest, facet, identity, text):
    """Return the honest facts with one that is not."""
    return msgspec.structs.replace(
        honest, facets={**honest.facets, facet: {**honest.facets.get(facet, {}), identity: text}}
    )


def forgeries(honest, payloads):
    """Yield facet and snapshot for each payload at each place that could hold it; each of a fact of its own, if there are many."""
    for number, payload in enumerate(payloads):
        for facet, facts in honest.facets.items():
            identity, text = [*facts.items(), ("public.orders", "x")][number % max(1, len(facts))]
            yield facet, forged(honest, facet, payload, text)
            yield facet, forged(honest, facet, identity, payload)
            yield facet, forged(honest, facet, identity, f"{text}{payload}")
            for field, value in json.loads(text).items() if facet in {"foreign_keys", "sequence_columns"} else ():
                told = [payload, *value[1:]] if isinstance(value, list) and value else payload
                yield facet, forged(honest, facet, identity, json.dumps({**json.loads(text), field: told}))
        for field in ("database", "system", "taken", "tool"):
            yield "", msgspec.structs.replace(honest, origin=msgspec.structs.replace(honest.origin, **{field: payload}))


@pytest.mark.promise
@pytest.mark.parametrize("facet", ["sequence_columns", "foreign_keys"])
def test_a_forged_baseline_runs_nothing(shop, honest, marker, tmp_path, facet):
    """What was seen on 0.2.0: a table was committed and a program ran, and the verdict was VERIFIED, by a superuser."""
    identity, text = next(iter(honest.facets[facet].items()))
    payload = f"COMMIT; CREATE TABLE pwned (); COPY (SELECT 1) TO PROGRAM 'touch {marker}'; BEGIN; SELECT 1 --"
    known = json.loads(text) | {"table": f"public.orders LIMIT 0; {payload}"}
    sealed(forged(honest, facet, identity, json.dumps(known)), tmp_path / "baseline.json")
    before = tables(shop)

    done = run("verify", "--database-url", shop, cwd=tmp_path)

    assert (tables(shop), marker.exists()) == (before, False)
    assert done.returncode == 4, done.stdout.decode()[-2000:]
    assert b"is sealed, but no rollproof wrote it so" in done.stdout + done.stderr


@pytest.mark.promise
def test_no_forged_fact_becomes_a_statement(shop, honest, marker, tmp_path):
    """Each payload at each place: refused, or asked about in nothing but statements of ours, and never taken for equal."""
    before, accepted = tables(shop), honest.facets
    every = [*forgeries(honest, [each.replace("{marker}", str(marker)) for each in PAYLOADS])]
    for facet, snapshot in random.Random(0).sample(every, min(WIDE * 5, len(every))):  # noqa: S311 (no secret)
        try:
            recorded(Reference.parse(str(sealed(snapshot, tmp_path / "forged.json"))))
        except Misuse:
            continue
        if facet:
            changed = {
                name: text for name, text in snapshot.facets[facet].items() if honest.facets[facet].get(name) != text
            }
            accepted = {**accepted, facet: {**accepted[facet], **changed}}
    assert sum(map(len, accepted.values())) > sum(map(len, honest.facets.values())) + 20
    sealed(msgspec.structs.replace(honest, facets=accepted), tmp_path / "all.json")

    _ask_everything(shop, tmp_path / "all.json", honest)

    assert (tables(shop), marker.exists()) == (before, False)


def _ask_everything(url, path, honest):
    reference = Reference.parse(str(path))
    opened = verification(Settings(database_url=url), reference, recorded(reference))
    try:
        for facet, facts in opened.before.snapshot.facets.items():
            if facts != honest.facets[facet] and facet not in {"rows", "content", "pg_dump"}:
                with pytest.raises((NotRestored, Inconclusive)):
                    Expect(facet, opened.before, opened.after, opened.accepted).restored(facet)
        for ask in (
            lambda: list(opened.orphans.of(EVERYTHING)),
            lambda: list(behind(opened.before, opened.after)),
            lambda: list(leftovers(opened.before, opened.after)),
        ):
            try:
                ask()
            except Inconclusive:
                continue
        _require_harmless(script(opened))
    finally:
        opened.close()


def _require_harmless(lines):
    """Whatever psql would obey, or run as a second statement, stands in a comment or in a string."""
    for line in lines:
        assert (
            line.startswith("--")
            or line in {"BEGIN;", "COMMIT;"}
            or NOT_ONE in line
            or "pwned" not in line
            or "'" in line
        )
        assert not line.startswith("\\")
        assert "\n\\" not in line


@pytest.mark.promise
def test_every_statement_goes_alone(shop):
    """Even a text that slipped into a query cannot end our transaction and begin another."""
    connection = connect(Target.parse(shop))
    try:
        with pinned(connection, Limits()), pytest.raises(psycopg.errors.SyntaxError, match="multiple commands"):
            connection.execute(b"SELECT 1; COMMIT; CREATE TABLE pwned ()")
        with pinned(connection, Limits()), pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            connection.execute(b"CREATE TABLE pwned ()")
    finally:
        connection.close()


FRAGMENTS = """' '' E' e'a' \\' \\ $$ $a$ $1 \u20ac \u00e9 -- /* */ ; ( ) [ ] , " "" U& x BEGIN END CASE 1 ::text DROP :'v' B'1'"""
fragments = st.lists(st.sampled_from([*FRAGMENTS.split(), "\n", "\r", " "]), max_size=12).map("".join)


@pytest.fixture(scope="module")
def parser(shop):
    """Tells whether PostgreSQL's own parser sees more than one statement."""
    with psycopg.connect(shop, autocommit=True) as connection:

        def several(text):
            result = connection.pgconn.prepare(b"", text.encode())
            return b"multiple commands" in result.error_message

        yield several


@settings(max_examples=max(300, WIDE * 5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    template=st.sampled_from(
        [
            ("constraints", "public.t.c", "ALTER TABLE public.t ADD CONSTRAINT c CHECK ({});"),
            ("constraints", "public.t.c", "ALTER TABLE public.t ADD CONSTRAINT c CHECK (true){};"),
            ("columns", "public.t.c", "ALTER TABLE public.t ALTER COLUMN c SET DEFAULT {};"),
            ("views", "public.v", "CREATE VIEW public.v AS SELECT {};"),
            ("functions", "public.f()", "CREATE OR REPLACE FUNCTION public.f() RETURNS int {};"),
        ]
    ),
    text=fragments,
)
def test_what_we_take_for_one_statement_is_one_to_postgresql(parser, template, text):
    facet, identity, frame = template
    statement = frame.format(text)

    if is_sound(facet, identity, statement):
        assert not parser(statement)
        assert "\\" not in text or "'" in text or "$" in text or '"' in text


@pytest.mark.promise
def test_repair_says_whose_file_it_was_made_of(shop, honest, tmp_path):
    changed = forged(honest, "constraints", "public.orders.gone", "CHECK ((total > (0)::numeric))")
    seal = save(changed, tmp_path / "baseline.json", Key(tmp_path / "key", b"k" * 32))
    where = Reference.parse(str(tmp_path / "baseline.json"))
    opened = verification(Settings(database_url=shop), where, recorded(where))
    try:
        lines = script(opened)
    finally:
        opened.close()

    head = "\n".join(lines[:4])
    assert f"Made of the file {where}, SHA-256 {seal.sha256}, signed, not checked" in head
    assert f"from the database {honest.origin.database}" in head
    assert "wrote these statements" in head
    assert "ALTER TABLE public.orders ADD CONSTRAINT gone CHECK ((total > (0)::numeric));" in lines


@pytest.mark.promise
def test_each_command_that_reads_a_baseline_asks_for_its_signature(shop, tmp_path, capsys, monkeypatch):
    """And each that writes one gives it: `capture --sign`, and the phase before the migration."""
    monkeypatch.chdir(tmp_path)
    for name in ("key", "other"):
        Path(name).touch(mode=0o600)
        Path(name).write_bytes(os.urandom(32))
    on = ("--database-url", shop)
    assert ended(capsys, monkeypatch, "capture", *on, "--sign", "key")[0] == 0
    assert ended(capsys, monkeypatch, "doctor", *on, "--require-signature", "key")[0] == 0
    for command in ("doctor", "repair"):
        code, said = ended(capsys, monkeypatch, command, *on, "--require-signature", "other")
        assert (code, "baseline.json is signed with another key" in said) == (4, True)
    checks = ("verify", *on, "-k", "test_tables")

    refused = run(*checks, "--require-signature=other", cwd=tmp_path)
    passed = run(*checks, "--require-signature=key", cwd=tmp_path)
    before = run(
        "verify",
        "pre_migration",
        *on,
        "--require-signature=key",
        "--reference=new.json",
        "-ktest_baseline.py",
        cwd=tmp_path,
    )

    assert (refused.returncode, b"signed with another key" in refused.stdout + refused.stderr) == (4, True)
    assert passed.returncode == 0, passed.stdout.decode()[-2000:]
    assert unsealed(tmp_path / "new.json", key=read_key("key", "--sign"))[1].signed, before.stdout.decode()[-2000:]


ASKS = """
SELECT p.proname, pg_get_function_identity_arguments(p.oid)
FROM pg_proc AS p
WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND NOT p.proretset AND p.provolatile <> 'v'
"""
COMPUTING = ROOT / "tests" / "data" / "computing.txt"


def test_each_function_that_the_planner_works_out_was_looked_at(shop):
    """A new one of PostgreSQL's that is given a name, or nothing, may do more than to compute: read what it does."""
    reviewed = {*COMPUTING.read_text("utf-8").split()}
    with psycopg.connect(shop) as connection:
        known = connection.execute(ASKS).fetchall()
    names = {name for name, _ in known}
    asking = {name for name, arguments in known if may_ask(arguments)}

    assert asking - reviewed - RUNS == set()
    assert len(asking & RUNS) >= 14
    assert names & reviewed & RUNS == set()


def may_ask(arguments):
    given = re.sub(r"OUT \w+ [\w ]+(\[\])?", "", arguments)
    if "internal" in given:
        return False  # which no query can call
    return not given.strip(" ,") or bool(
        re.search(r"\b(oid|reg\w+|cstring|name|refcursor|pg_node_tree|text|xml)\b", given)
    )


@pytest.mark.promise
@pytest.mark.parametrize(
    ("called", "where"),
    [
        (
            "(pg_catalog.table_to_xml('evil.view'::regclass, true, true, ''))::text",
            "FROM evil.plain AS t WHERE (t.a = {})",
        ),
        ("(t.a)::text", "FROM evil.innocent AS t WHERE (t.a = {})"),
    ],
    ids=["in the text", "in a view that it reads"],
)
def test_no_text_is_planned_that_runs_something_meanwhile(server, new_database, marker, called, where):
    """The planner works out what stays the same within a statement, and a table read by its name may be anybody's view."""
    url = server.dsn(new_database())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"""
            CREATE SCHEMA evil;
            CREATE FUNCTION evil.run() RETURNS int LANGUAGE plpgsql AS
                $$BEGIN COPY (SELECT 1) TO PROGRAM 'touch {marker}'; RETURN 1; END$$;
            CREATE VIEW evil.view AS SELECT evil.run();
            CREATE TABLE evil.plain (a text);
            INSERT INTO evil.plain SELECT n::text FROM generate_series(1, 100) AS n;
            ANALYZE evil.plain;
            CREATE VIEW evil.innocent AS SELECT a FROM evil.plain
                WHERE a = table_to_xml(to_regclass('evil.view'), true, true, '')::text"""
        )
    text = f"SELECT t.a {where.format(called)}"
    marker.unlink(missing_ok=True)
    connection = connect(Target.parse(url))
    try:
        with pinned(connection, Limits()), pytest.raises(Inconclusive, match="it calls table_to_xml"):
            comes_to_the_same(
                connection, "views", "evil.x", [(Slot("query", text), Slot("query", text.replace("t.a ", "(t.a) ", 1)))]
            )
    finally:
        connection.close()
    assert not marker.exists()


def test_an_index_that_asks_how_another_table_is_partitioned_is_not_planned_over(server, new_database):
    """The one such function that is IMMUTABLE, and so may stand in an index: it runs that table's own hash functions."""
    url = server.dsn(new_database())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            """
            CREATE FUNCTION public.h(int, bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS
                $$BEGIN IF current_setting('application_name') = 'rollproof' THEN RAISE 'I ran'; END IF; RETURN 1; END$$;
            CREATE OPERATOR CLASS public.ops FOR TYPE int USING hash AS OPERATOR 1 =, FUNCTION 2 public.h(int, bigint);
            CREATE TABLE public.p (a int) PARTITION BY HASH (a public.ops);
            CREATE TABLE public.t (a int);
            CREATE INDEX ON public.t (a) WHERE satisfies_hash_partition('public.p'::regclass, 2, 0, 1)"""
        )
    view = reader(url)
    try:
        why = Live(view, SCOPE, "it").complete().unknown["content"]["public.t"]
    finally:
        view.close()

    assert "I ran" not in why
    assert "satisfies_hash_partition" in why
