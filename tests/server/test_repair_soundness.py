"""What we take for one statement is one to PostgreSQL, and each goes alone."""

import os

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollproof.repair.objects import Object
from rollproof.repair.soundness import is_sound
from rollproof.server.reader import Limits, Target, connect, pinned

WIDE = int(os.environ.get("ROLLPROOF_FORGERIES", "40"))  # random forgeries; many more on demand


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

    if is_sound(Object(facet, identity), statement):
        assert not parser(statement)
        assert "\\" not in text or "'" in text or "$" in text or '"' in text
