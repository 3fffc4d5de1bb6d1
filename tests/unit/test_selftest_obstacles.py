"""What may be in the way of a verification: every setting is considered or known to be harmless, and the fewest are found."""

import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollproof.rehearsal.selftest.obstacles import OPERATIONAL, Obstacle, obstacles
from rollproof.rehearsal.selftest.reasons import fewest
from rollproof.settings.options import Settings
from rollproof.settings.sections import Backup, Log, Lookups, Migration, TableRule, TypeChange
from rollproof.settings.waiver import Waiver

CONSIDERED = {
    "schemas": ("app",),
    "unread": False,
    "detail": True,
    "analyze": True,
    "column_order": "ignore",
    "backup": Backup(role="keeper", tables=("public.t",)),
    "log": Log("public.log", step_column="part"),
    "migration": Migration(
        TypeChange("uuid", "text"), ("public.t",), ("public.t.c", "public.t.d"), ("public.n",), ("public.o",)
    ),
    "tables": {"public.t": TableRule(may_grow=True), 'public."U"': TableRule(column_order="ignore")},
    "lookups": Lookups(0),
    "waiver": (
        Waiver("columns", "public.t.c", "known", datetime.date(2099, 1, 1)),
        Waiver("content", "", "known", datetime.date(2099, 1, 1), "public.*", 3),
    ),
}
"""A value for each setting that may be in the way. Whoever adds a setting decides here, or gives a reason in OPERATIONAL."""
SAID = [
    "columns: public.t.c (until 2099-01-01: known)",
    "content: public.* (until 2099-01-01: known)",
    "public.log is taken for the migration tool's log, which is never compared",
    "the schema migration_backup is taken for the migration's backup, which is never compared",
    "detail = true",
    "analyze = true",
    'schemas = ["app"]',
    'column_order = "ignore"',
    '[backup] tables names "public.t"',
    '[backup] role = "keeper"',
    '[log] step_column = "part"',
    '[migration] types = from = "uuid", to = "text"',
    '[migration] tables names "public.t"',
    '[migration] columns names "public.t.c"',
    '[migration] columns names "public.t.d"',
    '[migration] adds names "public.n"',
    '[migration] drops names "public.o"',
    '[tables."public.t"] may_grow = true',
    '[tables."public.\\"U\\""] column_order = "ignore"',
    "[lookups] tables = 0",
]


def configured():
    return Settings(**{name: value for name, value in CONSIDERED.items() if name != "unread"})


def test_every_setting_is_considered_or_has_a_reason_not_to_be():
    fields = set(Settings.__struct_fields__)

    assert set(OPERATIONAL) <= fields
    assert fields - set(OPERATIONAL) == set(CONSIDERED) - {"unread"}


def test_what_is_in_the_way_is_named_as_the_user_wrote_it():
    assert [each.said for each in obstacles(configured())] == SAID


def test_by_default_nothing_is_in_the_way_but_what_is_taken_for_the_log_and_the_backup():
    assert len(list(obstacles(Settings()))) == 2


@pytest.mark.parametrize("number", range(len(SAID)), ids=lambda number: SAID[number][:40])
def test_each_can_be_taken_away_alone(number):
    settings = configured()
    every = list(obstacles(settings))

    left = [each.said for each in obstacles(every[number].apart(settings))]

    assert len(left) == len(every) - (number not in {2, 3})  # another name is taken for the log's, and nothing is there
    assert every[number].said not in left


def test_all_can_be_taken_away_together():
    settings = configured()
    for each in obstacles(settings):
        settings = each.apart(settings)

    assert msgspec.structs.replace(settings, log=None, backup=None) == Settings(tables=settings.tables)
    assert set(settings.tables.values()) == {TableRule()}


@given(st.data())
def test_the_fewest_are_found(data):
    every = [Obstacle("waived", f"w{number}") for number in range(data.draw(st.integers(1, 20)))]
    needed = data.draw(st.sets(st.sampled_from(every), min_size=1, max_size=4))
    asked = []

    def sees(gone):
        asked.append(gone)
        return needed <= gone

    assert set(fewest(every, sees)) == needed
    assert len(asked) <= 2 * len(needed) * len(bin(len(every)))
