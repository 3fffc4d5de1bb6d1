"""Values of rows show nowhere without --show-values: canaries in columns of every kind, damaged in every way."""

import re
import traceback

import psycopg
import pytest

from rollproof.model.redaction import without_values
from rollproof.throwaway.servers.server import fresh_name

CANARY = re.compile("c4n4ry|63346e34|8675309|1987-06-05|c0ffee00|203\\.0\\.113")
TABLES = """
CREATE TYPE pair AS (a int, b text);
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE DOMAIN short AS text CHECK (length(value) < 40);
CREATE TABLE kinds (
    id int PRIMARY KEY, t text, v varchar(36), c char(12), j json, jb jsonb, b bytea, n numeric, i bigint, f float8,
    d date, ts timestamptz, u uuid, net inet, r int8range, ta text[], p pair, pa pair[], s short, m mood, bits varbit
);
CREATE TABLE keyless (v text, n int);
CREATE TABLE one (id int PRIMARY KEY, v text);
CREATE TABLE two (id int PRIMARY KEY, one int REFERENCES one, v text UNIQUE);
CREATE TABLE keyed (id varchar(36) PRIMARY KEY, v text, w varchar(7));
INSERT INTO kinds SELECT g, 'c4n4ry' || g, 'c4n4ry' || g, 'c4n4ry', '{"c4n4ry": 8675309}', '{"c4n4ry": 8675309}', 'c4n4ry', 8675309,
    8675309, 8675309.5, '1987-06-05', '1987-06-05 01:02', 'c0ffee00-0000-0000-0000-000000000000', '203.0.113.77',
    '[8675309,8675400)', '{c4n4ry,c4n4ry}', '(8675309,c4n4ry)', '{"(8675309,c4n4ry)"}', 'c4n4ry', 'sad', B'101'
    FROM generate_series(1, 6) AS g;
INSERT INTO keyless VALUES ('c4n4ry', 8675309), ('c4n4ry too', 1);
INSERT INTO one SELECT g, 'c4n4ry' FROM generate_series(1, 9) AS g;
INSERT INTO two SELECT g, g, 'c4n4ry' || g FROM generate_series(1, 9) AS g;
INSERT INTO keyed SELECT md5(g::text)::uuid::text, 'c4n4ry', g FROM generate_series(1, 3) AS g;
COMMENT ON TABLE one IS 'see https://app:pa55phrase@host/x';
CREATE FUNCTION fetched() RETURNS text LANGUAGE sql AS $$ SELECT 'postgresql://u:pa55phrase@h/d' $$;
CREATE VIEW told AS SELECT 'host=h user=u password=pa55phrase' AS c, id FROM one;
CREATE FUNCTION plain() RETURNS text LANGUAGE sql AS $$ SELECT 'password' $$;
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.keyed_backup AS TABLE keyed;
CREATE TABLE migration_backup.kinds_backup AS TABLE kinds;
ANALYZE;
"""
DAMAGE = """
DELETE FROM kinds WHERE id = 1;
UPDATE kinds SET t = 'c4n4ry new', v = 'c4n4ry new', c = 'c4n4ry new', j = '"c4n4ry"', jb = '"c4n4ry"', b = 'c4n4ry new',
    n = 18675309, i = 18675309, f = 18675309,
    d = d + 1, ts = ts + '1 day', net = '203.0.113.78', r = '[8675309,8675500)', ta = '{c4n4ry}',
    p = '(8675309,c4n4ry new)', pa = NULL, s = 'c4n4ry new', m = 'glad', bits = B'1' WHERE id = 2;
UPDATE kinds SET t = 'c4n4ry ' WHERE id = 3;
UPDATE kinds SET id = 77 WHERE id = 4;
INSERT INTO kinds (id, t) VALUES (99, 'c4n4ry extra');
INSERT INTO keyless VALUES ('c4n4ry', 8675309), ('c4n4ry new', 8675309);
ALTER TABLE two DROP CONSTRAINT two_one_fkey, DROP CONSTRAINT two_v_key;
INSERT INTO two VALUES (50, 4711, 'c4n4ry1'), (51, 4711, 'c4n4ry1');
ALTER TABLE one ADD CHECK (v <> 'no') NOT VALID, ALTER v SET NOT NULL;
ALTER TABLE kinds ALTER t TYPE varchar(500);
COMMENT ON TABLE one IS NULL;
DROP VIEW told;
DROP FUNCTION fetched, plain;
"""
# The migration: its copy holds what cannot become a number, so the server refuses, and quotes it.
MIGRATED = """
ALTER TABLE keyed ALTER id TYPE uuid USING id::uuid, ALTER w TYPE int USING w::int;
UPDATE migration_backup.keyed_backup SET w = 'c4n4ry' WHERE ctid = '(0,1)';
"""
CONFIGURATION = """
[migration]
types = [{ from = "character varying(36)", to = "uuid" }, { from = "character varying(7)", to = "integer" }]
[backup]
schema = "migration_backup"
[[endpoints]]
name = "app"
url = "http://u:pa55phrase@127.0.0.1:1/x?token=pa55phrase2"
headers = { Authorization = "Bearer ${E_TOKEN}", Cookie = "pa55phrase3" }
"""


