"""From what took place to what the reports say of it: a verdict, a sentence, what to do, and differences collapsed."""

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from rollproof.model.amounts import counted
from rollproof.model.finding import Statement
from rollproof.model.phase import PARTLY
from rollproof.model.redaction import hidden
from rollproof.model.timestamps import shown
from rollproof.rehearsal.crash_point import CrashPoint
from rollproof.rehearsal.doors.constants import without_constants, without_constants_of
from rollproof.rehearsal.doors.door import Answer, Door, Doors
from rollproof.rehearsal.doors.statement import Statement as DoorStatement
from rollproof.rehearsal.process import Ran
from rollproof.rehearsal.proxy.sent import Sent
from rollproof.rehearsal.record import Rehearsed, Stage
from rollproof.rehearsal.reports.roots import found, mending, roots
from rollproof.rehearsal.reports.told import Told, ToldCrash, ToldRehearsal, ToldStage, ToldStatement
from rollproof.rehearsal.reports.told_doors import ToldAnswer, ToldCommand, ToldCorner, ToldDoor, ToldDoors

STATEMENTS = 1_000
"""How many of a stage's statements are told, the longest."""
NAMED = 5
"""How many further revisions that are bad are named in the sentence; the tables have all."""
TEXT = 2_000
"""Letters of a statement that are told."""
_PRECEDENCE = (1, 7, 0)


def told(rehearsals: Sequence[Rehearsed], folder: Path, hide: Callable[[str], str]) -> Told:
    """Return what is said of rehearsals on one server or several; files are told as seen from the `folder`, secrets not at all."""
    each = tuple(hidden(_rehearsal(one, folder), hide) for one in rehearsals)
    code = next((code for code in _PRECEDENCE if any(one.exit_code == code for one in each)), 7)
    worst = next((one for one in each if one.exit_code == code and (code or one.tone == "part")), each[0])
    alike = sum(one.verdict == worst.verdict for one in each)
    few = f", on {worst.server}" if alike == 1 else f", on {alike} of {len(each)} servers"
    where = f", on all {alike} servers" if alike == len(each) else few
    sentence = worst.sentence if len(each) == 1 else f"{worst.sentence}{where}"
    return Told(worst.verdict, sentence, worst.advice, code, version("rollproof"), each)


def _rehearsal(one: Rehearsed, folder: Path) -> ToldRehearsal:
    mends = mending(one)
    stages = tuple(_stage(stage, mends, folder) for stage in one.stages)
    crashes = tuple(_crash(each, mends, folder) for each in one.crashes)
    return ToldRehearsal(
        one.verdict,
        _sentence(one, stages, crashes),
        _advice(one),
        one.exit_code,
        one.source,
        one.tool,
        one.server,
        one.version,
        shown(one.started),
        one.seconds,
        one.rollback_seconds,
        stages,
        crashes,
        tuple(dict.fromkeys(one.parts)),
        tuple(dict.fromkeys(one.notes)),
    )


def _stage(stage: Stage, mends: Iterable[Statement], folder: Path) -> ToldStage:
    mends = mends if stage.word == "bad" else ()  # what a migration is meant to change needs no mending
    return ToldStage(
        stage.name,
        stage.revision,
        stage.word,
        stage.sentence,
        stage.began,
        stage.seconds,
        tuple(map(_command, stage.ran)),
        len(stage.sent),
        _longest(stage.sent),
        stage.figures,
        stage.forecasts,
        roots(found(stage), stage.origins, mends, folder) if stage.word != "good" else (),
        _doors(stage.doors) if stage.doors else None,
    )


def _command(ran: Ran) -> ToldCommand:
    return ToldCommand(ran.command, ran.code, ran.seconds, ran.trouble, ran.said, ran.notes)


def _doors(doors: Doors) -> ToldDoors:
    corners = (
        ToldCorner(
            each.application,
            each.schema,
            each.word,
            each.sentence,
            each.name in doors.required,
            tuple(map(_command, each.ran)),
        )
        for each in doors.corners
    )
    return ToldDoors(tuple(corners), tuple(map(_door, doors.doors)), doors.notes)


def _door(door: Door) -> ToldDoor:
    known, old, new = door.statement, _answer(door.statement, door.on_old), _answer(door.statement, door.on_new)
    text = without_constants(known.text) if known.is_recorded else known.text
    return ToldDoor(door.application, _cut(text), known.where, known.role, known.calls, old, new)


