"""A run of the past in short, as `rollproof report` lists it: read from its result.json, rehearsal.json or fleet.json."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.phase import PARTLY
from rollproof.model.timestamps import read as moment
from rollproof.model.timestamps import shown
from rollproof.report.json import FORMAT
from rollproof.report.stored import READ, read
from rollproof.verdict.outcome import Report
from rollproof.verdict.overview import overview

_DECIDED = (0, 1, None)  # exit codes; None: nobody wrote it down
FIRST_FORMAT = 1
REHEARSAL_FORMAT = 1
FLEET_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A run: its `name` in runs/, where it is, when it `ended` (as the name says, else the run itself), and what it came to.

    `kind` is a verification, a rehearsal, a drill's record of which no run is kept, or unknown. `age` is the reference's, `took`
    how long the run took, both in seconds. `causes` and `consequences` are None where nobody counted them. `problem` says why it
    cannot be read; then only its name tells of a verdict. `is_part`: only a part of its phase was run. `unread` is how many tables
    were not read, for nobody wrote to them.
    """

    name: str
    path: str
    kind: Literal["verification", "rehearsal", "fleet", "drill", "unknown"] = "unknown"
    ended: str = ""
    phase: str = ""
    verdict: str = ""
    exit_code: int | None = None
    database: str = ""
    reference: str = ""
    age: float | None = None
    took: float | None = None
    causes: int | None = None
    consequences: int | None = None
    warnings: int | None = None
    is_part: bool = False
    is_drill: bool = False
    unread: int = 0
    problem: str = ""

    @property
    def is_comparable(self) -> bool:
        """Whether its number of causes says something beside another run's: all was asked, and decided."""
        return not self.is_part and self.is_decided

    @property
    def is_decided(self) -> bool:
        """Whether its exit code says that all that it asked was decided, or nobody wrote one down."""
        return self.exit_code in _DECIDED

    @property
    def subject(self) -> tuple[str, str]:
        """What a run before it must be about, so that the two can be compared: the phase and the database."""
        return self.phase or self.kind, self.database


class _Cause(msgspec.Struct):
    heals: bool = False
    consequences: tuple[object, ...] = ()


_MOST = 1e10  # seconds, more than 300 years: no run took so long, and no line has room for more
_Took = Annotated[float, msgspec.Meta(ge=0, le=_MOST)]


class _Age(msgspec.Struct):
    seconds: Annotated[float, msgspec.Meta(ge=-_MOST, le=_MOST)] | None = None


class _Reference(msgspec.Struct):
    age: _Age | None = None


class _Client(msgspec.Struct):
    ended: str = ""


class _Provenance(msgspec.Struct):
    reference: _Reference | None = None
    client: _Client | None = None


class _Selected(msgspec.Struct):
    ran: int = 0
    cases: int = 0


class _Head(msgspec.Struct):
    """The fields of result.json that every format had, and of format 3 its causes."""

    format: int
    verdict: str
    exit_code: int | None = None
    subject: str = ""
    reference: str = ""
    phase: str = ""
    seconds: _Took | None = None
    provenance: _Provenance | None = None
    selection: _Selected | None = None
    causes: tuple[_Cause, ...] | None = None
    unread: int = 0


class _Root(msgspec.Struct):
    check: str
    subject: str
    following: tuple[object, ...] = ()


class _Stage(msgspec.Struct):
    roots: tuple[_Root, ...] = ()


class _Rehearsal(msgspec.Struct):
    source: str = ""
    seconds: _Took = 0.0
    stages: tuple[_Stage, ...] = ()
    crashes: tuple[_Stage, ...] = ()


class _Rehearsals(msgspec.Struct):
    format: int
    verdict: str
    exit_code: int | None = None
    rehearsals: tuple[_Rehearsal, ...] = ()


class _Group(msgspec.Struct):
    exit_code: int


class _Fleet(msgspec.Struct):
    format: int
    verdict: str
    exit_code: int
    phase: str = ""
    asked: str = ""
    seconds: _Took = 0.0
    groups: tuple[_Group, ...] = ()


