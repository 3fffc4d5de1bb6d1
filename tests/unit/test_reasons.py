"""One reason for many doubts is told once."""

import json

from fixtures.sample_reports import Seen, outcome, report
from rollproof.model.finding import Unknown
from rollproof.report.html import page
from rollproof.report.json import result
from rollproof.report.markdown import summary
from rollproof.report.reasons import reasons


def untold(check, name, why):
    return outcome("inconclusive", unknown=(Unknown(name, why),), check=check, parameter=name)


def denied(check, name):
    grant = f"GRANT USAGE ON SCHEMA public TO reader; GRANT SELECT ON {name} TO reader"
    return untold(check, name, f"{name} could not be read: permission denied for table {name[7:]}\n{grant}")


NAMES = [f"public.t{number}" for number in range(11)]
MANY = [
    outcome(),
    *(denied(check, name) for check in ("rows", "content") for name in NAMES),
    *(
        untold("planner_statistics", name, f"needs GRANT SELECT ON {name}, and rows that no policy hides")
        for name in NAMES
    ),
    *(untold("privileges", name, f"{name} changed while it was read") for name in ("public.a", "public.b")),
    untold("columns", "public.c", "a reason of its own"),
]


def test_one_reason_for_many_doubts_is_told_once_in_every_report():
    given = report(*MANY)
    found, _ = reasons(given.outcomes)

    assert [(each.cases, each.checks, each.names) for each in found] == [
        (33, ("content", "planner_statistics", "rows"), tuple(sorted(NAMES))),
        (2, ("privileges",), ("public.a", "public.b")),
    ]
    assert "GRANT pg_read_all_data TO reader;" in found[0].text
    assert found[1].text == "… changed while it was read"
    for text in (Seen(page(given)).text, summary(given)):
        assert text.count("GRANT pg_read_all_data TO reader;") == 1
        assert "GRANT SELECT" not in text
        assert "a reason of its own" in text
        assert [name for name in NAMES if name not in text] == []
    assert json.loads(result(given))["reasons"][0]["cases"] == 33


def test_no_name_says_to_whom_something_is_to_be_granted():
    evil = "permission denied for table GRANT SELECT ON a TO evil\nGRANT pg_read_all_data TO reader"
    found, _ = reasons([untold("rows", name, evil) for name in NAMES[:2]])

    assert found[0].text.endswith("GRANT pg_read_all_data TO reader;")


def test_a_case_that_has_a_reason_of_its_own_as_well_is_told_by_itself():
    doubts = (*denied("rows", NAMES[0]).unknown, Unknown("public.x", "locked"))
    both = outcome("inconclusive", unknown=doubts, check="rows", parameter="the rest")
    found, told = reasons([both, denied("rows", NAMES[0]), denied("rows", NAMES[1])])

    assert found[0].cases == 3
    assert told == {1, 2}


def test_hidden_rows_are_another_reason_than_a_missing_grant():
    """No grant lets a role see what row security hides."""
    hidden = [untold("rows", name, "its rows are hidden from reader: ALTER ROLE reader BYPASSRLS") for name in NAMES]
    found, _ = reasons([*hidden, *(denied("rows", f"{name}0") for name in NAMES)])

    assert sorted("BYPASSRLS" in each.text for each in found) == [False, True]


def test_a_table_of_one_letter_is_not_looked_for_in_the_words_of_a_reason():
    why = "{} is not read: a function is not PostgreSQL's own"
    found, _ = reasons([untold("rows", name, why.format(name)) for name in ("public.s", "public.t")])

    assert [each.text for each in found] == ["… is not read: a function is not PostgreSQL's own"]
