"""junit.xml, and what other reports in JUnit's format are made of: suites of cases, as values.

It holds to what Jenkins and Ant take, but for the properties and the output of a case, which pytest writes too and both read over.
GitLab shows a case by `classname` and `name`, and the text inside `failure`, `error` and `skipped`; Jenkins their `message` too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rollproof.model.command_run import CommandRun
from rollproof.model.names import EVERYTHING_ELSE
from rollproof.model.plain_text import plain_text
from rollproof.model.printable import harmless, one_line
from rollproof.verdict.outcome import Kind, Outcome, Report, is_own

BAD: dict[Kind, tuple[str, str]] = {
    "not restored": ("failure", "NotRestored"),
    "broken": ("error", "Broken"),
    "misuse": ("error", "Misuse"),
    "inconclusive": ("error", "Inconclusive"),
    "not checked": ("skipped", "NotChecked"),
}
"""JUnit's element for a case that is not good, and its `type`."""
_NO_TABLE = frozenset({"", EVERYTHING_ELSE, "the rest"})  # the last one in reports of rollproof 0.2
_OF_NO_TABLE = frozenset(
    {"commands", "endpoint_answers", "endpoint_latency", "endpoint_values", "endpoints", "services"}
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_KINDS = ("failure", "error", "skipped")

Properties = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Case:
    """One test case: `kind` is JUnit's element for a bad one, "" for a good one; `output` is what is to be known of it anyhow."""

    group: str
    name: str
    seconds: float = 0.0
    kind: str = ""
    type: str = ""
    message: str = ""
    text: str = ""
    output: str = ""
    properties: Properties = ()


@dataclass(frozen=True)
class Suite:
    """Test cases with what is known of all of them; `started` begins with a time of day in UTC as ISO 8601 has it."""

    name: str
    cases: tuple[Case, ...]
    properties: Properties = ()
    started: str = ""
    host: str = ""
    output: str = ""


def result(report: Report) -> bytes:
    """Return the report as JUnit's XML: a suite for its own cases, and one for each command that reported some."""
    return document([suite(report), *(_of_command(run, report) for run in report.commands if run.cases)])


def _of_command(run: CommandRun, report: Report) -> Suite:
    cases = tuple(
        Case(
            each.group,
            each.name,
            each.seconds,
            "" if each.kind == "passed" else each.kind,
            each.kind.title(),
            next(iter((each.message or each.text).splitlines()), ""),
            each.text or each.message,
        )
        for each in run.cases
    )
    return Suite(run.name, cases, (("rollproof.command", run.name),), report.started, report.provenance.client.host)


def suite(report: Report) -> Suite:
    """Return a case for each outcome; if none of them is bad and the run is not good, one more, which says why."""
    cases = tuple(_case(each, report) for each in report.outcomes)
    good = report.exit_code == 0 or any(each.kind in ("failure", "error") for each in cases)
    told = "\n".join(f"{word.lower()} {text}" for word, text in report.provenance.head)
    said = f"{report.verdict}: {report.sentence}"
    return Suite(
        " ".join(filter(None, ["rollproof", report.phase, report.provenance.subject.database or report.subject])),
        cases if good else (*cases, _verdict(report)),
        tuple((f"rollproof.{name}", value) for name, value in _known(report)),
        report.started,
        report.provenance.client.host,
        f"{said}\n{told}\n",
    )


def _known(report: Report) -> Iterator[tuple[str, str]]:
    for name in ("verdict", "subject", "reference", "phase", "selection"):
        yield name, str(getattr(report, name))
    yield from (("not_configured", str(feature)) for feature in report.not_configured)
    yield from report.provenance.details


def _verdict(report: Report) -> Case:
    text = "\n".join(filter(None, [report.sentence, report.trouble]))
    word = "".join(report.verdict.title().split())
    return Case("rollproof", "verdict", 0.0, "error", word, report.sentence, text)


def _case(outcome: Outcome, report: Report) -> Case:
    kind, word = BAD.get(outcome.kind, ("", ""))
    text = plain_text(outcome)
    advice = report.advice.get(outcome.check, "") if kind == "failure" else ""
    group, name = _names(outcome)
    return Case(
        group,
        f"{name} [{outcome.parameter}]" if outcome.parameter else name,
        outcome.seconds,
        kind,
        word,
        headline(outcome, text),
        f"{text}\n{advice}".strip() or outcome.kind,
        "" if kind else text,
        tuple(_properties(outcome, text)),
    )


def _names(outcome: Outcome) -> tuple[str, str]:
    """Return the class and the name of a case as pytest has them; of a check of ours the name is that of the check alone."""
    if not is_own(outcome.check):
        return f"checks.test_{outcome.check}", outcome.check
    file, *path = outcome.check.split("::")
    *classes, name = path or [file]
    return ".".join([file.removesuffix(".py").replace("/", "."), *classes]), name


def _properties(outcome: Outcome, text: str) -> Iterator[tuple[str, str]]:
    yield "rollproof.check", outcome.check
    if not is_own(outcome.check) and outcome.check not in _OF_NO_TABLE and outcome.parameter not in _NO_TABLE:
        yield "rollproof.table", outcome.parameter
    yield "rollproof.severity", outcome.severity
    if outcome.kind == "warning":
        yield "rollproof.warning", text
    yield from outcome.properties.items()


def headline(outcome: Outcome, text: str) -> str:
    """Return the first finding, roots before what follows from them, and how many more there are; else the text's first line."""
    findings = sorted(outcome.findings, key=lambda each: (each.heals, each.follows_from is not None))
    if not findings:
        return next(iter(text.splitlines()), "")
    more = f", and {len(findings) - 1:,} more" if len(findings) > 1 else ""
    return one_line(findings[0].sentence) + more


def document(suites: Iterable[Suite]) -> bytes:
    """Return JUnit's XML of some suites."""
    whole = Element("testsuites")
    for number, each in enumerate(suites):
        _add(whole, number, each)
    indent(whole)
    return tostring(whole, encoding="unicode", xml_declaration=False).encode("utf-8", "backslashreplace") + b"\n"


def _add(whole: Element, number: int, suite: Suite) -> None:
    kinds = [case.kind for case in suite.cases]
    counts = zip(("failures", "errors", "skipped"), map(kinds.count, _KINDS), strict=True)
    told = {
        "name": _line(suite.name) or "rollproof",
        "package": "rollproof",
        "id": str(number),
        "tests": str(len(kinds)),
    }
    told |= {word: str(count) for word, count in counts}
    told |= {"time": f"{sum(case.seconds for case in suite.cases):.3f}", "hostname": _line(suite.host) or "localhost"}
    told |= {"timestamp": found[0]} if (found := _INSTANT.match(suite.started)) else {}
    made = SubElement(whole, "testsuite", told)
    _tell(made, suite.properties)
    met: Counter[tuple[str, str]] = Counter()
    for case in suite.cases:
        met[case.group, case.name] += 1
        _add_case(made, case, met[case.group, case.name])
    SubElement(made, "system-out").text = harmless(suite.output)
    SubElement(made, "system-err")


def _add_case(suite: Element, case: Case, time: int) -> None:
    """Add the case, which is of this name for the `time`-th time: of those of one name GitLab reads only the first."""
    name = case.name if time == 1 else f"{case.name} ({time})"
    told = {"classname": _line(case.group), "name": _line(name), "time": f"{case.seconds:.3f}"}
    made = SubElement(suite, "testcase", told)
    if case.properties:
        _tell(made, case.properties)
    if case.kind:
        SubElement(made, case.kind, type=case.type, message=_line(case.message)).text = harmless(case.text)
    if case.output:
        SubElement(made, "system-out").text = harmless(case.output)


def _tell(parent: Element, properties: Properties) -> None:
    made = SubElement(parent, "properties")
    for name, value in properties:
        SubElement(made, "property", name=_line(name), value=_line(value))


def _line(text: str) -> str:
    return harmless(one_line(text))


RENDERS = ("junit.xml", result)
