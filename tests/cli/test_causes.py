"""Mistakes of a rollback, planted in a shop of ten tables, are told as so many roots, whatever follows from them."""

import json
from pathlib import Path

import psycopg
import pytest

from rollproof.throwaway.servers.server import fresh_name

MISTAKES = Path(__file__).parents[1] / "data" / "causes"


@pytest.fixture(scope="module")
def shop(server, command, tmp_path_factory):
    """The name of the shop's database, and the folder with its baseline."""
    name = fresh_name()
    server.create(name)
    with psycopg.connect(server.dsn(name), autocommit=True) as connection:
        connection.execute((MISTAKES / "shop.sql").read_text("utf-8"))
    folder = tmp_path_factory.mktemp("shop")
    taken = command(folder, "capture", "--database-url", server.dsn(name))
    assert taken.returncode == 0, taken.output
    yield name, folder
    server.drop(name)


@pytest.fixture
def roots(shop, server, new_database, command, tmp_path):
    """Call it with the name of a script of mistakes for the roots in its report, with the number of findings that follow."""
    template, folder = shop

    def found(script):
        url = server.dsn(new_database(template))
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in (MISTAKES / f"{script}.sql").read_text("utf-8").split(";\n"):
                connection.execute(statement)
        reference = ("--reference", folder / "baseline.json", "--other-database")
        verified = command(tmp_path, "verify", "post_rollback", "--database-url", url, *reference)
        assert verified.returncode == 1, verified.output
        return consequences(json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes()))

    return found


def consequences(result):
    """Return how many findings of a report follow from each root, by its check and subject."""
    found = [each for outcome in result["outcomes"] for each in outcome["findings"]]
    cause_of = {named(each): each["follows_from"] and named(each["follows_from"]) for each in found}
    roots = [root for each in cause_of if each != (root := root_of(each, cause_of))]
    return {each: roots.count(each) for each, cause in cause_of.items() if cause is None}


def named(finding):
    return finding["check"], finding["subject"]


def root_of(name, cause_of):
    while cause_of[name]:
        name = cause_of[name]
    return name


@pytest.mark.promise
def test_five_mistakes_are_five_roots(roots):
    assert roots("five_mistakes") == {
        ("columns", "public.customers.new_id"): 5,
        ("columns", "public.orders.total"): 4,
        ("indexes", "public.orders.orders_customer_idx"): 1,
        ("rows", "public.addresses"): 1,
        ("triggers", "public.payments.payments_noted"): 1,
    }


def test_a_dropped_table_is_one_root(roots):
    """Its columns, constraints, indexes, policy, trigger, statistics, sequence and grants went with it, and a view that read it."""
    assert roots("dropped_table") == {("tables", "public.reviews"): 48}


def test_a_column_left_behind_is_one_root(roots):
    """Its constraints, indexes, comment and grant came with it."""
    assert roots("left_column") == {("columns", "public.orders.new_id"): 18}