def _answer(known: DoorStatement, answer: Answer) -> ToldAnswer:
    sentence = without_constants_of(known.text, answer.sentence) if known.is_recorded else answer.sentence
    return ToldAnswer(answer.word, sentence)


def _longest(sent: Sequence[Sent]) -> tuple[ToldStatement, ...]:
    kept = sorted(sent, key=lambda each: -(each.seconds or 0))[:STATEMENTS]
    ordered = sorted(kept, key=lambda each: each.number)
    return tuple(
        ToldStatement(each.number, _cut(each.text), each.began, each.seconds, each.tag, each.error) for each in ordered
    )


def _cut(text: str) -> str:
    return text if len(text) <= TEXT else f"{text[:TEXT]}…"


def _crash(crash: CrashPoint, mends: Iterable[Statement], folder: Path) -> ToldCrash:
    left = roots(crash.findings, {}, mends, folder)
    return ToldCrash(
        crash.of,
        crash.cut.number,
        crash.cut.how,
        _cut(crash.text),
        crash.left,
        crash.codes,
        crash.seconds,
        crash.trouble,
        crash.warning,
        left,
    )


def _sentence(one: Rehearsed, stages: Sequence[ToldStage], crashes: Sequence[ToldCrash]) -> str:
    if one.exit_code == 0:
        return _good(one)
    worst = one.worst
    if worst is None and one.exit_code == 1:
        bad = len(one.lost)
        return f"cut at {bad} of {counted(len(crashes), 'place')}, the rollback does not bring the database back"
    if worst is None:
        why = "there is no way back, says the tool" if one.irreversible else "nothing was rolled back and compared"
        return f"{why}, so nothing is proved"
    stage = stages[one.stages.index(worst)]
    if one.is_above_the_limit or one.is_door_closed:
        return f"the rollback put the database back, but {stage.sentence}"
    if stage.differences and worst.compared:
        of = f" of revision {stage.revision}" if stage.revision else ""
        again = ", when it was run a second time," if stage.name == "roll back again" else ""
        left = f"the rollback{of}{again} left {counted(stage.differences, 'difference')}"
        others = [each for each in _bad_revisions(stages) if stage.revision not in {"", each}]
        return f"{left}; that of {', '.join(others[:NAMED])}{_more(len(others))} is bad, too" if others else left
    return f"{stage.title}: {(stage.sentence.splitlines() or ['?'])[0]}"


def _bad_revisions(stages: Sequence[ToldStage]) -> list[str]:
    return list(dict.fromkeys(stage.revision for stage in stages if stage.word == "bad" and stage.revision))


def _more(number: int) -> str:
    return f" and {counted(number - NAMED, 'more revision')}" if number > NAMED else ""


def _good(one: Rehearsed) -> str:
    revisions = len({stage.revision for stage in one.stages if stage.revision})
    of = f" of each of {revisions:,} revisions" if revisions > 1 else ""
    crashes = f", also from {counted(len(one.crashes), 'place')} where the connection was cut" if one.crashes else ""
    if one.verdict.startswith(PARTLY):
        return f"the rollback{of} put back all that was tried{crashes}; some was left out"
    return f"the rollback{of} put the database back{crashes}"


def _advice(one: Rehearsed) -> str:
    if one.exit_code == 0:
        return "try what was left out before you rely on it" if one.parts else "keep the record: it proves this drill"
    if one.is_above_the_limit:
        return "make it quicker or gentler, or raise the limit if it may cost so much; until then do not count on it in time"
    if one.is_door_closed:
        return "make the migration in steps that both applications live with, or stop the application for as long as it takes"
    return _way_out(one, one.worst)


def _way_out(one: Rehearsed, worst: Stage | None) -> str:
    if worst is None and one.exit_code == 1:
        return "make the rollback bear what each of these statements leaves, or put them into one transaction, and rehearse again"
    if worst is None:
        return "have another way back ready (a backup, a copy), and rehearse that"
    if any(not ran.is_good for ran in worst.ran):
        return "see what the command said, mend it, and rehearse again"
    if found(worst):
        return "mend the rollback so that nothing of this is left, and rehearse again; do not rely on it until then"
    return "see the sentence of that stage, take away what stood in the way, and rehearse again"
