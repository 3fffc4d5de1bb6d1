"""The runbook's texts: nothing that a name holds becomes markup, or a command; items and texts are whole."""

import dataclasses

from fixtures.every import every
from fixtures.markdown_shape import blocks, shape
from fixtures.sample_reports import HOSTILE, Seen
from fixtures.sample_runbook import saying
from rollproof.commands.runbook_facts import important_first, of_important
from rollproof.commands.runbook_settings import commands
from rollproof.report.markdown_text import CELL
from rollproof.report.runbook.changes import with_changes
from rollproof.report.runbook.contents import contents
from rollproof.report.runbook.document import Points, Prose
from rollproof.report.runbook.html import html
from rollproof.report.runbook.known import (
    MOST,
    Commands,
    KnownTable,
    People,
    Rehearsed,
)
from rollproof.report.runbook.markdown import markdown
from rollproof.report.runbook.steps import checklist
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Runbook
from rollproof.settings.sections import Migration
from rollproof.verdict.procedure_items import names


@every("text", HOSTILE)
def test_a_reader_of_markdown_sees_the_same_elements_whatever_a_name_says(text):
    assert shape(markdown(saying(text))) == shape(markdown(saying("harmless")))


@every("text", HOSTILE)
def test_no_element_of_the_page_comes_from_a_name(text):
    seen, plain = Seen(html(saying(text))), Seen(html(saying("harmless")))

    assert seen.tags == plain.tags
    assert [name for name, _ in seen.attributes] == [name for name, _ in plain.attributes]


def test_the_page_allows_nothing_from_outside():
    page = html(saying("harmless"))

    assert "default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'sha256-" in page
    assert "<script" not in page


def test_a_name_with_a_line_end_gives_psql_no_command():
    found = blocks(markdown(saying("x\n\\! touch /tmp/pwned\n")), "sql")

    assert [block for block in found if "\n\\!" in block] == []
    assert sum("touch" in block for block in found) > 5


def test_the_checklist_has_the_items_that_a_run_prints():
    (section,) = checklist(saying("own"))
    (boxes,) = (part for part in section.parts if isinstance(part, Points))

    assert [each.partition(": ")[0] for each in boxes.items] == [*names(Settings(), "pre_rollback"), "own"]


def test_no_text_of_ours_is_cut():
    texts = [
        each
        for section in contents(saying("x"))
        for part in section.parts
        for each in ([part.text] if isinstance(part, Prose) else part.items if isinstance(part, Points) else [])
    ]

    assert [each for each in texts if len(each) > CELL] == []


def test_of_many_tables_the_rest_is_counted():
    tables = tuple(KnownTable(f"public.t{number}", 1, is_counted=True) for number in range(MOST + 5))
    found = markdown(saying("x", tables=tables))

    assert f"public.t{MOST - 1}`" in found
    assert f"public.t{MOST}`" not in found
    assert "and 5 more tables" in found


@every("rows, told", [(100, ()), (109, ()), (150, ("table `public.t`: 100 → 150 rows",)), (None, ())])
def test_a_small_change_of_a_size_is_none(rows, told):
    was = saying("x", tables=(KnownTable("public.t", 100),), changes=(), since="")
    now = dataclasses.replace(was, written="later", tables=(KnownTable("public.t", rows),))

    assert with_changes(now, was).changes == told


def test_each_change_is_one_sentence():
    was = saying("x", changes=(), since="")
    now = dataclasses.replace(
        was,
        tables=(),
        keys=(),
        drill=Rehearsed("rehearsal", "today", "VERIFIED", "s", (), is_good=True, seconds=9.0, rollback_seconds=8.0),
        commands=Commands("new"),
        people=People({"DBA": "Ann"}),
    )

    assert with_changes(now, was).changes == (
        'table `public."x"` is gone',
        "foreign key `x` is gone",
        "last rehearsal: today, VERIFIED (before: x, x)",
        "the rollback took 2.0 s → 8.0 s",
        "rollback command: was `x`, is `new`",
        "status command: was `x`, is `not configured`",
        "partial command: was `x`, is `not configured`",
        "emergency command: was `x`, is `not configured`",
        "restore command: was `x`, is `not configured`",
        "contacts: was `x: x`, is `DBA: Ann`",
    )


def test_of_too_many_tables_those_with_a_copy_and_the_largest_are_told():
    many = [KnownTable(f"public.t{number:02}", number) for number in range(MOST)]
    copied = KnownTable("public.z", 1, copy="backup.z")

    assert important_first(many[::-1]) == tuple(many), "where all are told, they stand by name"
    assert [each.name for each in important_first([*many, copied])][:3] == ["public.z", "public.t39", "public.t38"]
    made = [("public.t01", "first"), ("public.t00", "second"), ("public.t39", "third")]
    assert of_important(made, {"public.t01": MOST + 1, "public.t00": 0, "public.t39": 1}) == (
        "second",
        "third",
        "first",
    )


@every(
    ("typed", "written"),
    [
        ("migrate down --password=hunter2 --all", "migrate down --password=*** --all"),
        ("migrate down --token hunter2", "migrate down --token ***"),
        ("PGPASSWORD=hunter2 migrate down", "PGPASSWORD=*** migrate down"),
        ("psql postgresql://ann:hunter2@db/shop -f down.sql", "psql postgresql://ann:***@db/shop -f down.sql"),
        ("migrate down --token $TOKEN", "migrate down --token $TOKEN"),
    ],
)
def test_a_password_in_a_command_is_not_written(typed, written):
    settings = Settings(migration=Migration(rollback_command=typed), runbook=Runbook(status=typed))

    assert (commands(settings).rollback, commands(settings).status) == (written, written)
