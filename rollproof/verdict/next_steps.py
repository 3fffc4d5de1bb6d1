"""What to do next, by verdict and phase: commands to paste, or a sentence. Pure."""

import re
import shlex
from collections.abc import Iterator, Sequence

from rollproof.model.names import sql_name
from rollproof.model.phase import PARTLY, PHASES, Phase
from rollproof.model.printable import one_line
from rollproof.verdict.cause import Cause
from rollproof.verdict.outcome import Report

_KEPT = ("--database-url", "--reference", "--backup-file", "--other-database", "--rollproof-config")
"""The options that the next command needs as well."""
_GRANT = re.compile(
    r"GRANT [\w, ]+?(?: ON (?:SCHEMA |SEQUENCE |TABLE )?(?:[^\s;,]+))?(?: TO (?P<role>[^\s;,)]+))?(?=[\s;,)]|\Z)"
)
_HIDDEN = re.compile(r"ALTER ROLE [^\s;,)]+ BYPASSRLS")
_FEW = 3  # grants that are named one by one
_OPEN, _BROKEN, _MISUSE, _NOTHING, _BAD = 7, 3, 4, 5, 1  # exit codes


def next_steps(report: Report, causes: Sequence[Cause]) -> tuple[str, ...]:
    """Return what to do next, the first step first; nothing where the good end is reached."""
    options, phase = _options(report), PHASES.get(report.phase)
    again = " ".join(["rollproof verify", report.phase, *options])
    if report.exit_code == _BAD:
        return tuple(_after_bad(report, causes, phase, options, again))
    if report.exit_code in {_OPEN, _NOTHING}:
        grants = tuple(_grants(report))
        return (*grants, again if grants else " ".join(["rollproof doctor", *options]))
    if report.exit_code == _MISUSE:
        return ("correct what is named above", again)
    if report.exit_code == _BROKEN:
        return ("report it, with result.json: it is an error of rollproof's own",)
    if report.exit_code:
        return (f"{again} --resume",)
    return tuple(_after_good(report, phase, options, again))


def _after_bad(
    report: Report, causes: Sequence[Cause], phase: Phase | None, options: Sequence[str], again: str
) -> Iterator[str]:
    if report.recommendation:
        yield one_line(f"{report.recommendation}")
    elif phase and phase.next_step:
        yield from (f"mend what stands in the way of the {phase.next_step}", again)
    elif unfinished := _unfinished(report):
        yield f"run the rollback again: {unfinished}"
        yield again
    elif phase and any(root.compared for cause in causes for root in cause.roots):
        yield " ".join(["rollproof repair", *options, "> repair.sql"])
        if (left := _as_migrated(report)) > 1 and left == len(report.tables):
            yield f"or run the rollback again: all {left:,} tables are as the migration left them"
    else:
        yield from ("mend what is listed", again)


def _unfinished(report: Report) -> str:
    """Return what the migration's log says of a rollback that did not come to its end; "" if it says nothing of the kind."""
    found = (each for told in report.outcomes if told.check == "migration_log" for each in told.findings)
    return next(
        (one_line(each.sentence) for each in found if each.subject.endswith(": rollback") and not each.heals), ""
    )


def _as_migrated(report: Report) -> int:
    """Return how many tables are as the migration left them, by their types: not in part, and of no third type."""
    found = (each for told in report.outcomes if told.check == "table_states" for each in told.findings)
    return len({each.subject for each in found if (each.actual or "").startswith("migrated:")})


def _after_good(report: Report, phase: Phase | None, options: Sequence[str], again: str) -> Iterator[str]:
    if report.verdict.startswith(PARTLY):
        yield f"{again}   # all of it: this run was of a part"
    elif report.recommendation:
        yield one_line(f"{report.recommendation}")
    elif phase and phase.next_step:
        order = list(PHASES)
        after = order[order.index(phase.name) + 1]  # they are in the order in which they come
        yield f"the {phase.next_step} may begin; verify it when it is done"
        yield " ".join(["rollproof verify", after, *options])


def _options(report: Report) -> list[str]:
    """Return the options that say which database and reference are meant, as they can be typed again; a password never."""
    typed = (text.partition(" ")[::2] for text in report.provenance.client.options)
    databases = {"--database-url", *(["--reference"] if report.provenance.reference.kind == "database" else ())}
    return [_typed(name, value, is_url=name in databases) for name, value in typed if name in _KEPT]


def _typed(name: str, quoted: str, *, is_url: bool) -> str:
    """Return an option as a shell takes it, given as it was noted down: a database without the scheme of its URL."""
    try:
        value = " ".join(shlex.split(quoted))
    except ValueError:  # it was cut, or hidden in part
        value = "…"
    if is_url and "://" not in value:
        value = f"postgresql://{value}"
    told = "…" if re.search(r"\n|\*\*\*|…", value) else shlex.quote(value)
    return f"{name} {told}" if quoted else name


def _grants(report: Report) -> Iterator[str]:
    """Yield what must be granted for all to be decided: each grant where they are few, else the one that covers all."""
    texts = [report.trouble, *(each.reason for each in report.outcomes)]
    texts += [doubt.reason for each in report.outcomes for doubt in each.unknown]
    found = [grant for text in texts for grant in _GRANT.finditer(text)]
    role = next((each["role"] for each in found if each["role"]), None) or sql_name(
        report.provenance.subject.role or "…"
    )
    grants = dict.fromkeys(each[0].partition(" TO ")[0] for each in found)
    if len([each for each in grants if each.startswith("GRANT SELECT")]) > _FEW:
        grants = dict.fromkeys(["GRANT pg_read_all_data", *(each for each in grants if " ON " not in each)])
    yield from (one_line(f"{each} TO {role};") for each in grants)
    yield from dict.fromkeys(one_line(f"{each[0]};") for text in texts for each in _HIDDEN.finditer(text))