def verification(content: bytes, at: Kept) -> Kept:
    """Return the run whose result.json this is; `at` tells its name, its path and when it ended."""
    try:
        head = msgspec.json.decode(content, type=_Head)
        counts = _counts(head, content)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, Misuse) as error:
        return replace(at, problem=f"its result.json is not whole: {error}")
    if not FIRST_FORMAT <= head.format <= FORMAT:
        return replace(at, problem=f"its result.json has format {head.format}, and this rollproof reads up to {FORMAT}")
    return replace(_headed(at, head), causes=counts[0], consequences=counts[1], warnings=counts[2])


def _headed(at: Kept, head: _Head) -> Kept:
    return replace(
        at,
        kind="verification",
        ended=at.ended or _ended(head),
        phase=head.phase,
        verdict=head.verdict,
        exit_code=head.exit_code,
        database=head.subject,
        reference=head.reference,
        age=_age(head),
        took=head.seconds,
        is_part=bool(head.selection and head.selection.ran < head.selection.cases),
        unread=head.unread,
    )


def _age(head: _Head) -> float | None:
    aged = head.provenance and head.provenance.reference and head.provenance.reference.age
    return aged.seconds if aged else None


def _ended(head: _Head) -> str:
    """Return when the run says that it ended, for a folder that somebody gave another name; "" for what is no time."""
    said = head.provenance.client.ended if head.provenance and head.provenance.client else ""
    return shown(said) if moment(said) else ""


def _counts(head: _Head, content: bytes) -> tuple[int | None, int | None, int | None]:
    """Return how many causes, consequences and warnings there are, as the report itself counts them."""
    if head.causes is not None:
        bad = [each for each in head.causes if not each.heals]
        return len(bad), sum(len(each.consequences) for each in bad), len(head.causes) - len(bad)
    if head.format not in READ:
        return None, None, None  # format 1 had a text for each case, and no findings
    return _of_report(read(content))


def _of_report(report: Report) -> tuple[int, int, int]:
    seen = overview(report)
    return len(seen.causes), seen.consequences, len(seen.warnings)


def rehearsal(content: bytes, at: Kept) -> Kept:
    """Return the rehearsal whose rehearsal.json this is, likewise; differences that several stages found count once."""
    try:
        head = msgspec.json.decode(content, type=_Rehearsals)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return replace(at, problem=f"its rehearsal.json is not whole: {error}")
    if head.format != REHEARSAL_FORMAT:
        return replace(at, problem=f"its rehearsal.json has format {head.format}, which this rollproof does not read")
    roots = _roots(head.rehearsals)
    return replace(
        at,
        kind="rehearsal",
        phase="rehearsal",
        verdict=head.verdict,
        exit_code=head.exit_code,
        database=", ".join(dict.fromkeys(each.source for each in head.rehearsals)),
        took=sum(each.seconds for each in head.rehearsals),
        causes=len(roots),
        consequences=sum(roots.values()),
    )


def fleet(content: bytes, at: Kept) -> Kept:
    """Return the verification of many databases whose fleet.json this is, likewise; its causes are groups of alike targets."""
    try:
        head = msgspec.json.decode(content, type=_Fleet)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return replace(at, problem=f"its fleet.json is not whole: {error}")
    if head.format != FLEET_FORMAT:
        return replace(at, problem=f"its fleet.json has format {head.format}, which this rollproof does not read")
    return replace(
        at,
        kind="fleet",
        phase=head.phase,
        verdict=head.verdict,
        exit_code=head.exit_code,
        database=head.asked,
        took=head.seconds,
        causes=sum(bool(each.exit_code) for each in head.groups),
        is_part=head.verdict.startswith(PARTLY),
    )


def _roots(rehearsals: Sequence[_Rehearsal]) -> dict[tuple[str, str], int]:
    """Return each root, and how many differences follow from it at most: a later stage may have looked at less."""
    found: dict[tuple[str, str], int] = {}
    for stage in (stage for one in rehearsals for stage in (*one.stages, *one.crashes)):
        for root in stage.roots:
            key = (root.check, root.subject)
            found[key] = max(found.get(key, 0), len(root.following))
    return found
