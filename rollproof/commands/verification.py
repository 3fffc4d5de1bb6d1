"""Both sides opened: the subject in one consistent view, the reference wherever it is, and what lies between them."""

from collections.abc import Callable, Container, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

from rollproof.backup.copies import Copies
from rollproof.catalog.capture import Scope
from rollproof.catalog.concurrent_ddl import steadily
from rollproof.commands.accepted import waivers
from rollproof.commands.baseline_validation import require_sound, unheard
from rollproof.commands.request import say_nothing
from rollproof.commands.same_database import require_another_database, require_same_database
from rollproof.commands.scan_progress import Show, seen_of
from rollproof.commands.stopwatch import Stopwatch
from rollproof.migration.announced_changes import still_meant
from rollproof.migration.log import MigrationLog
from rollproof.migration.log import read as read_log
from rollproof.migration.log_table import source as log_source
from rollproof.model.dump_facts import FACET as DUMP
from rollproof.model.dump_facts import major_of
from rollproof.model.errors import Misuse
from rollproof.model.snapshot import Snapshot
from rollproof.probes.foreign_keys import Orphans, relationships
from rollproof.probes.sequences import Furthest, values_in_use
from rollproof.rows.footprints import Counted, counted
from rollproof.rows.progress import NO_PROGRESS, Progress
from rollproof.rows.scan_cache import ScanCache
from rollproof.rows.suspects import NOBODY, Suspect
from rollproof.rows.unreported import moment as server_time
from rollproof.rows.untouched import NO_BASELINE
from rollproof.server.encryption import WARNING, is_unencrypted
from rollproof.server.reader import Limits, SnapshotReader, Target, close_all
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.settings.sections import Backup, Log
from rollproof.sources.baseline import Seal, unsealed, without_tables
from rollproof.sources.live import Live
from rollproof.sources.recorded import Recorded
from rollproof.sources.signature import Key, read_key
from rollproof.sources.source import CONTENT, Source
from rollproof.sources.table_groups import EVERYTHING
from rollproof.system.deadline import NEVER, Deadline
from rollproof.verdict.waivers import Waivers

if TYPE_CHECKING:
    from rollproof.verdict.repairs import Repairs


@dataclass(frozen=True)
class Verification:
    """Both sides of a verification and what checks ask of them; `close` ends every session, `watch` took the time of opening."""

    before: Source
    after: Live
    copies: Copies
    orphans: Orphans
    accepted: Waivers
    views: tuple[SnapshotReader, ...]
    close: Callable[[], None]
    watch: Stopwatch = field(default_factory=Stopwatch)
    words: Log = field(default_factory=Log)

    @cached_property
    def _log(self) -> Future[MigrationLog]:
        ask = partial(read_log, words=self.words)
        return self.after.view.submit(ask, reads=[log_source(self.words.table)])

    def begin_log(self) -> Future[MigrationLog]:
        """Ask for the migration tool's log, once. The future raises as `migration.log.read` does."""
        return self._log

    @cached_property
    def values_in_use(self) -> Furthest:
        """The furthest value of each column that draws from a sequence."""
        return values_in_use(self.before, self.after)

    @cached_property
    def repairs(self) -> "Repairs":
        """What would put the definitions right."""
        from rollproof.verdict.repairs import Repairs  # noqa: PLC0415 (a good run has no use for it)

        return Repairs(self.before, self.after, self.accepted)

    @property
    def notes(self) -> tuple[str, ...]:
        """What the sides and their sessions have to tell of how they were read, each thing once."""
        told = [self.before.notes, self.after.notes, *(view.notes for view in self.views), self.accepted.notes]
        return tuple(dict.fromkeys(note for notes in told for note in notes))

    def progress(self) -> Progress:
        """Return how far the scans of both sides and of the copies are."""
        return sum((source.progress() for source in self._sources), NO_PROGRESS)

    def keep_in(self, cache: ScanCache) -> None:
        """Write fingerprints to the cache, and do not scan again what it has; to be called before `begin`."""
        for source in self._sources:
            source.keep_in(cache)

    @property
    def _sources(self) -> list[Source]:
        """The copies or the subject may be the reference, too."""
        return list({id(source): source for source in (self.after, self.copies, self.before)}.values())

    def begin(self, checks: Container[str], first: Mapping[str, Suspect] = NOBODY) -> None:
        """Begin what these checks will have to wait for, in the order in which they come; of tables, suspects `first`."""
        if any(check in checks for check in ("migration_log", "baseline_age")):
            self.begin_log()  # before the scans, behind which it would wait
        if DUMP in checks:
            for side in (self.after, self.before):
                side.begin_dump()
        if "orphans" in checks:
            self.orphans.begin()
        scans = any(check in checks for check in (*CONTENT, "backup_agreement", "backup_content"))
        for side in (self.after, self.before) if scans else (self.after,) if "state_backup" in checks else ():
            side.begin(first)
        if "backup_agreement" in checks or "backup_content" in checks:
            self.copies.begin(first)


