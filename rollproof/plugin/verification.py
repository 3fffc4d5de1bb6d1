"""The nouns of the checks: `before` and `after`, and the tables they are asked about."""

import os
from pathlib import Path
from urllib.parse import quote

import pytest

from rollproof.backup.copies import TABLE
from rollproof.catalog.capture import not_checked
from rollproof.catalog.pg_dump import FACET as DUMP
from rollproof.commands.prepare import key_of, recorded, verification
from rollproof.migration.backup_age import completed
from rollproof.migration.required_copies import Copied, copied
from rollproof.migration.table_states import types_on_both
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.probes.endpoints import expand
from rollproof.server.reader import Target
from rollproof.settings.reference import is_database, is_file
from rollproof.settings.sections import Log
from rollproof.sources.source import CONTENT, TableGroup, table_groups, ungrouped
from rollproof.verdict.row_evidence import Evidence, Wanted

# Cheap facts first: structure, then what waits for scans; the waivers last, when all are used that will be.
ORDER = (
    "pg_dump",
    "endpoints",
    "orphans",
    "sequence_values",
    "rows",
    "content",
    "planner_statistics",
    "untouched_rows",
    "migrated_rows",
    "backup_agreement",
    "backup",
    "backup_content",
    "backup_age",
    "baseline",
    "baseline_age",
    "waivers",
)
ALL_TABLES = TableGroup("each table", frozenset(), ungrouped=True)  # a dry run that has no baseline knows no names


NO_TABLE = pytest.param(None, id="none", marks=pytest.mark.skip(reason="there is no table to ask of"))


def pytest_configure(config):
    if run := config.pluginmanager.get_plugin("rollproof-run"):
        config.pluginmanager.register(Sides(config, run), "rollproof-sides")


