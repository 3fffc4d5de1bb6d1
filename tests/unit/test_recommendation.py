"""The decision matrix: from what the checks said to what is recommended."""

from pathlib import Path

from fixtures.every import every
from rollproof.model.finding import Finding
from rollproof.model.phase import PHASES
from rollproof.verdict.outcome import Outcome
from rollproof.verdict.recommendation import MATRIX
from rollproof.verdict.recommendation import recommendation as of_essentials

CHECKS = Path(__file__).parents[2] / "checks"
ESSENTIALS = PHASES["post_migration"].essentials
ESSENTIAL = [each.checks[0] for each in ESSENTIALS]
WELL = [Outcome(check, "", "verified", "high") for check in ESSENTIAL]


def recommendation(outcomes):
    return of_essentials(outcomes, ESSENTIALS)


def outcome(check, kind="not restored", *findings):
    return Outcome(check, "public.users", kind, "high", findings=findings)


def lost(identity, after=None):
    return outcome("nothing_lost", "not restored", Finding("nothing_lost", identity, "it", after, compared=True))


@every(
    ("outcomes", "issue", "severity", "advice"),
    [
        ([], "nothing wrong", "none", "no rollback"),
        ([outcome("migrated_rows")], "data corruption", "critical", "roll back"),
        ([outcome("orphans"), outcome("backup")], "data corruption", "critical", "roll back"),
        ([lost("columns public.users.name")], "data corruption", "critical", "roll back"),
        ([outcome("migration_log"), outcome("endpoints")], "migration timeout", "high", "smaller batches"),
        ([outcome("endpoints"), outcome("nothing_lost")], "application error", "high", "unless it can be fixed"),
        ([outcome("backup_content")], "no way back", "high", "do not roll back from this backup"),
        ([outcome("orphans", "inconclusive"), lost("indexes i")], "not everything could be looked at", "unknown", "not decide"),
        ([lost("indexes public.users.users_email_key")], "performance", "medium", "depends"),
        ([lost("columns public.users.name", "text NOT NULL")], "minor data issues", "low", "fix it in place"),
        ([outcome("migrated_counts")], "minor data issues", "low", "fix it in place"),
    ],
)  # fmt: skip
def test_the_worst_issue_decides(outcomes, issue, severity, advice):
    found = recommendation([*WELL, *outcomes])

    assert (found.issue, found.severity) == (issue, severity)
    assert advice in found.roll_back


def test_a_case_about_all_tables_is_named_by_what_it_found_of_the_issue():
    subjects = [
        "indexes public.a.i",
        "indexes public.b.i",
        "columns public.c.x",
        "indexes public.d.i",
        "indexes public.e.i",
    ]
    found = tuple(Finding("nothing_lost", subject, "it", "that", compared=True) for subject in subjects)
    given = Outcome("nothing_lost", "", "not restored", "high", findings=found)

    said = recommendation([*WELL, given])

    assert said.because == ("nothing_lost [indexes public.a.i, indexes public.b.i, indexes public.d.i and 1 more]",)
    assert said.also == ("minor data issues (low): nothing_lost [columns public.c.x]",)


def test_the_reasons_and_the_lesser_issues_are_named():
    found = recommendation([outcome("endpoints"), outcome("migrated_edges"), outcome("migrated_rows")])

    assert found.because == ("migrated_edges [public.users]", "migrated_rows [public.users]")
    assert found.also == ("application error (high): endpoints [public.users]",)


def test_a_warning_is_told_beside_the_recommendation_and_does_not_change_it():
    well = [
        outcome(check, "warning") if check == "nothing_lost" else outcome(check, "verified")
        for check in (each.checks[0] for each in ESSENTIALS)
    ]
    found = recommendation(well)

    assert (found.issue, found.because) == ("nothing wrong", ())
    assert "nothing_lost [public.users]" in found.also[0]
    assert recommendation([*well, outcome("migrated_rows")]).issue == "data corruption"


def test_what_was_not_checked_is_no_reason_to_be_content():
    found = recommendation(
        [each for each in WELL if each.check != "migrated_rows"] + [outcome("migrated_rows", "not checked")]
    )

    assert (found.severity, found.because) == ("unknown", ("migrated_rows or untouched_rows was not checked",))


def test_every_check_of_the_phase_has_its_place_in_the_matrix():
    of_the_phase = {
        path.stem.removeprefix("test_") for path in CHECKS.glob("*.py") if "mark.post_migration" in path.read_text()
    }
    named = [check for issue in MATRIX for check in issue.checks]

    assert of_the_phase - set(named) == {"baseline_age"}  # which judges the reference, not the migration
    assert len(named) == len(set(named))


def test_a_doubtful_baseline_is_no_reason_to_roll_back():
    found = recommendation([*WELL, outcome("baseline_age")])

    assert (found.severity, found.because) == ("unknown", ("baseline_age [public.users]",))


def test_a_check_of_the_users_own_has_its_own_row():
    found = recommendation([*WELL, outcome("tests/test_x.py::test_y")])

    assert found.issue == "one of your own checks failed"