def limits(settings: Settings, deadline: Deadline = NEVER) -> Limits:
    """Return the limits that the settings ask for, with the `deadline` of the run."""
    names = (name for name in Limits.__dataclass_fields__ if name in Settings.__struct_fields__)
    return Limits(**{name: getattr(settings, name) for name in names}, deadline=deadline)


def scope_of(settings: Settings) -> Scope:
    """Return the schemas that the settings ask for, and those of the backup and the log, which are not compared."""
    return Scope(settings.schemas, (settings.backup or Backup()).schema, (settings.log or Log()).table)


def key_of(settings: Settings) -> Key | None:
    """Return the key with which a baseline must be signed, None if none is required. Raises `Misuse` if the file is no key."""
    return read_key(settings.require_signature, "--require-signature") if settings.require_signature else None


def recorded(reference: Reference, *, allow_empty: bool = False, key: Key | None = None) -> Recorded | None:
    """Return the baseline file that is the reference; None if the reference is of another kind.

    Raises `Misuse` if the file is damaged or no baseline, or, with a `key`, if it is not signed with it.
    """
    if reference.kind != "baseline":
        if key:
            raise Misuse(
                "--require-signature is about a baseline in a file; the reference of this run is no file, and nobody signed it\n"
                "either --reference FILE, or --require-signature '' to do without a signature for one run"
            )
        return None
    return sound(*unsealed(reference.path, allow_empty=allow_empty, key=key), reference.where)


def sound(snapshot: Snapshot, seal: Seal, where: str) -> Recorded:
    """Return the snapshot of a file as a reference. Raises `Misuse` if its content cannot be what rollproof wrote."""
    require_sound(snapshot, where)
    baseline = Recorded(snapshot, where, seal)
    if strange := unheard(snapshot):
        baseline.note(f"{where} holds {', '.join(strange)}, which this version of rollproof does not know: not checked")
    return baseline


