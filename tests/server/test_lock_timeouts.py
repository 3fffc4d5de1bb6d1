"""Locks that others hold and never let go: on many tables, on the catalogue itself. What can be read is read, in bounded time."""

import time

import psycopg
import pytest

from fixtures.readers import SCOPE, reader
from rollproof.model.errors import Inconclusive
from rollproof.server import lock_timeouts
from rollproof.sources.live import Live
from rollproof.sources.table_groups import EVERYTHING

LOCKED, FREE = 20, 5


def filled(url):
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(LOCKED + FREE):
            connection.execute(f"CREATE TABLE t{number:02} AS SELECT {number} AS i")
        connection.execute("CREATE SEQUENCE s; COMMENT ON TABLE t24 IS 'a table'")


@pytest.mark.promise
def test_many_locked_tables_are_not_waited_for_one_after_the_other(database_from, monkeypatch):
    monkeypatch.setattr(lock_timeouts, "ALL_SECONDS", 2)
    url = database_from(filled)
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE " + ", ".join(f"t{number:02}" for number in range(LOCKED)))
        began = time.monotonic()
        with reader(url, jobs=2, lock_timeout=2) as view:
            side = Live(view, SCOPE, "subject")
            known = side.known("content", EVERYTHING)

        assert time.monotonic() - began < LOCKED * 1.3, "of two seconds that each costs that is waited for"
        assert f"process {holder.info.backend_pid} (" in known.unknown["public.t19"]
    assert (len(known.facts), len(known.unknown)) == (FREE, LOCKED)


@pytest.mark.parametrize(("catalogue", "facets"), [("pg_description", {"comments"}), ("pg_sequence", {"sequences"})])
def test_what_stands_in_a_locked_catalogue_is_inconclusive_and_the_rest_is_told(database_from, catalogue, facets):
    url = database_from(filled)
    with psycopg.connect(url) as holder:
        holder.execute(f"LOCK TABLE pg_catalog.{catalogue}")
        with reader(url, lock_timeout=0.1) as view:
            side = Live(view, SCOPE, "subject")

            assert facets <= side.snapshot.unknown.keys()
            assert len(side.known("content", EVERYTHING).facts) == LOCKED + FREE
            for facet in facets:
                with pytest.raises(
                    Inconclusive, match=rf"process {holder.info.backend_pid} \(.* has locked {catalogue}"
                ):
                    side.known(facet, EVERYTHING)


def test_a_catalogue_without_which_nothing_can_be_asked_is_inconclusive_in_bounded_time(database_from):
    url = database_from(filled)
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE pg_catalog.pg_statistic")
        with reader(url, lock_timeout=0.1) as view, pytest.raises(Inconclusive, match="holds a lock"):
            Live(view, SCOPE, "subject")
