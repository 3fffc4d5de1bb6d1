"""What stands beside a cause: rows that its definition alone may not explain, and statements in an order that loses nothing."""

from fixtures.every import every
from fixtures.sample_reports import outcome, report
from rollproof.model.finding import Finding, FindingId, RowReport, Statement
from rollproof.verdict.overview import overview

TYPE = Finding("columns", "public.a.x", "integer", "bigint", compared=True)
CONTENT = Finding("content", "public.a", "1", "2", compared=True, follows_from=FindingId("columns", "public.a.x"))
WORDS = "column x: bigint, was integer"


def counted(gone, table="public.a"):
    return RowReport(
        table, counted=f"{gone} of 3,000 in the baseline not there any more, or changed; 7 there that were not"
    )


def seen(*rows, findings=(TYPE, CONTENT)):
    outcomes = [outcome("not restored", "", (each,), check=each.check, rows=rows) for each in findings]
    return overview(report(*outcomes))


@every(
    "rows, words",
    [
        (counted(100), f"{WORDS} · 100 of 3,000 rows changed or missing"),
        (counted("3,000"), f"{WORDS} · whether its rows changed too is not known yet"),
        (RowReport("public.a", unnamed="no rows"), f"{WORDS} · whether its rows changed too is not known yet"),
        (RowReport("public.a", "b", {"changed": 2}), f"{WORDS} · 2 rows changed"),
        (RowReport("public.a", "b"), WORDS),
    ],
)
def test_rows_that_a_type_may_not_explain_stand_beside_it(rows, words):
    (cause,) = seen(rows).causes

    assert cause.words_at("public.a") == words


def test_rows_of_alike_tables_stand_beside_their_cause():
    findings = [
        each
        for table in ("public.a", "public.b")
        for each in (
            Finding("columns", f"{table}.x", "integer", "bigint", compared=True),
            Finding("content", table, "1", "2", compared=True, follows_from=FindingId("columns", f"{table}.x")),
        )
    ]
    (cause,) = seen(counted(100), counted(7, "public.b"), findings=findings).causes

    assert cause.words == f"{WORDS} · 7 to 100 rows changed or missing"
    assert cause.words_at("public.b") == f"{WORDS} · 7 of 3,000 rows changed or missing"


def test_what_would_drop_something_is_last():
    drop = Statement("-- left behind: DROP TABLE public.a_old;", TYPE.subject, 1)
    keep = Statement("ALTER SEQUENCE public.s OWNED BY public.a.x;", TYPE.subject, 2)
    told = outcome("not restored", "", (TYPE,), check="columns", statements=(drop, keep))

    assert overview(report(told)).causes[0].statements == (keep, drop)


def test_rows_of_many_tables_are_one_cause_whatever_their_numbers():
    found = [
        Finding("rows", f"public.{name}", "9", str(number), compared=True) for number, name in enumerate("abc", start=6)
    ]
    (cause,) = seen(findings=found).causes

    assert (cause.words, [cause.words_at(place) for place in cause.places]) == (
        "1 to 3 rows missing",
        ["3 rows missing", "2 rows missing", "1 row missing"],
    )


def test_what_another_cause_must_mend_before_is_named_first():
    first = Statement("-- first: columns public.b.y, of which another finding tells", TYPE.subject)
    own = Statement(f"-- first: columns {TYPE.subject}, of which another finding tells", TYPE.subject)
    statements = (Statement("SELECT 2;", TYPE.subject, 2), Statement("SELECT 1;", TYPE.subject, 1), own, first)
    (cause,) = overview(report(outcome("not restored", "", (TYPE,), check="columns", statements=statements))).causes

    assert [each.sql for each in cause.statements] == [first.sql, "SELECT 1;", "SELECT 2;"]


def test_a_column_that_is_called_otherwise_is_not_told_as_one_to_drop():
    found = (
        Finding("columns", "public.a.price", "integer", None, compared=True),
        Finding("columns", "public.a.cost", None, "integer", compared=True),
    )
    statements = tuple(Statement("ALTER TABLE public.a RENAME COLUMN cost TO price;", each.subject) for each in found)
    told = outcome("not restored", "", found, check="columns", statements=statements)

    assert {cause.words for cause in overview(report(told)).causes} == {
        "column price missing: now called cost",
        "column cost left behind: was called price",
    }
