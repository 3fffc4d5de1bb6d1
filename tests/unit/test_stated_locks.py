"""Locks by PostgreSQL's manual: which tables a migration's statements lock, and whether larger tables are locked for longer."""

import pytest

from rollproof.rehearsal.costs.figures import Span, TableLock
from rollproof.rehearsal.costs.stated import Stated, merged, stated
from rollproof.rehearsal.costs.tables import Table, Tables
from rollproof.rehearsal.proxy.session import Statement, Status

TABLES = Tables(
    {
        1: Table("public.orders", is_lockable=True, file=1, size=8192),
        2: Table('public."Items"', is_lockable=True, file=2, size=8192),
        3: Table("public.alembic_version", is_lockable=True, file=3, size=8192),
        4: Table("a.twice", is_lockable=True, file=4, size=8192),
        5: Table("b.twice", is_lockable=True, file=5, size=8192),
    },
    {},
)
EXCLUSIVE = "ACCESS EXCLUSIVE"


def _sent(*texts: str, together: bool = False) -> list[Statement]:
    """Return statements, each in a transaction of its own, or all in one; one with `!` failed."""
    after: list[Status] = ["open" if together and number < len(texts) - 1 else "idle" for number in range(len(texts))]
    return [
        Statement(number, 1, 0, text, (), 0.0, "idle", after[number], 0.002, [], "no" if "!" in text else "")
        for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("sent", "found"),
    [
        (_sent("alter table orders add column note text"), {1: (EXCLUSIVE, False)}),
        (_sent("ALTER TABLE IF EXISTS ONLY Public.ORDERS ADD COLUMN IF NOT EXISTS n int"), {1: (EXCLUSIVE, False)}),
        (_sent("alter table orders add note text;", "update orders set note = 'x'; "), {1: (EXCLUSIVE, False)}),
        (_sent("alter table orders add check (total > 0)"), {1: (EXCLUSIVE, True)}),
        (_sent('alter table "Items" alter id type bigint'), {2: (EXCLUSIVE, True)}),
        (_sent("alter table items add x int"), {}),
        (_sent("create index if not exists i on orders (note)"), {1: ("SHARE", True)}),
        (_sent("alter table twice add x int"), {}),
        (_sent("drop table b.twice cascade"), {5: (EXCLUSIVE, False)}),
        (_sent("alter table orders add x int!"), {}),
        (
            _sent("alter table orders add x int", "update alembic_version set v = 1"),
            {1: (EXCLUSIVE, False), 3: ("ROW EXCLUSIVE", False)},
        ),
        (_sent("alter table orders add x int", "select f()"), {1: (EXCLUSIVE, True)}),
        (_sent("alter table orders add x int", "do $$begin end$$"), {1: (EXCLUSIVE, True)}),
        (_sent("alter table orders add x int", "select set_config('a.b', 'c', false)"), {1: (EXCLUSIVE, False)}),
        (
            _sent("alter table orders add x int", 'update "Items" set x = 1'),
            {1: (EXCLUSIVE, False), 2: ("ROW EXCLUSIVE", False)},
        ),
        (
            _sent("alter table orders add x int", 'update "Items" set x = 1', together=True),
            {1: (EXCLUSIVE, True), 2: ("ROW EXCLUSIVE", False)},
        ),
        (_sent("alter table orders add x int; create table n (like orders)"), {1: (EXCLUSIVE, False)}),
        (_sent("alter table orders add x int; create table n as select * from orders"), {1: (EXCLUSIVE, True)}),
    ],
    ids=lambda value: value[-1].text if isinstance(value, list) else "",
)
def test_a_statement_says_what_it_locks_and_whether_that_grows(
    sent: list[Statement], found: dict[int, tuple[str, bool]]
):
    """In a transaction, with all that comes after it; what nobody can read may take longer."""
    assert {oid: (each.mode, each.grows) for oid, each in stated(TABLES, sent).items()} == found


def test_what_was_seen_stays_and_what_was_too_short_is_added():
    """By the time of its statement."""
    seen = TableLock("public.orders", "SHARE", 1.0, 0.0, 1.0, 8192, (Span("SHARE", 0.0, 1.0),))
    found = merged([seen], TABLES, {1: Stated(EXCLUSIVE, 0.002, grows=False), 2: Stated("SHARE", 0.003, grows=True)})

    assert found == (
        TableLock("public.orders", EXCLUSIVE, 0.002, 0.002, 1.0, 8192, seen.spans, grows=False),
        TableLock('public."Items"', "SHARE", 0.003, 0.0, 0.003, 8192),
    )
    waited_for = TableLock("public.orders", EXCLUSIVE, 0.0, 5.0, 5.0, 8192)  # for 5 s, and had for a moment
    assert merged([waited_for], TABLES, {1: Stated(EXCLUSIVE, 5.0, grows=True)}) == (waited_for,)
