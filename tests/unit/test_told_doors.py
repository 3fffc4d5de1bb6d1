"""Doors: what makes a pair of application and schema work, and how the table and the statements below it are told."""

import json
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from fixtures.every import every
from fixtures.runner_commands import obeyed
from fixtures.sample_rehearsals import BACK, COMPARED, rehearsed, said
from rollproof.model.errors import Misuse
from rollproof.rehearsal.doors.corners import NONE_ASKED, NOT_GIVEN, corners, lives
from rollproof.rehearsal.doors.door import Answer, Door, Doors, Exercised
from rollproof.rehearsal.doors.required import require_answerable
from rollproof.rehearsal.doors.statement import Statement
from rollproof.rehearsal.process import Ran
from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.reports.github import annotations
from rollproof.rehearsal.reports.html import page
from rollproof.rehearsal.reports.json import result as json_of
from rollproof.rehearsal.reports.junit import result as junit
from rollproof.rehearsal.reports.markdown import summary
from rollproof.rehearsal.reports.sarif import result as sarif
from rollproof.rehearsal.reports.terminal import lines
from rollproof.settings.rehearsal import Rehearsal

WORKS = Answer("works")
GONE = Answer("refused", 'column "name" does not exist')
DOUBT = Answer("in doubt", "a NULL in total would be refused now")
NO_SQL = Answer("not asked", 'no SQL: syntax error at or near "SELEKT"')
UNREAD = Answer("works", "what f() does inside is not looked into")
READS = Statement("SELECT name FROM customers WHERE id = $1", "app.sql:12", calls=1204)
WELL = Exercised((Ran("npm test", 0, 1.0, "ok"),))
ILL = Exercised((Ran("npm test", 1, 1.0, "2 failed"),), "npm test ended with exit code 1\n2 failed")
ASKED_NOBODY = Exercised(
    (Ran("npm test", 0, 1.0, ""),), "npm test ended well, but it never connected", is_undecided=True
)


def _old(on_new, on_old=WORKS, statement=READS):
    return Door("old", statement, on_old, on_new)


MADE = {
    "all are taken": ((_old(WORKS),) * 2, {}, "works", "all 2 statements are taken"),
    "one of one": ((_old(WORKS),), {}, "works", "its statement is taken"),
    "refused counts more than doubt": (
        (_old(DOUBT), _old(GONE)),
        {},
        "refused",
        "1 of 2 statements is refused, 1 is in doubt",
    ),
    "two are refused": ((_old(GONE), _old(GONE), _old(WORKS)), {}, "refused", "2 of 3 statements are refused"),
    "doubt": ((_old(DOUBT), _old(WORKS)), {}, "in doubt", "1 of 2 statements is in doubt"),
    "no SQL says nothing": (
        (_old(NO_SQL, NO_SQL), _old(WORKS)),
        {},
        "works",
        "1 of 2 statements is taken, 1 could not be asked",
    ),
    "nothing but no SQL": ((_old(NO_SQL, NO_SQL),), {}, "not asked", NONE_ASKED),
    "nothing": ((), {}, "not asked", NOT_GIVEN),
    "a command": ((), {"new": WELL, "old": WELL}, "works", "1 command ended well"),
    "a command fails": (
        (_old(WORKS),),
        {"new": ILL, "old": WELL},
        "refused",
        "its statement is taken; npm test ended with exit code 1",
    ),
    "it fails at home, too": (
        (),
        {"new": replace(ILL), "old": ILL},
        "in doubt",
        "npm test ended with exit code 1; on its own schema, the old one, they fail, too, so this says nothing of the migration",
    ),
    "it asked another database": (
        (),
        {"new": ASKED_NOBODY, "old": WELL},
        "in doubt",
        "npm test ended well, but it never connected",
    ),
}


@every("made", MADE)
def test_a_pair_works_if_nothing_of_it_is_refused_or_in_doubt(made):
    doors, tested, word, sentence = MADE[made]
    found = {each.name: each for each in corners(doors, {("old", schema): each for schema, each in tested.items()})}

    assert (found["old/new"].word, found["old/new"].sentence) == (word, sentence)
    assert [*found] == ["old/old", "old/new", "new/old", "new/new"]
    assert (found["new/old"].word, found["new/old"].sentence) == ("not asked", NOT_GIVEN)


def test_who_lives_where_is_a_sentence():
    old_old, old_new, new_old, _ = corners((_old(GONE),), {})

    assert lives(old_old) == ""
    assert lives(old_new) == "the old application does not live on the new schema: its statement is refused"
    assert lives(replace(old_new, word="works")) == "the old application lives on the new schema"
    assert lives(new_old, must=True).startswith(
        "whether the new application lives on the old schema, as it must (--require-doors new/old), is unknown: "
    )


