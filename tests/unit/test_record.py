"""record.md: what people wrote under its headings is kept, nothing in it leaves its place, and it says what the procedure asks."""

from datetime import UTC, datetime

import pytest
from markdown_it import MarkdownIt

from fixtures.sample_reports import HOSTILE, record_all_over
from rollproof.model.event import DECISION, DONE, PROBLEM, Entry, Event, LoggedStep
from rollproof.report import notice
from rollproof.report.record import lessons, record_text, was_edited, written
from rollproof.settings.people import Escalation
from rollproof.verdict.record import record_of

NOW = datetime(2026, 11, 29, 2, 40, tzinfo=UTC)
FACTS = {"issue": "MIG-412", "severity": "critical", "stakeholders": "Sales\nOps"}
VALIDATED = {"integrity": "3 verified", "application": "health answered in 0.03 s", "performance": "nothing was asked"}
STEPS = (
    LoggedStep("migrate", "users", "completed", "2026-11-29 01:00:00+00", 120.0),
    LoggedStep("rollback", "users", "failed", "2026-11-29 02:00:00+00", 3.5, "failed"),
)
EVENTS = (
    Event("opened", "opened", text="logins fail", facts=FACTS),
    Event("note", DECISION, text="roll back", facts={"by": "Ann", "at": "2026-11-29T01:50:00+00:00"}),
    Event("note", PROBLEM, text="the disk is full"),
    Event("note", DONE, facts={"item": "Backup verified"}),
    Event("phase", "rehearsal of post_rollback", "VERIFIED", 0, 9.0, facts={"rehearsal": "yes"}),
    Event("phase", "post_rollback", "NOT RESTORED", 1, 61.5, "2 differ", VALIDATED, STEPS),
)
LEVELS = (Escalation("DBA", "database", 0), Escalation("CTO", "board", 60))
CONTACTS = {"database": "Ann, +49 30", "board": "Cem"}
MARK = "<!-- yours: what you write between this line and the next heading is kept -->"
HEADINGS = """\
# Incident: logins fail
## Trigger
### Issue
### Decision timeline
### Stakeholders
## Execution
### Steps
### Durations
### Problems
## Validation
### Integrity
### Application
### Performance
## Lessons learned
### Root cause
### Prevention
### Improvements
## Contacts
## Escalation"""


def record(*events, levels=LEVELS):
    """Return the record of these events, a minute apart from 02:14 on."""
    entries = [
        Entry(number, f"2026-11-29T02:{13 + number}:00.000+00:00", "ann@db", event, "", f"{number:064}")
        for number, event in enumerate(events or EVENTS, 1)
    ]
    return record_of(entries, CONTACTS, levels, NOW)


TEXT = record_text(record())


def part(heading, text=TEXT):
    """Return what stands under a heading."""
    return text.partition(f"{heading}\n")[2].partition("\n#")[0].strip()


def test_it_has_the_headings_of_the_procedure():
    assert "\n".join(line for line in TEXT.splitlines() if line.startswith("#")) == HEADINGS


@pytest.mark.parametrize(
    ("heading", "said"),
    {
        "### Issue": "- issue: MIG-412\n- severity: critical",
        "### Decision timeline": "- 2026-11-29T01:50:00Z Ann decided: roll back (entered 2026-11-29T02:15:00Z)",
        "### Stakeholders": "- Sales\n- Ops",
        "### Steps": "| 2026-11-29T02:19:00Z | post\\_rollback | **NOT RESTORED** 2 differ | 61.5 s | ann@",
        "### Durations": "- migrate, by the migration's log: 1 step, 2 minutes",
        "### Problems": "rollback users: failed, by the migration's log",
        "## Validation": "post\\_rollback of 2026-11-29T02:19:00Z: **NOT RESTORED**: 2 differ",
        "### Integrity": "3 verified",
        "### Application": "health answered in 0.03 s",
        "### Performance": "nothing was asked",
        "## Contacts": "- database: Ann, +49 30",
        "## Escalation": "is red since 02:19Z, 21 minutes: call DBA",
    }.items(),
)
def test_it_says_what_the_procedure_asks(heading, said):
    assert said in part(heading)


def test_a_clock_that_went_back_makes_no_duration():
    there = [Entry(1, "2026-11-29T03:00:00.000+00:00", "ann@db", EVENTS[0], ""),
             Entry(2, "2026-11-29T02:00:00.000+00:00", "ann@db", Event("closed", "closed", text="all well"), "")]  # fmt: skip
    found = record_of(there, CONTACTS, LEVELS, NOW)

    assert "the incident: nobody can say how long: a clock went back" in record_text(found)
    assert "closed 2026-11-29T02:00:00Z by ann@db\n" in notice.body(found, there[1])


def test_a_rehearsal_is_a_step_and_no_validation():
    rehearsed = record(*EVENTS[:5])

    assert "rehearsal of post" in part("### Steps", record_text(rehearsed))
    assert rehearsed.validation is None
    assert part("### Integrity", record_text(rehearsed)) == "no phase was run yet"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_people_wrote_is_kept_again_and_again(ending):
    theirs = {
        "### Problems": "the pager was off",
        "### Root cause": "#### Why\n\n- a `cast`\n\n## Not ours",
        "### Prevention": "",
    }
    text = TEXT
    for heading, wrote in theirs.items():
        text = text.replace(f"{heading}\n", f"{heading}\n").replace(
            _place(text, heading), f"{_place(text, heading)}{wrote}\n"
        )
    text = text.replace("\n", ending)

    again = record_text(record(*EVENTS, Event("closed", "closed", text="all well")), text)
    third = record_text(record(), again)

    assert {name: told for name, told in written(third).items() if told} == {
        name: told for name, told in theirs.items() if told
    }
    assert lessons(third) == {"Root cause": theirs["### Root cause"], "Prevention": "", "Improvements": ""}
    assert "closed 2026-11-29T02:20:00Z by ann" in again
    assert not any(map(was_edited, (TEXT, text, again, third)))


def _place(text, heading):
    begin = text.index(f"{heading}\n")
    return text[begin : text.index(MARK, begin) + len(MARK) + 1]


@pytest.mark.parametrize(
    "change", [("- Sales", "- Sales, too"), ("MIG-412", "MIG-1"), (MARK, "", 1), ("<!-- made", "")]
)
def test_a_change_in_what_is_ours_is_noticed(change):
    assert was_edited(TEXT.replace(*change))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_leaves_its_place(text):
    made = record_text(record_all_over(text))
    tokens = MarkdownIt("commonmark").enable("table").parse(made)
    headings = [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]

    assert len(headings) == len(HEADINGS.splitlines())
    assert not [line for line in made.splitlines() if line.startswith("<") and not line.startswith("<!-- ")]
    assert made.isprintable() or not set(made) & set("\x00\x07\x1b\u202e\u2066")
    assert not [
        child
        for token in tokens
        for child in token.children or ()
        if child.type in ("html_inline", "link_open", "image")
    ]


def test_a_long_note_is_told_whole():
    said = part("### Decision timeline", record_text(record(EVENTS[0], Event("note", DECISION, text="word " * 1000))))

    assert said.count("word") == 1000
