"""What to do next, by verdict and phase: commands to paste, or a sentence. Pure."""

import re
import shlex
from collections.abc import Iterator, Sequence

from rollproof.model.names import WORD, sql_name
from rollproof.model.phase import PARTLY, PHASES, Phase
from rollproof.model.printable import one_line
from rollproof.verdict.cause import Cause
from rollproof.verdict.outcome import Report

_KEPT = ("--database-url", "--reference", "--backup-file", "--other-database", "--rollproof-config")
"""The options that the next command needs as well."""
_QUOTED = r'"(?:[^"]|"")*"'
_ALL = "pg_(?:monitor|read_all_data|read_all_stats)"
_RIGHT = (  # what a verification may need, and nothing that lets anybody change anything
    rf"{_ALL}(?:, {_ALL})*|(?:USAGE ON SCHEMA|CONNECT ON DATABASE) {WORD}|SELECT ON (?:SEQUENCE |TABLE )?{WORD}\.{WORD}"
    r"|EXECUTE ON FUNCTION pg_catalog\.pg_control_system\(\)"
)
_MISSING = re.compile(  # a name in quotes is read as a whole: whoever gave it may have written a statement into it
    rf"{_QUOTED}|\b(?P<right>GRANT (?:{_RIGHT}))(?: TO (?P<role>{WORD}))?(?![\w\"])"
    rf"|\bALTER ROLE (?P<hidden_from>{WORD}) BYPASSRLS\b"
)
_ADDRESS = re.compile(r"[^\s/@]+@[^\s/@]+/[^\s/]*")  # of a database, as it is noted down
_SOCKET = re.compile(r"(?P<who>[^@/]*@)?(?P<folder>/.+?)(?::(?P<port>\d+))?/(?P<database>[^/]*)")
_FEW = 3  # grants that are named one by one
_OPEN, _BROKEN, _MISUSE, _NOTHING, _BAD = 7, 3, 4, 5, 1  # exit codes


def next_steps(report: Report, causes: Sequence[Cause]) -> tuple[str, ...]:
    """Return what to do next, the first step first; nothing where the good end is reached."""
    if report.exit_code == _BROKEN:
        return ("report it, with result.json: it is an error of rollproof's own",)
    if report.provenance.subject.is_gone or report.phase not in PHASES:
        return ("mend what is told here, and rehearse again",) if report.exit_code else ()
    return tuple(_in_phase(report, causes, PHASES[report.phase]))


def _in_phase(report: Report, causes: Sequence[Cause], phase: Phase) -> Iterator[str]:
    options = _options(report)
    again = " ".join(["rollproof verify", report.phase, *options])
    if report.exit_code == _BAD:
        yield from _after_bad(report, causes, phase, options, again)
    elif report.exit_code in {_OPEN, _NOTHING}:
        grants = tuple(_grants(report))
        yield from (*grants, again if grants else " ".join(["rollproof doctor", *options]))
    elif report.exit_code == _MISUSE:
        yield from ("correct what ERROR or MISUSE names", again)
    elif report.exit_code:
        yield f"{again} --resume"
    else:
        yield from _after_good(report, phase, options, again)


def _after_bad(
    report: Report, causes: Sequence[Cause], phase: Phase, options: Sequence[str], again: str
) -> Iterator[str]:
    if report.recommendation:
        yield one_line(f"{report.recommendation}")
    elif phase.next_step:
        yield from (f"mend what stands in the way of the {phase.next_step}", again)
    elif unfinished := _unfinished(report):
        yield f"run the rollback to its end; the log of the migration says: {unfinished}"
        yield again
    elif any(root.compared for cause in causes for root in cause.roots):
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


def _after_good(report: Report, phase: Phase, options: Sequence[str], again: str) -> Iterator[str]:
    if report.verdict.startswith(PARTLY):
        yield f"{again}   # all of it: this run was of a part"
    elif report.recommendation:
        yield one_line(f"{report.recommendation}")
    elif phase.next_step:
        order = list(PHASES)
        after = order[order.index(phase.name) + 1]  # they are in the order in which they come
        yield f"the {phase.next_step} may begin; verify it when it is done"
        yield " ".join(["rollproof verify", after, *options])


def _options(report: Report) -> list[str]:
    """Return the options that say which database and reference are meant, as they can be typed again; a password never."""
    typed = (text.partition(" ")[::2] for text in report.provenance.client.options)
    held = report.provenance.reference
    databases = {"--database-url", *(["--reference"] if held.kind == "database" else ())}
    unread = "--reference" if held.kind == "nothing" else ""  # a database that could not be reached is of no kind yet
    return [
        _typed(
            name,
            value,
            is_url=name in databases
            or (name == unread and bool(_ADDRESS.fullmatch(value.strip("'").partition("?")[0]))),
        )
        for name, value in typed
        if name in _KEPT
    ]


def _typed(name: str, quoted: str, *, is_url: bool) -> str:
    """Return an option as a shell takes it, given as it was noted down: a database without the scheme of its URL."""
    try:
        value = " ".join(shlex.split(quoted))
    except ValueError:  # it was cut, or hidden in part
        value = "…"
    value = _url(value) if is_url else value
    told = "…" if re.search(r"\n|\*\*\*|…", value) else shlex.quote(value)
    return f"{name} {told}" if quoted else name


def _url(noted: str) -> str:
    """Return how a database is typed that was noted down as reports call it; "…" where nobody can tell."""
    if "://" in noted:
        return noted
    if noted.startswith("service "):
        return f"service={noted.removeprefix('service ')}"
    address, _, demands = noted.partition("?")
    if found := _SOCKET.fullmatch(address):
        more = (f"host={found['folder']}", f"port={found['port']}" if found["port"] else "", demands)
        return f"postgresql://{found['who'] or ''}/{found['database']}?{'&'.join(filter(None, more))}"
    return "…" if "," in address else f"postgresql://{noted}"


def _grants(report: Report) -> Iterator[str]:
    """Yield what must be granted for all to be decided: each grant where they are few, else the one that covers all.

    The texts hold what a server said, with names that anybody may have given: only our own statements are taken from them, for the
    roles of this run.
    """
    texts = [report.trouble, *(each.reason for each in report.outcomes)]
    texts += [doubt.reason for each in report.outcomes for doubt in each.unknown]
    sides = (report.provenance.subject, report.provenance.reference.source)
    ours = [sql_name(side.role) for side in sides if side.role]
    found = [each for text in texts for each in _MISSING.finditer(text)]
    roles = [role for each in found if (role := each["role"] or each["hidden_from"])]
    known = ours or roles[:1] or [sql_name("…")]
    missing = dict.fromkeys((each["right"], each["role"] or known[0]) for each in found if each["right"])
    grants = [(right, role) for right, role in missing if role in known]
    if sum(right.startswith("GRANT SELECT") for right, _ in grants) > _FEW:
        covered = [each for each in grants if each[0].startswith(("GRANT SELECT", "GRANT USAGE"))]
        all_data = [("GRANT pg_read_all_data", role) for _, role in covered]
        grants = list(dict.fromkeys([*all_data, *(each for each in grants if each not in covered)]))
    yield from (one_line(f"{right} TO {role};") for right, role in grants)
    hidden = dict.fromkeys(each["hidden_from"] for each in found if each["hidden_from"] in known)
    yield from (one_line(f"ALTER ROLE {role} BYPASSRLS;") for role in hidden)