class Sides:
    """Opens both sides before the collection, because the checks are parametrised by the reference's tables."""

    def __init__(self, config, run) -> None:
        self.config = config
        self.run = run
        self.baseline = None
        self.opened = None
        self.evidence = None
        self.copied: Copied | None = None  # whose copies are looked at, as far as a backup is known or promised
        self.output = None  # the baseline that is to be written
        self.key = None  # which a baseline is signed with, where that is required
        self.checks_run = frozenset()

    def pytest_collection(self):
        try:
            self._open()
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
        except Inconclusive as error:
            self.run.trouble = self.run.secrets.hide_credentials(str(error))
            pytest.exit(self.run.trouble)

    def _open(self) -> None:
        run = self.run
        where = run.settings.reference or str((run.config_file or Path("rollproof.toml")).parent / "baseline.json")
        told = str(Target.parse(where)) if is_database(where) else run.secrets.hide_credentials(where)
        run.reference = run.reference or told
        if run.phase == "pre_migration":
            self.output, where = _output(where), None
        self.key = key_of(run.settings)
        self.baseline = recorded(where, allow_empty=run.settings.allow_empty, key=self.key) if where else None
        run.subject = str(Target.parse(run.settings.database_url or ""))
        if not run.dry_run:
            dumped = self._asks_pg_dump() and not (self.baseline and self.baseline.unavailable(DUMP))
            self.opened = verification(
                run.settings,
                where,
                self.baseline,
                run.unavailable,
                dumped=dumped,
                deadline=run.deadline,
                tell=self._tell,
            )
            run.any_table = bool(self.opened.before.tables)
            run.not_compared = not_checked(self.opened.after.view)
            self._look_for_copies()

    def _asks_pg_dump(self) -> bool:
        """Tell, before the checks are collected, whether it is certain that pg_dump is needed: nothing typed leaves any out."""
        option, everything = self.config.option, self.run.checks.resolve()
        chosen = option.keyword or option.deselect or option.ignore or option.ignore_glob or option.collectonly
        named = [Path(self.config.invocation_params.dir, word).resolve() for word in self.config.args]
        return self.run.phase == "post_rollback" == option.markexpr.strip() and named == [everything] and not chosen

    def _look_for_copies(self) -> None:
        opened, settings = self.opened, self.run.settings
        if self.output is None and (opened.copies.tables or settings.backup):
            self.copied = copied(
                opened.before, types_on_both(opened.before, opened.after, opened.copies), opened.copies, settings
            )
            self.run.notes += filter(None, [self.copied.note(opened.copies.schema)])

    def _tell(self, text):
        if watcher := self.config.pluginmanager.get_plugin("rollproof-progress"):
            watcher.say(text)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self):
        """Let go of the sessions; what they and the sides know of the run goes into the reports."""
        if self.opened:
            self.opened.close()
            told = [side.notes for side in (self.opened.before, self.opened.after) if hasattr(side, "notes")]
            told += [view.notes for view in self.opened.views]
            self.run.notes += dict.fromkeys(note for notes in told for note in notes)

    def pytest_generate_tests(self, metafunc):
        """Ask each question once per table (or group of tables), and once for the rest where something may be left."""
        for fixture, of in self._parameters().items():
            if fixture in metafunc.fixturenames:
                ids = [_id(_label(each)) for each in of] or None
                metafunc.parametrize(fixture, of or (NO_TABLE,), ids=ids, indirect=fixture == "endpoint")

    def _parameters(self) -> dict[str, tuple]:
        before = self.opened.before if self.opened else self.baseline
        if before is None:
            return dict.fromkeys(("owner", "tables", "scanned", "copied"), (ALL_TABLES,))
        return {
            "owner": (*table_groups(before.tables), ungrouped(before.tables)),
            "tables": table_groups(before.tables),
            "scanned": table_groups(before.scanned),
            "copied": table_groups(self.copied.asked if self.copied else before.scanned),
            "endpoint": self.run.settings.endpoints or (None,),
        }

    def pytest_collection_finish(self, session):
        """Put the cases in order, whatever other plugins did to it, and refuse an endpoint that cannot be asked."""
        session.items.sort(key=lambda item: ORDER.index(slug) + 1 if (slug := _slug(item)) in ORDER else 0)
        self.checks_run = frozenset(_slug(item) for item in session.items)
        if "endpoints" in self.checks_run and not self.run.dry_run:
            try:
                for endpoint in self.run.settings.endpoints:
                    expand(endpoint, os.environ)
            except Misuse as error:
                raise pytest.UsageError(str(error)) from None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Begin the scans. A dry run prints what a run would ask, and asks nothing."""
        if not self.run.dry_run:
            if self.opened and not (self.run.look or getattr(session.config.option, "setuponly", False)):
                self._begin()
            return None
        reporter = session.config.pluginmanager.get_plugin("terminalreporter")
        for item in session.items:
            reporter.write_line(f"would check {item.name.removeprefix('test_')}")
        return True

    def _begin(self) -> None:
        opened, settings = self.opened, self.run.settings
        try:
            self.evidence = Evidence(opened.before, opened.after, opened.copies, _wanted(settings))
        except Misuse as error:
            raise pytest.UsageError(self.run.secrets.hide(str(error))) from None
        opened.begin(self.checks_run)


def _wanted(settings) -> Wanted:
    file = Path(settings.evidence_file) if settings.evidence_file else None
    return Wanted(settings.evidence, file, settings.show_values, settings.growing)


def _output(where: str) -> Path:
    if not is_file(where):
        raise Misuse(
            f"before the migration there is nothing to compare with: --reference names the baseline that is written, not {where}"
        )
    return Path(where)


def _label(each) -> str:
    return each if isinstance(each, str) else getattr(each, "label", None) or getattr(each, "name", "none")


def _slug(item) -> str:
    return item.path.stem.removeprefix("test_")


def _id(name: str) -> str:
    """A test id for any name: what could be markup, a path or a terminal's control is percent-encoded."""
    return quote(name, safe='."$,-', encoding="utf-8")