@dataclass(frozen=True)
class Opening:
    """How both sides are opened: the subject in one read-only view, the `reference` wherever it is.

    `baseline` is what `recorded(reference)` said, or was handed over; `unavailable` what a database as the reference cannot speak
    for. Without a `reference` nothing was before: the subject stands for both. `dumped` says that pg_dump will be asked about the
    subject, so that it begins beside the first questions; `block` and `together` are explained in `Request`. `tell` hears of
    pauses and of a server that gives no answer, `show` of how far it is. `watch` takes the time. A database as reference may be
    `named` otherwise. Who `keeps` what is read in a baseline has it counted first what was written to each table.
    """

    settings: Settings
    reference: Reference | None
    baseline: Recorded | None
    unavailable: Mapping[str, str] = field(default_factory=dict)
    dumped: bool = False
    block: bool = False
    together: bool = False
    deadline: Deadline = NEVER
    tell: Callable[[str], None] = say_nothing
    show: Show = nullcontext
    watch: Stopwatch = field(default_factory=Stopwatch)
    named: str = ""
    keeps: bool = False

    def verification(self) -> Verification:
        """Return both sides, opened.

        Raises `Inconclusive` if a database cannot be asked, `Misuse` if the reference is of something else.
        """
        return steadily(self._once)

    def _once(self) -> Verification:
        with ExitStack() as opened:
            views: list[SnapshotReader] = []
            opened.callback(close_all, views)
            with self.show(lambda: seen_of(views)):
                before, after, copies = self._sides(views)
            for plain in filter(is_unencrypted, views):
                after.note(f"{plain.target}: {WARNING}")
            _require_tables(before, self.settings)
            orphans = orphans_between(views[0], (before, after), self.settings)
            accepted = waivers(self.settings, before, after, block=self.block, others=self.together)
            close = opened.pop_all().close
            words = self.settings.log or Log()
            return Verification(before, after, copies, orphans, accepted, tuple(views), close, self.watch, words)

    def _view(self, url: str, views: list[SnapshotReader], of: str) -> SnapshotReader:
        """Return a view of a database, added to the others; the first one gives the pace to all."""
        with self.watch.time(f"connecting to {of}"):
            views.append(SnapshotReader(Target.parse(url), limits(self.settings, self.deadline), self.tell, *views[:1]))
        return views[-1]

    def _sides(self, views: list[SnapshotReader]) -> tuple[Source, Live, Copies]:
        baseline, settings = self.baseline, self.settings
        scope = _scope(settings, baseline)
        told = self._counted()
        subject = self._view(settings.database_url or "", views, "the database")
        moment = subject.now(server_time) if settings.unread_if_untouched else 0.0
        wanted = major_of(baseline.snapshot.facets.get(DUMP, {})) if baseline else None
        with self.watch.time("definitions of the database"):
            after = Live(subject, scope, str(subject.target), wanted=wanted, dumped=self.dumped, counted=told)
        copies = Copies(subject, settings.backup or Backup())
        copies.adopt(baseline.tables if baseline else after.tables)
        if baseline:
            require_same_database(baseline.snapshot.origin, after, settings)
            if moment:
                after.spare(baseline.snapshot, moment)
            return baseline, after, copies
        if self.reference is None:
            return after, after, copies
        if moment:
            after.note(NO_BASELINE)
        if self.reference.kind == "copies":
            return _backup(copies), after, copies
        before = self._other(self.reference, scope, views)
        copies.adopt(before.tables)
        return before, after, copies

    def _counted(self) -> Counted | None:
        if not self.keeps:
            return None
        return counted(Target.parse(self.settings.database_url or ""), limits(self.settings, self.deadline))

    def _other(self, reference: Reference, scope: Scope, views: list[SnapshotReader]) -> Live:
        other = self._view(reference.where, views, "the reference")
        with self.watch.time("definitions of the reference"):
            before = Live(other, scope, self.named or str(other.target), self.unavailable)
        require_another_database(other, views[0])
        return before


def orphans_between(view: SnapshotReader, sides: tuple[Source, Source], settings: Settings) -> Orphans:
    """Return what counts the orphans of every foreign key that is, was, or should be there."""
    keys = [side.known("foreign_keys", EVERYTHING).facts for side in sides if not side.unavailable("foreign_keys")]
    return Orphans(view, still_meant(relationships(keys, settings.foreign_key), sides[1], settings.migration.drops))


def _scope(settings: Settings, baseline: Recorded | None) -> Scope:
    """Return the schemas to compare: those of the baseline. Raises `Misuse` if the configuration names others."""
    scope = scope_of(settings)
    if baseline is None or baseline.snapshot.origin.schemas == scope.schemas:
        return scope
    if scope.schemas is None:
        return Scope(baseline.snapshot.origin.schemas, scope.backup_schema, scope.log_table)
    raise Misuse(
        f"the configuration looks at the schemas {scope.schemas}, the baseline at {baseline.snapshot.origin.schemas or 'all'}: "
        "make them the same, or take the baseline again"
    )


def _require_tables(before: Source, settings: Settings) -> None:
    if not before.tables and not settings.allow_empty:
        raise without_tables(before.name)


def _backup(copies: Copies) -> Copies:
    if not copies.tables:
        raise Misuse(
            f"--reference backup: schema {copies.schema} does not exist or holds no copy of a table\n"
            "name it under [backup] in rollproof.toml, or pass a baseline file or a database URL"
        )
    return copies