def _told():
    doors = (
        _old(GONE),
        _old(DOUBT, statement=Statement("INSERT INTO orders VALUES ($1)", "pg_stat_statements")),
        _old(NO_SQL, NO_SQL, Statement("SELEKT 1", "app.sql:14")),
        _old(UNREAD, UNREAD, Statement("SELECT f()", "app.sql:15")),
    )
    found = Doors(
        doors,
        corners(doors, {("old", "new"): ILL, ("old", "old"): WELL}),
        ("1 line of psql's own was skipped",),
        ("old/new",),
    )
    return said(rehearsed(BACK, COMPARED, Stage("doors", "bad", "no", doors=found)))


def test_the_terminal_shows_a_small_table_and_why():
    text = "\n".join(lines(_told()))

    assert (
        """\
                     old schema  new schema
    old application  works       refused
    new application  not asked   not asked
  - old/new refused: app.sql:12, 1,204 calls: SELECT name FROM customers WHERE id = $1
    column "name" does not exist
  - old/new in doubt: pg_stat_statements: INSERT INTO orders VALUES ($1)
    a NULL in total would be refused now
  - old/old and old/new not asked: app.sql:14: SELEKT 1
    no SQL: syntax error at or near "SELEKT"
  - old/old and old/new works: app.sql:15: SELECT f()
    what f() does inside is not looked into
  - old/new refused: npm test ended with exit code 1
    | 2 failed
    1 line of psql's own was skipped
"""
        in text
    )
    assert text.endswith("exit code 1: an application does not live on a schema, and has to (--require-doors)")


def test_every_other_format_tells_the_same():
    told = _told()
    case = ElementTree.fromstring(junit(told)).find(".//testcase[@name='doors']/failure")  # noqa: S314 (our own text)
    texts = {"html": page(told), "md": summary(told).replace("\\", ""), "junit": case.text if case is not None else ""}

    for name, text in texts.items():
        for wanted in ("app.sql:12, 1,204 calls", "would be refused now", "not asked", "SELEKT 1", "2 failed", "psql"):
            assert wanted in text.replace("&#39;", "'"), (name, wanted)


def test_no_format_shows_a_constant_of_a_log():
    recorded = Statement("SELECT 'hunter2'::mood WHERE n = 4711", "log", is_recorded=True)
    doors = (_old(Answer("refused", 'invalid input value for enum mood: "hunter2"'), statement=recorded),)
    found = Doors(doors, corners(doors, {}), (), ("old/new",))
    told = said(rehearsed(BACK, COMPARED, Stage("doors", "bad", "no", doors=found)))

    for text in (
        "\n".join(lines(told)),
        page(told),
        summary(told),
        junit(told).decode(),
        sarif(told).decode(),
        json_of(told).decode(),
    ):
        assert "hunter2" not in text
        assert "4711" not in text
        assert "::mood" in text.replace("\\", "")


def test_code_scanning_shows_a_refused_statement_at_its_line():
    (run,) = json.loads(sarif(_told()))["runs"]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]

    assert [each["level"] for each in run["results"]] == ["error", "note"]
    assert [each["id"] for each in run["tool"]["driver"]["rules"]] == ["doors"]
    assert places[0] == {"artifactLocation": {"uri": "app.sql"}, "region": {"startLine": 12}}
    assert places[1]["artifactLocation"] == {"uri": "rollproof.toml"}


def test_github_shows_a_closed_door_at_its_statement():
    found = obeyed("\n".join(each.command() for each in annotations(_told())))

    assert [each.properties for each in found][1:] == [
        {"title": "doors"},
        {"title": "old/new refused", "file": "app.sql", "line": "12"},
    ]


REFUSED = {
    "no pair": (Rehearsal(statements=("a",), require_doors=("old-new",)), "--require-doors old-new: that is no pair"),
    "not asked": (
        Rehearsal(statements=("a",), require_doors=("old/new", "new/new")),
        "--require-doors new/new: nobody said what the new application does; pass --new-statements or --new-application",
    ),
    "a role of nobody": (Rehearsal(application_role="app"), "--application-role app: of which application?"),
}


@every("asked", REFUSED)
def test_what_nobody_can_answer_is_refused_at_the_beginning(asked):
    wanted, sentence = REFUSED[asked]
    with pytest.raises(Misuse) as caught:
        require_answerable(wanted)

    assert str(caught.value).startswith(sentence)


def test_what_is_answered_may_be_required():
    require_answerable(
        Rehearsal(old_application=("npm test",), require_doors=("old/old", "old/new"), application_role="app")
    )
