"""One step from what was asked for to two sides that can be compared, and what is known of both before the first check."""

from collections.abc import Callable, Collection, Mapping
from concurrent.futures import wait
from contextlib import ExitStack, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import msgspec

from rollproof.catalog.capture import not_checked
from rollproof.commands.ahead import ahead
from rollproof.commands.provenance import instants, of_baseline, of_database
from rollproof.commands.request import OWN_SERVER, Effective, Request
from rollproof.commands.stopwatch import Stopwatch
from rollproof.commands.suspicion import suspected
from rollproof.commands.verification import Opening, Verification, key_of, recorded
from rollproof.migration.baseline_age import CHECK as AGE
from rollproof.migration.baseline_age import doubts
from rollproof.migration.required_copies import RequiredCopies, required_copies
from rollproof.migration.table_states import types_on_both
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.provenance import NOTHING, DatabaseFacts, ReferenceFacts
from rollproof.probes.endpoints.application import require_askable
from rollproof.probes.recorded import put, require_whole, take_baseline
from rollproof.probes.role_privileges import advice, merged_notes
from rollproof.rows.scan_cache import FILE, ScanCache
from rollproof.rows.suspects import Suspect
from rollproof.server.reader import Target
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.recorded import Recorded
from rollproof.sources.signature import Key
from rollproof.sources.source import CONTENT
from rollproof.system.background import background
from rollproof.verdict.row_evidence import RowEvidence, Wanted


def prepare(request: Request, keep: ExitStack) -> "Prepared":
    """Return both sides, opened; sessions and throw-away servers end with `keep`.

    Raises `Inconclusive` if a database cannot be asked, `Misuse` if the reference is no good, or of something else.
    """
    prepared = planned(request, keep).opened()
    keep.callback(prepared.sides.close)
    return prepared


def planned(request: Request, keep: ExitStack, *, look: bool = False) -> "Plan":
    """Return what is known before the subject is asked: the reference is parsed, and read if it is a baseline.

    Throw-away servers end with `keep`; with `look` there are none, and nothing stands in for anything. Raises as `prepare` does.
    """
    configured = request.configured
    if request.phase.writes_baseline:
        _require_file(configured.reference, request)  # before a dump is restored in vain
    effective, watch = Effective(configured.settings, configured.reference, request.environment), Stopwatch()
    if request.needs_stand_in and not look:
        with watch.time("starting and filling a throw-away server"):
            effective = _stand_in(request, keep)
    settings, reference = effective.settings, effective.reference
    subject = str(Target.parse(settings.database_url or ""))
    if request.baseline:
        return Plan(request, effective, None, request.baseline, None, subject, request.baseline.name)
    key, output = key_of(settings), reference.path if request.phase.writes_baseline else None
    unmade = output or (look and request.rehearse)
    with watch.time("reading the baseline") if reference.kind == "baseline" and not unmade else nullcontext():
        baseline = None if unmade else recorded(reference, allow_empty=settings.allow_empty, key=key)
    return Plan(request, effective, key, baseline, output, subject, effective.name or _shown(reference, request), watch)


def _stand_in(request: Request, keep: ExitStack) -> Effective:
    from rollproof.commands.stand_in import stand_in  # noqa: PLC0415 (most runs need no throw-away server)

    return stand_in(request, keep)


def _require_file(reference: Reference, request: Request) -> None:
    if reference.kind != "baseline":
        raise Misuse(
            "before the migration there is nothing to compare with: --reference names the baseline that is written, not "
            f"{_shown(reference, request)}"
        )


def _shown(reference: Reference, request: Request) -> str:
    return str(Target.parse(reference.where)) if reference.kind == "database" else request.hide(reference.where)