SILENT = CONFIGURATION.partition("[[endpoints]]")[0]  # for capture, which refuses an endpoint that does not answer


@pytest.fixture(scope="module")
def ran(command, server, tmp_path_factory):
    """The folder of some runs on one database, and what they printed."""
    names = [fresh_name(), fresh_name()]
    folder = tmp_path_factory.mktemp("values")
    server.create(names[0])
    with psycopg.connect(server.dsn(names[0]), autocommit=True) as connection:
        connection.execute(TABLES)
    server.create(names[1], names[0])
    url, was = server.dsn(names[0]), server.dsn(names[1])
    (folder / "rollproof.toml").write_text(CONFIGURATION)
    (folder / "silent.toml").write_text(SILENT)
    typed = ("--database-url", url, "-vv", "-ra", "--tb=long", "--showlocals")
    token = {"environment": {"E_TOKEN": "pa55phrase4"}}
    looked = ("--database-url", url, "--rollproof-config", str(folder / "rollproof.toml"))
    silent = ("--database-url", url, "--rollproof-config", str(folder / "silent.toml"))
    runs = [command(folder, "capture", *silent, "--output", str(folder / "baseline.json"))]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(DAMAGE)
        runs.append(command(folder, "verify", *typed, "--reference", was, "--evidence-file", "rows.jsonl", **token))
        connection.execute(MIGRATED)
        runs.append(command(folder, "verify", "post_migration", *typed, "--report-dir", "migrated", **token))
        runs.append(command(folder, "repair", *looked, "--reference", str(folder / "baseline.json")))
    yield folder, runs
    for name in names:
        server.drop(name)


@pytest.fixture(scope="module")
def outputs(ran):
    """What was printed and written, but for the files that hold definitions on purpose: what → text."""
    folder, runs = ran
    told = {str(place): run.output for place, run in enumerate(runs)}
    return told | {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in folder.rglob("*.*")
        if path.is_file() and path.suffix != ".toml"
    }


@pytest.mark.promise
def test_no_value_of_a_row_shows(ran, outputs):
    """Not in the terminal, a report, the baseline or the file of rows; not even where the server quotes it in an error."""
    assert [run.returncode for run in ran[1]] == [0, 1, 1, 0], outputs
    assert {where: found for where, text in outputs.items() if (found := CANARY.findall(text))} == {}
    assert "invalid input syntax for type integer" in outputs["migrated/summary.md"]
    assert "public.kinds" in outputs["rows.jsonl"]
    assert "4711" in outputs["rollproof-report/junit.xml"]  # keys show, so that somebody can find the rows


@pytest.mark.promise
def test_no_password_in_a_definition_or_of_an_endpoint_shows(outputs):
    """And what would have to be printed with one is named instead; other statements are printed as they are."""
    told = {where: text for where, text in outputs.items() if where != "baseline.json"}  # which keeps definitions whole
    repair = told["3"]

    assert {where: re.findall(".{40}pa55.{20}", text) for where, text in told.items() if "pa55phrase" in text} == {}
    assert repair.count("its definition holds a password, which is not shown") == 3
    assert "CREATE FUNCTION public.plain()" in repair
    assert "https://app:***@host/x" in told["rollproof-report/report.html"]


@pytest.mark.parametrize(
    ("statement", "left"),
    [
        ("SELECT 'c4n4ry\nc4n4ry'::int", "InvalidTextRepresentation: not shown"),
        (
            "CREATE TEMPORARY TABLE k AS SELECT 'c4n4ry'::text AS v FROM generate_series(1, 2); CREATE UNIQUE INDEX ON k (v)",
            '"k_v_idx"',
        ),
        ("DO $$ BEGIN RAISE 'c4n4ry' USING DETAIL = 'c4n4ry'; END $$", "RaiseException: not shown"),
        ("SELECT nothing FROM nowhere", 'relation "nowhere" does not exist'),
    ],
)
def test_a_traceback_says_nothing_of_data(server, statement, left):
    """Of an error that nobody foresaw, the server's words are kept only where they are not about values."""
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection, pytest.raises(psycopg.Error) as raised:
        connection.execute(statement)
    plain = "".join(traceback.format_exception_only(raised.value))
    for trace in (plain, "".join(f"E   {line}\n" for line in plain.splitlines())):
        assert "c4n4ry" not in without_values(trace)
        assert left in without_values(trace)
