"""Around the rollback: alarms, the record, who is told and called, staging, and the test of the procedure."""

from collections.abc import Iterator
from shlex import quote

from rollproof.report.runbook.document import Part, Prose, Section, Table, boxes, code, points, shell, word
from rollproof.report.runbook.known import Known
from rollproof.report.runbook.typed import rollproof

_RULES = (
    "Alert rules to copy: `deploy/prometheus/rollproof.rules.yml` in rollproof's repository, for the application's error rate, "
    "the database's figures, login success, integrity, and a verification or a rehearsal that is too old."
)


def alarms(known: Known) -> Iterator[Section]:
    """Yield what is watched after the rollback, and by what alerts."""
    told = code(known.metrics_file) if known.metrics_file else "not configured (`metrics_file` in rollproof.toml)"
    yield Section(
        "Monitoring and alarms",
        (
            Prose("After the rollback, the cheap checks again and again; it ends at the first that is red:"),
            shell(rollproof(known, "watch --for 30m --every 30s")),
            points(
                (
                    f"Metrics for node_exporter's textfile collector: {told}.",
                    _RULES,
                )
            ),
        ),
    )


_RECORDED = (
    "Trigger: the issue, the timeline of the decision, the stakeholders.",
    "Execution: the steps, how long each took, what went wrong.",
    "Validation: integrity, application, performance.",
    "Lessons learned: the root cause, how to prevent it, what to improve.",
)
_TOLD = (
    "During: the team knows; the stakeholders know; each action is noted.",
    "After: completion is told, with the results; a post-mortem is held.",
)
_NOTED = ("open 'what happened'", "note 'what was decided, by whom'", "close 'what came of it'")


def record(known: Known) -> Iterator[Section]:
    """Yield how the incident is recorded, and what is told to whom."""
    kept = code(f"{known.report_dir}/record.md")
    entered = f"While an incident is open, all that rollproof does is entered, with duration and verdict: {kept}."
    typed = (rollproof(known, f"incident {each}", reference=False, database=False) for each in _NOTED)
    yield Section("The record", (Prose(entered), shell(*typed), boxes(_RECORDED)))
    yield Section("Communication", (boxes(_TOLD),), level=3)


def people(known: Known) -> Iterator[Section]:
    """Yield the contacts and the escalation."""
    contacts = known.people.contacts
    yield Section("Contacts", (_contacts(known),) if contacts else (Prose(_NO_CONTACTS),))
    yield Section("Escalation", tuple(_escalation(known)), level=3)


_NO_CONTACTS = (
    "None are configured: `[contacts]` in rollproof.toml names database team, developers, operations, who is on call."
)


def _contacts(known: Known) -> Part:
    return Table(("who", "how"), tuple((word(name), word(reached)) for name, reached in known.people.contacts.items()))


def _escalation(known: Known) -> Iterator[Part]:
    levels = known.people.escalation
    if not levels:
        yield Prose("None is configured: `[[escalation]]` says who is called next, and after how many minutes.")
        return
    rows = (
        (str(number), word(level), word(known.people.contacts.get(contact, contact)), f"{minutes:g} min")
        for number, (level, contact, minutes) in enumerate(levels, 1)
    )
    yield Table(("level", "who", "how", "if it is still red after"), tuple(rows))


def tests_of_it(known: Known) -> Iterator[Section]:
    """Yield staging, and the monthly test of the procedure."""
    yield Section(
        "Before the migration: staging",
        (
            Prose(
                "On a copy first: the migration, its rollback, the verification of both, locks and durations measured:"
            ),
            shell(rollproof(known, "rehearse --source DUMP", reference=False, database=False)),
            Prose("Then a dump that was restored and compared, and the baseline, before production is migrated:"),
            shell(
                rollproof(known, f"capture{_output(known)}", reference=False),
                rollproof(known, "verify post_rollback --backup-file DUMP", reference=False),
            ),
        ),
    )
    yield Section("Monthly test", tuple(_monthly(known)))


def _output(known: Known) -> str:
    return f" --output {quote(known.reference)}" if known.reference else ""


def _monthly(known: Known) -> Iterator[Part]:
    if known.max_age:
        yield Prose(
            f"A good rehearsal may be at most {word(known.max_age)} old; this fails if it is older, in CI or by cron:"
        )
    else:
        yield Prose(
            "How old a rehearsal may be is not configured (`max_age` under `[drill]`). This fails if the last good one is older:"
        )
    age = "" if known.max_age else " 30d"
    yield shell(rollproof(known, f"rehearse --max-age{age}", reference=False, database=False))
    yield boxes(
        (
            "The procedure was tested by somebody who did not write it.",
            "What the test taught is in the procedure: each rehearsal writes this runbook anew.",
            "Each person of the escalation knows their part.",
        )
    )
