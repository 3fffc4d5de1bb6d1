"""Drills: what counts as one, how old the last may be, and which records are not believed."""

import datetime
import json
import os
from dataclasses import replace

import pytest

from fixtures.every import every
from fixtures.sample_rehearsals import BACK, COMPARED, rehearsed
from fixtures.sample_reports import provenance, report
from rollproof.commands.drill_records import FOLDER, Drill, leave, records
from rollproof.model.errors import Misuse
from rollproof.model.provenance import ReferenceFacts
from rollproof.plugin.drill import is_restore
from rollproof.rehearsal.drills import Wanted, age, judged, of_rehearsal
from rollproof.sources.signature import Key

NOW = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
SHOP = Wanted("shop", 30 * DAY, 300)
KEY = Key("key", b"k" * 32)
GOOD = Drill(
    kind="rehearsal",
    when=(NOW - 3 * DAY).isoformat(),
    project="shop",
    verdict="VERIFIED",
    source="shop.dump",
    source_kind="dump",
    servers=("local",),
    rollback_seconds=12.0,
)
OLD = replace(GOOD, when=(NOW - 40 * DAY).isoformat())
SAYS = {
    "nothing": ([], 1, "no good drill of shop is recorded"),
    "a good one": (
        [GOOD],
        0,
        "was 3 days ago (2026-11-26T12:00:00Z); the rollback took 12.0 s, and the objective is 300 s",
    ),
    "an old one": ([OLD], 1, "was 40 days ago (2026-10-20T12:00:00Z), and 30 days are allowed: rehearse now"),
    "another project's": ([replace(GOOD, project="till")], 1, "records of other projects ([drill] name is shop): till"),
    "a bad one": (
        [replace(GOOD, verdict="NOT RESTORED")],
        1,
        "does not count: rehearsal of 2026-11-26T12:00:00Z: NOT RESTORED",
    ),
    "of a sample": (
        [replace(GOOD, verdict="PARTLY VERIFIED", left_out=("--sample 10",))],
        1,
        "of a part only: --sample 10",
    ),
    "a good word of a part": ([replace(GOOD, left_out=("--sample 10",))], 1, "of a part only: --sample 10"),
    "an old one and a new part": (
        [OLD, replace(GOOD, verdict="PARTLY VERIFIED", left_out=("x",))],
        1,
        "40 days ago",
    ),
    "a later bad one": ([GOOD, replace(GOOD, when=(NOW - DAY).isoformat(), verdict="INCONCLUSIVE")], 0, "INCONCLUSIVE"),
    "of the future": ([GOOD, replace(GOOD, when=(NOW + DAY).isoformat())], 7, "24 hours in the future"),
    "of a clock that is a minute fast": ([replace(GOOD, when=(NOW + DAY / 1440).isoformat())], 0, "was 0 seconds ago"),
    "too slow": ([replace(GOOD, rollback_seconds=340.0)], 1, "the rollback took 340.0 s, and the objective is 300 s"),
    "a restore": ([replace(GOOD, kind="restore", rollback_seconds=None)], 7, "no good drill tells how long"),
    "a restore after a rehearsal": (
        [GOOD, replace(GOOD, kind="restore", rollback_seconds=None, when=(NOW - DAY).isoformat())],
        0,
        "the rollback took 12.0 s",
    ),
}


@pytest.mark.promise
@every("case", SAYS)
def test_the_last_good_drill_is_held_against_age_and_objective(case, tmp_path_factory):
    drills, code, words = SAYS[case]
    folder = tmp_path_factory.mktemp("reports")
    for each in drills:
        leave(folder, each, None)
    found = judged(*records(folder, None), SHOP, NOW)

    assert found.exit_code == code
    assert words in "\n".join((found.sentence, *found.further))


WHY_NOT = (
    "Object missing required field `format`",
    "it is a pipe, and only a regular file is read",
    "it is not signed",
    "it is signed with another key",
    "it was changed after it was sealed",
)


@pytest.mark.promise
def test_a_record_that_was_changed_or_not_signed_is_not_believed(tmp_path):
    for place, key in enumerate((None, KEY, replace(KEY, secret=b"l" * 32))):
        leave(tmp_path, replace(GOOD, when=(NOW - place * DAY).isoformat()), key)
    path = leave(tmp_path, OLD, KEY)
    path.write_text(path.read_text("utf-8").replace(OLD.when, (NOW - DAY).isoformat()), "utf-8")
    (tmp_path / FOLDER / "x.json").write_text("{}", "utf-8")
    os.mkfifo(tmp_path / FOLDER / "pipe.json")
    kept, refused = records(tmp_path, KEY)

    assert [(each.drill.when, each.is_signed) for each in kept] == [((NOW - DAY).isoformat(), True)]
    assert all(map(str.startswith, sorted(each.reason for each in refused), WHY_NOT))
    assert len(refused) == len(WHY_NOT)
    assert len(records(tmp_path, None)[0]) == 3
    assert "is not believed: it is not signed" in "\n".join(judged(kept, refused, SHOP, NOW).further)


def test_a_newer_format_is_not_read_as_an_older_one(tmp_path):
    path = leave(tmp_path, GOOD, None)
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), "format": 2}), "utf-8")

    assert "it has format 2" in str(records(tmp_path, None)[1][0])


def test_the_record_of_a_rehearsal_says_what_it_was(tmp_path):
    two = (
        rehearsed(BACK, COMPARED, left_out=("--sample 10",)),
        rehearsed(BACK, COMPARED, server="container:postgres:14"),
    )
    drill = of_rehearsal(two, "PARTLY VERIFIED", "shop", "dump", b"{}")
    leave(tmp_path, drill, KEY)

    assert records(tmp_path, KEY)[0][0].drill == drill
    assert (drill.rollback_seconds, drill.left_out, drill.is_good) == (1.25, ("--sample 10",), False)
    assert drill.servers == ("local PostgreSQL 15.18", "container:postgres:14")


def test_a_restore_counts_if_all_of_a_real_database_was_held_against_a_dump():
    held = provenance("shop")
    dump = replace(held, reference=ReferenceFacts("dump", "shop.dump"), subject=replace(held.subject, note=""))
    good = report(verdict="VERIFIED", exit_code=0, provenance=dump)
    thrown_away = replace(dump, subject=replace(dump.subject, note="a rehearsal"))

    assert is_restore(good)
    assert not is_restore(replace(good, verdict="PARTLY VERIFIED"))
    assert not is_restore(replace(good, phase="post_migration"))
    assert not is_restore(replace(good, provenance=replace(dump, reference=ReferenceFacts("database", "x"))))
    assert not is_restore(replace(good, provenance=thrown_away))


def test_an_age_is_a_number_and_a_unit():
    assert (age("30d"), age(" 1.5 H"), age("2w")) == (30 * DAY, DAY / 16, 14 * DAY)
    for wrong in ("30", "d", "0d", "-1d", "30 days", "1e9d"):
        with pytest.raises(Misuse, match="as in --max-age 30d"):
            age(wrong)
