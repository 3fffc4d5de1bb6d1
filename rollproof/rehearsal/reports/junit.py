"""rehearsal.xml: JUnit's format, a case for each stage and each place where the connection was cut; and junit.xml of one run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from rollproof.model.plain_text import plain_text
from rollproof.model.printable import harmless, one_line
from rollproof.rehearsal.record import Word
from rollproof.rehearsal.reports.told import Told, ToldCrash, ToldRehearsal, ToldRoot, ToldStage
from rollproof.verdict.outcome import Outcome, Report

_KINDS = {
    "not restored": "failure",
    "broken": "error",
    "misuse": "error",
    "inconclusive": "error",
    "not checked": "skipped",
}
_WORDS: dict[Word, str] = {"bad": "failure", "undecided": "error", "irreversible": "skipped"}


@dataclass(frozen=True)
class Case:
    """One test case: `kind` is JUnit's element for a bad one, "" for a good one."""

    group: str
    name: str
    seconds: float = 0.0
    kind: str = ""
    message: str = ""
    text: str = ""


def result(told: Told) -> bytes:
    """Return the rehearsals, a suite for each server."""
    whole = Element("testsuites", name="rollproof rehearse")
    for one in told.rehearsals:
        known = {"verdict": one.verdict, "sentence": one.sentence, "source": one.source, "tool": one.tool}
        known |= {"server": one.server, "postgresql": one.postgresql, "rollback_seconds": f"{one.rollback_seconds:.3f}"}
        known |= {f"left_out.{place}": text for place, text in enumerate(one.left_out, 1)}
        cases = [*(_stage(one, stage) for stage in one.stages), *(_crash(one, crash) for crash in one.crashes)]
        _suite(whole, f"rehearsal on {one.server}", cases, known, one.started)
    return _text(whole)


def of_run(report: Report) -> bytes:
    """Return the run of all checks that decided a rehearsal, as pytest would write it."""
    known = {"verdict": report.verdict, "subject": report.subject, "reference": report.reference, "phase": report.phase}
    known |= {"selection": str(report.selection), **dict(report.provenance.details)}
    whole = Element("testsuites", name="rollproof")
    _suite(whole, report.phase, [_outcome(each) for each in report.outcomes], known, report.started)
    return _text(whole)


def _stage(one: ToldRehearsal, stage: ToldStage) -> Case:
    first = (stage.sentence.splitlines() or [""])[0]
    text = "\n".join([stage.sentence, *_lines(stage.roots)])
    return Case(f"rehearsal.{one.server}", stage.title, stage.seconds, _WORDS.get(stage.word, ""), first, text)


def _crash(one: ToldRehearsal, crash: ToldCrash) -> Case:
    text = "\n".join(filter(None, [crash.text, crash.left, crash.trouble, crash.warning, *_lines(crash.roots)]))
    told = crash.trouble or "the rollback does not bring the database back from here"
    kind = "" if crash.is_good else "failure"
    return Case(f"rehearsal.{one.server}.crash", crash.title, 0.0, kind, (told.splitlines() or [""])[0], text)


def _lines(roots: Iterable[ToldRoot]) -> Iterable[str]:
    for root in roots:
        yield f"- {root.check}: {root.sentence}"
        yield from (f"  {each}" for each in (root.origin,) if each)
        yield from (
            f"  {word} {each}" for word, each in (("before", root.before), ("after", root.after)) if each is not None
        )
        yield from (f"  to mend it: {each}" for each in root.mends)
        yield from (f"  - {each.check}: {each.sentence}" for each in root.following)


def _outcome(outcome: Outcome) -> Case:
    name = f"test_{outcome.check}[{outcome.parameter}]" if outcome.parameter else f"test_{outcome.check}"
    text = plain_text(outcome)
    kind = _KINDS.get(outcome.kind, "")
    return Case(
        f"checks.test_{outcome.check}", name, outcome.seconds, kind, (text.splitlines() or [outcome.kind])[0], text
    )


def _suite(whole: Element, name: str, cases: list[Case], known: Mapping[str, str], started: str) -> None:
    kinds = [case.kind for case in cases]
    counts = {"tests": len(cases), "failures": kinds.count("failure"), "errors": kinds.count("error")}
    counts["skipped"] = kinds.count("skipped")
    told = {word: str(number) for word, number in counts.items()}
    told |= {"name": _line(name), "time": f"{sum(case.seconds for case in cases):.3f}", "timestamp": _line(started)}
    suite = SubElement(whole, "testsuite", told)
    properties = SubElement(suite, "properties")
    for word, text in known.items():
        SubElement(properties, "property", name=f"rollproof.{word}", value=_line(text))
    for case in cases:
        one = SubElement(
            suite, "testcase", classname=_line(case.group), name=_line(case.name), time=f"{case.seconds:.3f}"
        )
        if case.kind:
            SubElement(one, case.kind, message=_line(case.message)).text = harmless(case.text)
        elif case.text:
            SubElement(one, "system-out").text = harmless(case.text)


def _line(text: str) -> str:
    return harmless(one_line(text))


def _text(whole: Element) -> bytes:
    indent(whole)
    return tostring(whole, encoding="unicode", xml_declaration=False).encode("utf-8", "backslashreplace")


RENDERS = ("rehearsal.xml", result)