@pytest.fixture(scope="session")
def sides(pytestconfig):
    """Both sides and the run they belong to. Wide scopes: with thousands of cases what is set up for each takes the time."""
    return pytestconfig.pluginmanager.get_plugin("rollproof-sides")


@pytest.fixture(scope="module")
def before(sides, request):
    """The reference; a facet that its kind never holds is not checked, and that is said."""
    side = sides.opened.before
    if reason := side.unavailable(request.path.stem.removeprefix("test_")):
        _require_not_cut_off(sides.run, reason)
        pytest.skip(reason)
    return side


@pytest.fixture(scope="module")
def after(sides, request):
    """The subject; the same, but what the reference knows of the catalogue cannot be left out in silence."""
    facet, side = request.path.stem.removeprefix("test_"), sides.opened.after
    if reason := side.unavailable(facet):
        if facet != DUMP and not sides.opened.before.unavailable(facet):
            raise Inconclusive(reason)
        _require_not_cut_off(sides.run, reason)
        pytest.skip(reason)
    return side


def _require_not_cut_off(run, reason) -> None:
    """What would have been known, had there been time, is not merely left out."""
    if reason == str(run.deadline):
        raise Inconclusive(reason)


@pytest.fixture(scope="session")
def deadline(sides):
    """When the run has to end."""
    return sides.run.deadline


@pytest.fixture(scope="session")
def accepted(sides):
    """The waivers."""
    return sides.opened.accepted


@pytest.fixture
def endpoint(request):
    """One endpoint of the configuration, its variables filled in."""
    if request.param is None:
        pytest.skip("no [[endpoints]] in rollproof.toml")
    return expand(request.param, os.environ)


@pytest.fixture(scope="session")
def orphans(sides):
    """The rows that refer to nothing, by table."""
    return sides.opened.orphans


@pytest.fixture(scope="session")
def checks_run(sides):
    """The slugs of the checks in this run."""
    return sides.checks_run


@pytest.fixture(scope="session")
def copies(sides):
    """The backup; without [backup] in the configuration and without the schema, nobody promised one."""
    copies = sides.opened.copies
    if sides.run.settings.backup is None and not copies.tables:
        pytest.skip(f"there is no schema {copies.schema} and no [backup] in rollproof.toml")
    return copies


@pytest.fixture(scope="session")
def evidence(sides):
    """Which rows differ, and whether a table only grew."""
    return sides.evidence


@pytest.fixture
def counted(sides, owner):
    """The number of rows by table: the subject's where this run counts them anyway, else the baseline's."""
    opened = sides.opened
    if not sides.checks_run.isdisjoint(CONTENT):
        return opened.after.known("rows", owner).facts
    return (
        {}
        if opened.before.unavailable("rows") or hasattr(opened.before, "view")
        else opened.before.known("rows", owner).facts
    )


@pytest.fixture
def kept(copies, copied):
    """The copies of the tables; where there is none to speak of, there is nothing more to say of it."""
    found = [copy for copy in map(copies.copy_of, sorted(copied.names)) if copy]
    if not any(copy.kind == TABLE for copy in found):
        pytest.skip(
            f"{f'the copy is a {found[0].kind}' if found else 'there is no copy'}, which is what the check backup says"
        )
    return [copy for copy in found if copy.kind == TABLE]


@pytest.fixture(scope="session")
def log_table(sides):
    """The name of the migration's log, which need not be there."""
    return (sides.run.settings.log or Log()).table


@pytest.fixture(scope="session")
def steps(sides):
    """What the migration's log says was done, and when; without one nothing is known of that."""
    log = sides.run.settings.log or Log()
    if not (done := completed(sides.opened.after.view, log)):
        pytest.skip(
            f"there is no log {log.table}, or no completed step in it; [log] in rollproof.toml says how to read yours"
        )
    return done
