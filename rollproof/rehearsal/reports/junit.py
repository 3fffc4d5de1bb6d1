"""rehearsal.xml: JUnit's format, a case for each stage and each place where the connection was cut."""

from collections.abc import Iterable
from dataclasses import replace

from rollproof.rehearsal.record import Word
from rollproof.rehearsal.reports.doors_text import doors_lines
from rollproof.rehearsal.reports.told import Told, ToldCrash, ToldRehearsal, ToldRoot, ToldStage
from rollproof.report.junit import Case, Suite, document

_WORDS: dict[Word, tuple[str, str]] = {
    "bad": ("failure", "NotRestored"),
    "undecided": ("error", "Inconclusive"),
    "irreversible": ("skipped", "Irreversible"),
}

_WIDE = 1_000  # columns: whoever reads XML wraps lines by himself


def result(told: Told) -> bytes:
    """Return the rehearsals, a suite for each server."""
    return document([_suite(one) for one in told.rehearsals])


def _suite(one: ToldRehearsal) -> Suite:
    known = {"verdict": one.verdict, "sentence": one.sentence, "source": one.source, "tool": one.tool}
    known |= {"server": one.server, "postgresql": one.postgresql, "rollback_seconds": f"{one.rollback_seconds:.3f}"}
    known |= {f"left_out.{place}": text for place, text in enumerate(one.left_out, 1)}
    return Suite(
        f"rollproof rehearse {one.server}",
        (*(_stage(one, stage) for stage in one.stages), *(_crash(one, crash) for crash in one.crashes)),
        tuple((f"rollproof.{word}", text) for word, text in known.items()),
        one.started,
        output=f"{one.verdict}: {one.sentence}\n",
    )


def _stage(one: ToldRehearsal, stage: ToldStage) -> Case:
    doors = doors_lines(stage.doors, _WIDE, None) if stage.doors else ()
    text = "\n".join([stage.sentence, *doors, *_lines(stage.roots)])
    good = Case(f"rehearsal.{one.server}", stage.title, stage.seconds, output=text)
    return _worse(good, _WORDS.get(stage.word), stage.sentence)


def _crash(one: ToldRehearsal, crash: ToldCrash) -> Case:
    text = "\n".join(filter(None, [crash.text, crash.left, crash.trouble, crash.warning, *_lines(crash.roots)]))
    told = crash.trouble or "the rollback does not bring the database back from here"
    return _worse(
        Case(f"rehearsal.{one.server}.crash", crash.title, output=text), None if crash.is_good else _WORDS["bad"], told
    )


def _worse(good: Case, kind: tuple[str, str] | None, told: str) -> Case:
    """Return the case as one of this kind, if there is one: what it put out says why."""
    if kind is None:
        return good
    first = next(iter(told.splitlines()), "")
    return replace(good, kind=kind[0], type=kind[1], message=first, text=good.output, output="")


def _lines(roots: Iterable[ToldRoot]) -> Iterable[str]:
    for root in roots:
        yield f"- {root.check}: {root.sentence}"
        yield from (f"  {each}" for each in (root.origin,) if each)
        yield from (
            f"  {word} {each}" for word, each in (("before", root.before), ("after", root.after)) if each is not None
        )
        yield from (f"  to mend it: {each}" for each in root.mends)
        yield from (f"  - {each.check}: {each.sentence}" for each in root.following)


RENDERS = ("rehearsal.xml", result)
