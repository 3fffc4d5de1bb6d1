"""When nobody can say whether a table was written to: every reason alone is enough."""

import pytest
from msgspec.structs import replace

from rollproof.model.footprint import Epoch, Footprint
from rollproof.rows.unreported import HIDDEN, Session, Unreported, waited_for
from rollproof.rows.untouched import distrust, unwritten

EPOCH = Epoch(
    system="7",
    started="monday",
    resets="tuesday",
    timeline=1,
    standby=False,
    snapshot="100:105:101",
    database="5 3",
    loaded="monday",
    lsn=1000,
    at=5000.0,
)
OTHERWISE = {
    "system": "8",
    "started": "sunday",
    "resets": "",
    "timeline": 2,
    "standby": True,
    "snapshot": f"{2**31}:{2**31}:",
    "database": "5 4",
    "loaded": "",
    "uncounted": "track_counts is off",
}
CHANGES_BY_ITSELF = {"lsn", "at"}
PRINT = Footprint(file=16400, pages=3, inserted=5, updated=2, deleted=1, shape="abc", held=False)


def test_the_same_counts_are_believed_whatever_the_time_and_the_wal_are_by_then():
    assert distrust(EPOCH, replace(EPOCH, lsn=2000, at=9000.0, snapshot="300:300:")) == ""


def test_every_field_of_an_epoch_is_held_against_the_other():
    assert {*OTHERWISE} | CHANGES_BY_ITSELF == {*Epoch.__struct_fields__}


@pytest.mark.parametrize("field", OTHERWISE)
def test_whatever_differs_is_a_reason_to_read(field):
    assert distrust(EPOCH, replace(EPOCH, **{field: OTHERWISE[field]}))


@pytest.mark.parametrize("field", ["standby", "uncounted"])
def test_what_no_server_counts_is_a_reason_also_if_it_was_so_before(field):
    both = replace(EPOCH, **{field: OTHERWISE[field]})

    assert distrust(both, both)


def test_an_unknown_cluster_is_a_reason_to_read():
    assert distrust(replace(EPOCH, system=""), replace(EPOCH, system=""))


@pytest.mark.parametrize("field", Footprint.__struct_fields__)
def test_a_table_is_unwritten_only_if_all_of_its_footprint_is_the_same(field):
    value = getattr(PRINT, field)
    other = replace(
        PRINT, **{field: not value if isinstance(value, bool) else f"{value}x" if isinstance(value, str) else value + 1}
    )

    assert unwritten({"t": PRINT}, {"t": PRINT}) == {"t"}
    assert unwritten({"t": PRINT}, {"t": other}) == set()


@pytest.mark.parametrize("nothing", [{"file": 0}, {"shape": ""}, {"held": True}])
def test_a_footprint_that_proves_nothing_proves_nothing_twice(nothing):
    both = replace(PRINT, **nothing)

    assert unwritten({"t": both}, {"t": both}) == set()


def test_a_table_without_a_footprint_is_not_unwritten():
    assert unwritten({}, {"t": PRINT}) == set()


NOW = 10_000.0
MOMENT = 9_000.0
BASELINE = 5_000.0
BUSY = Session(1, "shop", NOW, began=4_000.0, state="active", since=NOW - 1, asked=NOW - 1, sends=0.0)


def has_told(**fields):
    return not Unreported(MOMENT, BASELINE).of([BUSY._replace(**fields)])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, False),
        ({"began": MOMENT + 1}, True),
        ({"began": MOMENT + 1, "state": HIDDEN}, False),
        ({"state": "idle", "since": NOW - 21}, True),
        ({"state": "idle", "since": NOW - 19}, False),
        ({"state": "idle in transaction", "since": NOW - 21}, False),
        (
            {"state": "idle in transaction", "began": BASELINE - 999, "since": BASELINE - 999, "asked": BASELINE - 999},
            False,
        ),
        ({"state": "active", "sends": BASELINE - 61}, True),
        ({"state": "active", "sends": BASELINE - 59}, False),
        ({"state": "disabled", "since": 0.0}, False),
        ({"state": "", "since": 0.0}, False),
    ],
)
def test_who_has_told_what_it_wrote(fields, told):
    assert has_told(**fields) is told


def test_who_is_never_idle_for_long_has_told_after_a_query_that_began_a_minute_later():
    asked = Unreported(MOMENT, BASELINE)
    idled = [(-1, -2), (5, 4), (60, 59), (70, 66), (70, 67)]  # when it came to idle, and when its last query began
    seen = [
        BUSY._replace(state="idle", since=MOMENT + came, asked=MOMENT + began, now=MOMENT + came + 1)
        for came, began in idled
    ]

    assert [bool(asked.of([each])) for each in seen] == [True, True, True, True, False]


def test_another_session_with_the_same_number_is_another_one():
    asked = Unreported(MOMENT, BASELINE)
    asked.of([BUSY._replace(state="idle", since=MOMENT + 1, now=MOMENT + 2)])

    assert asked.of(
        [BUSY._replace(began=4_500.0, state="idle", since=MOMENT + 99, asked=MOMENT + 98, now=MOMENT + 100)]
    )


def test_nobody_is_waited_for_who_cannot_be_seen():
    looks = []

    def look():
        looks.append(1)
        return [BUSY._replace(state=HIDDEN)]

    assert waited_for(Unreported(MOMENT, BASELINE), look, lambda: True)
    assert len(looks) == 1


def test_who_is_busy_is_looked_at_again_as_long_as_it_is_worth_while():
    seen = iter([[BUSY], [BUSY], []])

    assert waited_for(Unreported(MOMENT, BASELINE), lambda: next(seen), lambda: True) == []
    assert waited_for(Unreported(MOMENT, BASELINE), lambda: [BUSY], lambda: False) == [BUSY]