@dataclass(frozen=True)
class Plan:
    """What will be held against what: `subject` and `reference` as reports call them, without a password.

    `output` is the baseline that is to be written, signed with the `key` if there is one; else `baseline` is the reference, if it
    is a file. `watch` takes the time.
    """

    request: Request
    effective: Effective
    key: Key | None
    baseline: Recorded | None
    output: Path | None
    subject: str
    reference: str
    watch: Stopwatch = field(default_factory=Stopwatch)

    @property
    def settings(self) -> Settings:
        """The settings that hold: as configured, but for what stands in for a database or a reference of one's own."""
        return self.effective.settings

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of the endpoints."""
        return self.effective.environment

    @property
    def held(self) -> ReferenceFacts:
        """What is known of the reference as long as nobody asked the subject."""
        return self.held_against(DatabaseFacts()) or replace(NOTHING, where=self.reference)

    def held_against(self, now: DatabaseFacts) -> ReferenceFacts | None:
        """Return what is known of a reference that is a file, or is still to be written; None if it is another."""
        if self.output:
            return ReferenceFacts("nothing", f"nothing yet: this run writes the baseline {self.output}")
        if self.baseline:
            file = self.baseline.seal is not None
            held = of_baseline(self.reference, self.baseline.snapshot.origin, self.baseline.seal, now)
            return held if file else replace(held, path="")
        return None

    def require_endpoints(self) -> None:
        """Raise `Misuse` if an endpoint cannot be asked as it is written: a variable, a certificate, a schema."""
        require_askable(self.settings.endpoints, self.environment)

    def opened(self, *, dumped: bool = False) -> "Prepared":
        """Open both sides; `dumped` says that pg_dump will be asked, so that it begins beside the first questions.

        Raises `Inconclusive` if a database cannot be asked, `Misuse` if the reference is of something else.
        """
        sides = self._opening(dumped=dumped).verification()
        with ExitStack() as unless_whole:
            unless_whole.callback(sides.close)
            now = of_database(sides.after.view, OWN_SERVER if self.request.rehearse else "")
            held = self.held_against(now) or _held(self, sides)
            prepared = Prepared(self, sides, copied_of(self, sides), not_checked(sides.after.view), held, now)
            unless_whole.pop_all()
        return prepared

    def of_clone(self, url: str) -> Verification:
        """Open the same sides, but for the subject, in whose place stands its clone. Raises as `opened` does."""
        settings = msgspec.structs.replace(self.settings, database_url=url, other_database=True)
        effective = replace(self.effective, settings=settings)
        return replace(self, effective=effective, watch=Stopwatch())._opening(dumped=False).verification()  # noqa: SLF001 (a plan like this one)

    def _opening(self, *, dumped: bool) -> Opening:
        return Opening(
            self.settings,
            None if self.output else self.effective.reference,
            self.baseline,
            self.effective.unavailable,
            dumped=dumped and not (self.baseline and self.baseline.unavailable(DUMP)),
            block=self.request.block,
            together=self.request.together,
            deadline=self.request.deadline,
            tell=self.request.tell,
            watch=self.watch,
            named=self.effective.name,
            show=self.request.show,
            keeps=self.output is not None,
        )


def copied_of(plan: Plan, sides: Verification) -> RequiredCopies | None:
    """Return whose copies are looked at; None if no backup is known or promised."""
    if plan.output or not (sides.copies.tables or plan.settings.backup):
        return None
    return required_copies(
        sides.before, types_on_both(sides.before, sides.after, sides.copies), sides.copies, plan.settings
    )


def _held(plan: Plan, sides: Verification) -> ReferenceFacts:
    if len(sides.views) == 1:
        schema = sides.copies.schema
        return ReferenceFacts("copies", f"the migration's own copies, in schema {schema} of this database")
    kind, note = ("dump", f"restored on {OWN_SERVER}") if _is_dump(plan) else ("database", "")
    return ReferenceFacts(kind, plan.reference, source=of_database(sides.views[1], note))


def _is_dump(plan: Plan) -> bool:
    return plan.request.configured.reference.kind == "dump"


@dataclass(frozen=True)
class Prepared:
    """Both `sides`, opened, and what the subject is `held` against.

    `copied` says whose copies are looked at, as far as a backup is known or promised; `not_compared` is what no check ever looks
    at, with the reason.
    """

    plan: Plan
    sides: Verification
    copied: RequiredCopies | None
    not_compared: tuple[str, ...]
    held: ReferenceFacts
    _first: DatabaseFacts  # at the first instant

    @property
    def any_table(self) -> bool:
        """Whether the reference has a table at all."""
        return bool(self.sides.before.tables)

    @property
    def subject(self) -> DatabaseFacts:
        """What the subject said of itself, and at which instants it was read until now; another may follow."""
        return replace(self._first, instants=instants(self.sides.after.view))

    @cached_property
    def suspects(self) -> Mapping[str, Suspect]:
        """The tables that are read first, and why; a question to the server, when it is first asked."""
        return suspected(self.sides, self.plan.settings)

    def _read_first(self, checks: Collection[str]) -> Mapping[str, Suspect]:
        return self.suspects if any(check in checks for check in CONTENT) else {}

    def resumable(self) -> ScanCache | None:
        """Return the cache in which fingerprints are kept from now on; with `--resume` what it has is not read again.

        To be called before `begin`. None: another run is at work in the same place. Raises `Misuse` if the file is no good.
        """
        file = self.plan.request.place(FILE)
        if file.name != FILE:
            return None
        cache = ScanCache(file, resume=self.plan.settings.resume)
        self.sides.keep_in(cache)
        return cache

    def ahead(self, checks: Collection[str]) -> None:
        """Begin what these checks will have to wait for, and wait for it."""
        advice = background(lambda: self._advice)
        ahead(self.sides, checks, self._read_first(checks))
        wait([advice])

    def begin(self, checks: Collection[str]) -> RowEvidence:
        """Begin what these checks will have to wait for; return what tells which rows differ.

        Raises `Misuse` if the evidence file cannot be written.
        """
        settings = self.plan.settings
        file = Path(settings.evidence_file) if settings.evidence_file else None
        wanted = Wanted(settings.evidence, file, settings.show_values, settings.growing)
        evidence = RowEvidence(self.sides.before, self.sides.after, self.sides.copies, wanted)
        self.sides.begin(checks, self._read_first(checks))
        return evidence

    def write_baseline(self, say: Callable[[str], object]) -> ReferenceFacts:
        """Take the baseline, write it and return what is known of it. Raises as `take_baseline`, `require_whole` and `put` do."""
        plan, after = self.plan, self.sides.after
        if plan.output is None:
            raise Misuse(f"the phase {plan.request.phase} writes no baseline")
        whole = take_baseline(after, plan.settings, plan.environment)
        require_whole(whole)
        seal = put(whole, plan.output, say, plan.key)
        return of_baseline(f"{plan.output}, written by this run", whole.origin, seal, self.subject, plan.output)

    def notes(self, checks: Collection[str]) -> tuple[str, ...]:
        """Return things to know before these checks run: about copies, roles, and a baseline whose age no check looks at."""
        spared = self.copied.note(self.sides.copies.schema) if self.copied else None
        return (*filter(None, [spared]), *self._advice, *self._of_age(checks))

    @cached_property
    def _advice(self) -> tuple[str, ...]:
        """Of a server that will be thrown away, ours or a test's, there is nothing to say."""
        if self.plan.request.rehearse or self.plan.request.block:
            return ()
        after, told = self.sides.after, []
        for view in self.sides.views[: 1 if _is_dump(self.plan) else None]:
            with suppress(Inconclusive):
                schemas = [*view.ask(after.scope.names), after.scope.backup_schema]
                told.append(advice(view, schemas))
        return merged_notes(told)

    def _of_age(self, checks: Collection[str]) -> tuple[str, ...]:
        most = self.plan.settings.max_baseline_age
        if most is None or self.held.kind != "baseline" or AGE in checks:
            return ()
        try:
            list(doubts(self.held, None, most))
        except Inconclusive as error:
            return (f"WARNING: the check {AGE} was left out, and {str(error).splitlines()[0]}",)
        return ()
