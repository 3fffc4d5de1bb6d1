"""What goes to a worker: no secret, no file, nothing of the application; and of whoever has another rollproof nothing is taken."""

import msgspec
import pytest

from fixtures.every import every
from rollproof.fleet.job import Answer, Head, Job, answer_of, encoded
from rollproof.fleet.references import digest_of
from rollproof.fleet.target import FleetTarget
from rollproof.fleet.travel import IRRELEVANT, STAYS, has_password, require_no_password, settings_of
from rollproof.fleet.work import done
from rollproof.model.errors import Misuse
from rollproof.settings.configuration import resolve
from rollproof.settings.options import Settings

CANARY = "c4nary-pa55"
TARGET = FleetTarget("one", "postgresql://me@h/one")

TRAVELS = {
    *("database_url", "strict", "show_values", "evidence", "other_database", "allow_empty", "jobs", "lock_timeout"),
    *(
        "statement_timeout",
        "max_snapshot_age",
        "several_snapshots",
        "max_replica_lag",
        "max_active_sessions",
        "max_pause",
    ),
    *("gentle", "unread_if_untouched", "max_duration", "max_baseline_age", "trust_functions", "analyze", "schemas"),
    *(
        "detail",
        "column_order",
        "backup",
        "log",
        "migration",
        "foreign_key",
        "tables",
        "plans",
        "lookups",
        "queries",
        "waiver",
    ),
}
FULL = f"""
database_url = "postgresql://u:{CANARY}@h/d"
server = "postgresql://u:{CANARY}@h/d"
[rehearsal]
source = "postgresql://u:{CANARY}@h/d"
env = {{ PGPASSWORD = "{CANARY}" }}
[runbook]
restore = "PGPASSWORD={CANARY} pg_restore"
[migration]
rollback_command = "PGPASSWORD={CANARY} alembic downgrade -1"
[notify]
urls = ["slack://{CANARY}/x/y"]
[contacts]
dba = "token {CANARY}"
[[endpoints]]
url = "https://u:{CANARY}@h/x"
name = "a"
[[services]]
name = "b"
manager = "supervisor"
control = "{CANARY}"
[[commands]]
name = "c"
command = "c {CANARY}"
"""


def test_of_each_setting_somebody_decided_whether_it_travels():
    assert {*Settings.__struct_fields__} == TRAVELS | STAYS
    assert not TRAVELS & STAYS
    assert IRRELEVANT <= TRAVELS


def test_no_secret_of_the_configuration_travels(tmp_path):
    (tmp_path / "rollproof.toml").write_text(FULL)
    settings = resolve({}, {}, tmp_path / "rollproof.toml")

    sent = encoded(Job(name="one", server="h", action="verify", settings=settings_of(TARGET, settings)))

    assert CANARY.encode() not in sent
    assert settings.migration.rollback_command
    assert msgspec.json.decode(sent)["settings"]["database_url"] == TARGET.url


@every(
    "url",
    [
        f"postgresql://u:{CANARY}@h/d",
        f"postgresql://u@h/d?password={CANARY}",
        f"host=h password='{CANARY}'",
        f"host=h sslpassword={CANARY}",
    ],
)
def test_a_password_in_the_list_goes_to_nobody_elses_process_and_is_not_told(url):
    assert has_password(url)
    with pytest.raises(Misuse, match=r"1 target \(the first is two\) have a password") as refused:
        require_no_password([TARGET, FleetTarget("two", url)], "dask://s:1")
    assert CANARY not in str(refused.value)


def test_who_has_another_rollproof_refuses_the_job():
    job = msgspec.structs.replace(Job(name="one", server="h", action="verify", settings=Settings()), version="0.0.1")

    answer = answer_of(done(encoded(job)))

    assert "0.0.1" in answer.refused
    assert not answer.files
    assert Head(format=99, version="1").strange


def test_values_of_jobs_and_answers_do_not_print_what_they_hold():
    job = Job(name="one", server="h", action="verify", settings=Settings(database_url=f"postgresql://u:{CANARY}@h/d"))

    assert CANARY not in repr(job)
    assert CANARY not in repr(FleetTarget("a", f"postgresql://u:{CANARY}@h/d"))
    assert len(repr(Answer(answer_of(done(encoded(job))).outcome))) < 100


def test_what_is_decided_anew_is_told_by_the_digest():
    usual = digest_of(TARGET, Settings(), "post_rollback", "sha")

    assert digest_of(TARGET, Settings(jobs=9, max_duration=5, report_dir="x"), "post_rollback", "sha") == usual
    others = [
        digest_of(TARGET, Settings(strict=True), "post_rollback", "sha"),
        digest_of(TARGET, Settings(), "post_migration", "sha"),
        digest_of(TARGET, Settings(), "post_rollback", "other"),
        digest_of(FleetTarget("one", "postgresql://me@h/two"), Settings(), "post_rollback", "sha"),
        digest_of(FleetTarget("one", TARGET.url, "s"), Settings(), "post_rollback", "sha"),
        digest_of(FleetTarget("one", TARGET.url, server="of another environment"), Settings(), "post_rollback", "sha"),
        digest_of(TARGET, Settings(schemas=("public",)), "post_rollback", "sha"),
    ]
    assert len({usual, *others}) == 8
    with_password = FleetTarget("one", f"postgresql://me:{CANARY}@h/one")
    assert digest_of(with_password, Settings(), "post_rollback", "sha") == usual
