"""What is made again has its owner, grants, comment and labels exactly as before, whatever a fresh object would have."""

import os
from pathlib import Path

import pytest

from fixtures.planted import Bench, Change

BASE = Path(__file__).parents[1] / "data" / "repair" / "access.sql"
# Default privileges that a migration may leave behind: what is made under them has other grants.
DEFAULTS = """
ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO reader;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO writer;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
"""
# Made in the database that is changed, and in no other: else it could not be dropped.
WORKER = """
CREATE ROLE worker LOGIN CREATEDB CONNECTION LIMIT 3 VALID UNTIL '2031-01-01';
GRANT reader TO worker WITH ADMIN OPTION;
ALTER ROLE worker SET search_path = s, "$user", 'a, b';
ALTER ROLE worker SET "my.Own" = 'it''s 100%';
GRANT DELETE ON s.t TO worker;
COMMENT ON ROLE worker IS 'works';
"""
LOST = """
DROP VIEW s.seen; DROP MATERIALIZED VIEW s.kept; DROP SEQUENCE s.counter; DROP FUNCTION s.f(integer); DROP PROCEDURE s.p();
DROP AGGREGATE s.rows(*); DROP TYPE s.span; DROP TYPE s.pair; DROP TYPE s.mood; DROP DOMAIN s.positive; DROP TRIGGER touched ON s.t;
DROP OPERATOR s.=== (integer, integer); DROP STATISTICS s.kinds; DROP COLLATION s.plain; DROP TEXT SEARCH CONFIGURATION s.words;
DROP TEXT SEARCH DICTIONARY s.short; DROP SERVER away CASCADE; DROP FOREIGN DATA WRAPPER far; DROP PUBLICATION news;
DROP INDEX s.by_v;
"""
ALL = os.environ.get("ROLLPROOF_REPAIRS") == "all"
CHANGES = {
    "lost": LOST,
    "lost, under other default privileges": DEFAULTS + LOST,
    "what stands around tables, lost": """
        DROP OWNED BY worker; DROP ROLE worker; DROP LANGUAGE spoken; DROP ACCESS METHOD pile; DROP SCHEMA empty;
        DROP TRANSFORM FOR integer LANGUAGE sql; DROP TEXT SEARCH PARSER s.parser; DROP TEXT SEARCH TEMPLATE s.template
    """,
    "what stands around tables, changed": """
        ALTER ROLE worker NOLOGIN NOCREATEDB CREATEROLE BYPASSRLS CONNECTION LIMIT -1 VALID UNTIL '2032-01-01';
        ALTER ROLE worker SET search_path = public; ALTER ROLE worker RESET "my.Own"; REVOKE ADMIN OPTION FOR reader FROM worker;
        CREATE OR REPLACE LANGUAGE spoken HANDLER plpgsql_call_handler;
        CREATE OR REPLACE TRANSFORM FOR integer LANGUAGE sql (TO SQL WITH FUNCTION int4recv(internal));
        ALTER SERVER away VERSION '2' OPTIONS (SET host 'here', DROP name, ADD more 'x');
        ALTER FOREIGN DATA WRAPPER far OPTIONS (ADD a 'b');
        ALTER USER MAPPING FOR reader SERVER away OPTIONS (DROP schema); ALTER PUBLICATION news SET (publish = 'update, delete');
        ALTER TEXT SEARCH DICTIONARY s.short (StopWords, accept = false);
        ALTER TEXT SEARCH CONFIGURATION s.words DROP MAPPING FOR int; ALTER TEXT SEARCH CONFIGURATION s.words
        ALTER MAPPING FOR word WITH simple
    """,
    "another owner, whom the old one may do nothing for": """
        ALTER TABLE s.t OWNER TO writer; REVOKE ALL ON s.t FROM reader CASCADE; GRANT ALL ON s.t TO keeper WITH GRANT OPTION;
        ALTER SCHEMA s OWNER TO reader; REVOKE ALL ON SCHEMA s FROM writer; ALTER ROUTINE s.f(integer) OWNER TO "Odd, Role"
    """,
    "nothing where there was something, something where there was nothing": """
        REVOKE ALL ON s.t FROM keeper, reader CASCADE; GRANT EXECUTE ON PROCEDURE s.p() TO writer WITH GRANT OPTION
    """,
    "a chain of grants that is longer": """
        SET ROLE reader; GRANT INSERT ON s.t TO writer WITH GRANT OPTION; SET ROLE writer; GRANT INSERT ON s.t TO "Odd, Role";
        RESET ROLE
    """,
    "a role that came, with all that it has": """
        CREATE ROLE newcomer LOGIN; GRANT keeper TO newcomer; GRANT SELECT ON s.t TO newcomer;
        ALTER ROLE newcomer SET work_mem = '1MB';
        ALTER DEFAULT PRIVILEGES FOR ROLE newcomer GRANT SELECT ON TABLES TO writer; ALTER VIEW s.seen OWNER TO newcomer
    """,
}


@pytest.fixture(scope="module", params=[True, False], ids=["with pg_dump", "without"])
def bench(request, pytestconfig):
    where = pytestconfig.option.server or "auto"
    with Bench(where, BASE.read_text("utf-8"), with_pg_dump=request.param) as bench:
        yield bench


@pytest.mark.parametrize("name", CHANGES)
def test_owners_grants_and_texts_come_back(bench, name):
    """By day half of them from pg_dump's entries, the others from facts alone; ROLLPROOF_REPAIRS=all does both with each."""
    if not ALL and [*CHANGES].index(name) % 2 != bench.with_pg_dump:
        pytest.skip("tried with the other kind of baseline, and with both at night")
    outcome = bench.heal(Change("access", name, CHANGES[name], WORKER if "worker" in CHANGES[name] else ""))

    assert (outcome.word, outcome.why, outcome.left) == ("healed", "", {})
