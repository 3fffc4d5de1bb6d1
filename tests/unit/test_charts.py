"""The pictures of a run: no number without its text, the worst first, nothing where nothing was measured, and names stay text."""

from xml.etree import ElementTree

from fixtures.every import every
from fixtures.sample_reports import HOSTILE, Seen, report
from rollproof.report import charts
from rollproof.report.bars import MOST
from rollproof.verdict.measured import Agreement, AnswerTime, PlanCost, PlanRead, Stage, TableRead

CHARTS = {
    "triangle": charts.triangle,
    "durations": charts.durations,
    "rows": charts.rows,
    "latency": charts.latency,
    "plans": charts.plans,
}


def measured(name):
    """Return a report that measured everything, of a table, a stage and an endpoint of this name."""
    return report(
        tables=(TableRead(name, 10, 5, 2_000_000, 1.5),),
        stages=(Stage(name, 2.25),),
        answers=(AnswerTime(name, 0.5, None),),
        plans=(PlanRead(name, PlanCost(name, 8.0, 0.5, 3), PlanCost("Seq Scan", 1243.0)),),
        agreement=(Agreement(name, reference_backup=True, backup_live=False, reference_live=None),),
    )


def texts(drawn):
    """Return the words of a picture, cell by cell."""
    return [text.strip() for each in ElementTree.fromstring(f"<x>{drawn}</x>").iter() for text in each.itertext()]  # noqa: S314


@every("name", CHARTS)
def test_what_was_not_measured_is_not_drawn(name):
    assert CHARTS[name](report()) == ""


@every("name", CHARTS)
def test_a_picture_says_its_numbers_as_text_and_what_it_shows(name):
    drawn = CHARTS[name](measured("public.orders"))

    assert "public.orders" in texts(drawn)
    said = {
        "triangle": "nobody could tell",
        "durations": "2.25",
        "rows": "-5",
        "latency": "500 ms",
        "plans": "8, 0.50 ms",
    }
    assert said[name] in str(drawn)
    assert 'role="img"' in drawn or '<th scope="row">' in drawn
    assert "style=" not in drawn


@every("text", HOSTILE)
def test_a_name_in_a_picture_is_text(text):
    for draw in CHARTS.values():
        hostile, harmless = (Seen(draw(measured(each))) for each in (text, "harmless"))

        assert hostile.tags == harmless.tags
        assert {key for key, _ in hostile.attributes} == {key for key, _ in harmless.attributes}


def test_many_tables_are_twelve_and_how_many_more():
    tables = tuple(TableRead(f"public.t{number}", 100, 100 + number, 10, number) for number in range(20))
    drawn = charts.rows(report(tables=tables))

    assert str(drawn).count('scope="row"') == MOST
    assert texts(drawn).index("public.t19") < texts(drawn).index("public.t8")
    assert "and 7 more lines, in result.json" in texts(drawn)


def test_a_table_whose_rows_are_as_many_as_before_is_not_drawn():
    assert charts.rows(report(tables=(TableRead("public.a", 7, 7), TableRead("public.b", None, 7)))) == ""


def test_tables_that_agree_alike_share_a_picture_and_the_worst_comes_first():
    """The odd one of three is named: from which of them the rows can be had depends on it."""
    ways = {
        "three different things": (False, False, False),
        "the live table differs": (True, False, False),
        "the reference differs": (False, True, False),
        "the backup differs": (False, False, True),
        "not all could be compared": (None, True, None),
        "all three agree": (True, True, True),
    }
    agreement = [Agreement(f"public.{word}{number}", *ways[word]) for number in (1, 2) for word in reversed(ways)]
    drawn = str(charts.triangle(report(agreement=tuple(agreement))))

    places = [drawn.index(f"{word}</title>") for word in ways]
    assert places == sorted(places)
    assert drawn.count("<svg") == len(ways)
    assert drawn.count("✗") == 3


def test_the_query_that_costs_so_much_more_comes_first():
    plans = tuple(
        PlanRead(f"q{each}", PlanCost("Index Scan", 8.0), PlanCost("Seq Scan", 8.0 * each)) for each in (1, 3, 2)
    )

    told = texts(charts.plans(report(plans=plans)))

    assert told.index("q3") < told.index("q2") < told.index("q1")
