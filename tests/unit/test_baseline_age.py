"""Whether a baseline can prove anything: its age by the servers' clocks, and its place in the migration's log."""

import datetime

import pytest

from fixtures.every import every
from rollproof.migration.baseline_age import doubts
from rollproof.migration.log import Entry, MigrationLog
from rollproof.model.errors import Inconclusive
from rollproof.model.provenance import Age, DatabaseFacts, ReferenceFacts
from rollproof.model.timestamps import in_words, shown
from rollproof.settings.sections import Log

TAKEN = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.UTC)
HOUR = 3600


def baseline(later, *, one_clock=True, taken=str(TAKEN)):
    """Return a baseline as it is seen so many seconds after it was taken."""
    now = str(TAKEN + datetime.timedelta(seconds=later))
    age = Age.between(taken, now, one_clock=one_clock)
    return ReferenceFacts("baseline", "baseline.json", source=DatabaseFacts(instants=(taken,)), age=age)


def log(*entries, blur=0.0):
    """Return a log: operation, status, and start and end in hours after the baseline was taken."""
    began = TAKEN.timestamp()
    told = [
        Entry(operation, status, began + start * HOUR, None if end is None else began + end * HOUR, f"{start} h")
        for operation, status, start, end in entries
    ]
    return MigrationLog("uuid_keys", Log(), tuple(sorted(told, key=lambda entry: entry.last)), blur=blur)


def found(reference, story=None, most=None):
    return [(each.subject.removeprefix("the baseline's "), each.sentence) for each in doubts(reference, story, most)]


@every(("days", "says"), [(0, []), (29.9, []), (30.1, ["age"]), (400, ["age"]), (-1, ["time"]), (-0.0001, [])])
def test_a_baseline_of_more_than_thirty_days_or_of_the_future_is_told(days, says):
    assert [about for about, _ in found(baseline(days * 86400))] == says


@every(("days", "most"), [(8, 7), (31, 30.5), (-1, 7), (0.02, 0.01)])
def test_beyond_the_limit_nothing_is_proved(days, most):
    with pytest.raises(Inconclusive, match="max-baseline-age"):
        found(baseline(days * 86400), most=most)


def test_a_limit_stands_in_the_place_of_the_thirty_days():
    assert found(baseline(60 * 86400), most=90) == []


@every("taken", ["infinity", "0044-03-15 12:00:00+00 BC", "then"])
def test_a_time_that_is_none_is_told_and_does_not_fulfil_a_limit(taken):
    assert [about for about, _ in found(baseline(0, taken=taken))] == ["time"]
    with pytest.raises(Inconclusive, match="nobody can tell how old"):
        found(baseline(0, taken=taken), most=7)


MIGRATED, ROLLED_BACK = ("migrate", "completed", -5, -4), ("rollback", "completed", -3, -2)
AFTER = (("migrate", "completed", 1, 2), ("rollback", "completed", 3, 4))


@pytest.mark.promise
@every(
    ("entries", "says"),
    [
        (AFTER, None),
        ((MIGRATED, ROLLED_BACK, *AFTER), None),
        ((("migrate", "failed", -5, -4), *AFTER), None),
        ((MIGRATED, ("rollback", "completed", 3, 4)), "may be of the migrated database"),
        ((("migrate", "started", -1, None), ("rollback", "completed", 3, 4)), "may be of the migrated database"),
        ((("migrate", "completed", -1, 2), ("rollback", "completed", 3, 4)), "may be of the migrated database"),
        ((MIGRATED, ("rollback", "completed", -1, 1)), "may be of the migrated database"),
        ((MIGRATED, ("rollback", "failed", -3, -2), *AFTER), "may be of the migrated database"),
        ((MIGRATED, ROLLED_BACK), "of what an earlier rollback had left"),
        ((("backup", "completed", -5, -4), *AFTER), None),
        ((), None),
    ],
)
def test_a_baseline_that_was_taken_after_the_migration_is_told(entries, says):
    """The log says when the migration was begun; what was begun and not undone when the baseline was taken, it may hold."""
    told = found(baseline(86400), log(*entries))

    assert [about for about, _ in told] == (["place in the migration's log"] if says else [])
    assert says is None or says in told[0][1]


def test_times_without_a_zone_raise_no_alarm_within_the_hours_that_zones_differ_by():
    at = (("migrate", "completed", -5, -4), ("rollback", "completed", -3, -2))

    assert found(baseline(86400), log(*at, blur=14 * HOUR)) == []
    assert found(baseline(86400), log(("migrate", "completed", -15, -14.5), blur=14 * HOUR)) != []


@every(
    ("seconds", "one_clock", "words"),
    [
        (0.4, True, "0 seconds earlier"),
        (47 * HOUR, True, "47 hours earlier"),
        (400 * 86400, False, "about 400 days earlier"),
        (-2 * HOUR, True, "2 hours LATER than the database's own clock"),
    ],
)
def test_an_age_is_told_in_words(seconds, one_clock, words):
    assert str(baseline(seconds, one_clock=one_clock).age) == words


def test_every_time_is_shown_alike():
    assert shown("2026-11-24 02:28:11.4+00") == shown("2026-11-24 07:58:11+05:30") == "2026-11-24T02:28:11Z"
    assert (
        shown(datetime.datetime(2026, 11, 24, 2, 28, 11, 9, datetime.UTC))
        == shown(1795487291.9)
        == "2026-11-24T02:28:11Z"
    )
    assert shown("infinity") == "infinity"
    assert shown(float("inf")) == "inf"
    assert in_words(1) == "1 second"
