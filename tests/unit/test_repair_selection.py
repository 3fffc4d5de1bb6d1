"""`--only NAME`: whose differences are repaired, and what comes along because they need it."""

import pytest

from fixtures.every import every
from rollproof.model.compare import Difference
from rollproof.repair.selection import Selection
from rollproof.repair.sides import Side, Sides

WAS = {
    "tables": {"public.orders": "table", "public.users": "table", "app.log": "table"},
    "columns": {"public.orders.id": "integer", "public.users.id": "uuid", "app.log.id": "integer"},
    "constraints": {"public.users.key": "PRIMARY KEY (id)", "public.orders.user": "FOREIGN KEY (id) …"},
    "comments": {"public.users (table)": "who"},
    "sequences": {"public.numbers": "integer OWNED BY public.orders.id"},
    "functions": {
        "public.f(integer)": "CREATE OR REPLACE FUNCTION …",
        "public.f_more()": "CREATE OR REPLACE FUNCTION …",
    },
    "dependencies": {
        "constraints public.orders.user": '{"needs":["columns public.users.id","constraints public.users.key"]}'
    },
}
SIDES = Sides(Side(WAS, 150_000), Side({"indexes": {"public.orders.new": "CREATE INDEX …"}}, 150_000))
FOUND = [
    Difference("columns", "public.users.id", "uuid", "text"),
    Difference("comments", "public.orders (table)", "what", None),
    Difference("comments", "public.users (table)", "who", None),
    Difference("constraints", "public.orders.user", "FOREIGN KEY (id) …", None),
    Difference("constraints", "public.users.key", "PRIMARY KEY (id)", None),
    Difference("functions", "public.f(integer)", "a", "b"),
    Difference("functions", "public.f_more()", "a", "b"),
    Difference("indexes", "public.orders.new", None, "CREATE INDEX …"),
    Difference("sequences", "public.numbers", "integer", "bigint"),
    Difference("tables", "app.log", "table", None),
]
OF_ORDERS = {"public.orders (table)", "public.orders.user", "public.orders.new", "public.numbers"}


@every(
    "name, expected",
    [
        ("public.orders", OF_ORDERS),
        ("app.*", {"app.log"}),
        ("public.orders.new", {"public.orders.new"}),
        ("functions public.f(integer)", {"public.f(integer)"}),
        ("public.f", {"public.f(integer)"}),
        ("public.users (table)", {"public.users (table)"}),
        ("app.log.id", set()),
    ],
)
def test_a_name_means_an_object_with_its_parts_or_a_fact(name, expected):
    assert {each.identity for each in Selection([name], SIDES).among(FOUND)[0]} == expected


def test_what_is_needed_and_not_as_it_was_comes_along():
    """The key that a foreign key needs, and the type of the column that it refers to; but not a comment on their table."""
    _, more = Selection(["public.orders"], SIDES).among(FOUND)

    assert {each.identity for each in more} == {"public.users.id", "public.users.key"}


@pytest.mark.parametrize("name", ["public.order", "orders", "nope.*", "public"])
def test_a_name_that_means_nothing_is_known_as_such(name):
    assert Selection([name, "public.orders", "public.users (table)"], SIDES).unknown == (name,)
