"""A definition made again from its own text is the same definition, however PostgreSQL spells it now; another one is not."""

import datetime
import subprocess
from pathlib import Path

import psycopg
import pytest

from rollproof import programs
from rollproof.capture import Scope
from rollproof.errors import CannotTell, NotRestored
from rollproof.judge import require_restored
from rollproof.questions import SQL
from rollproof.repair import script
from rollproof.session import Limits, Target, View
from rollproof.settings import Settings
from rollproof.sides import EVERYTHING, Live, Recorded
from rollproof.snapshot import save
from rollproof.verification import recorded, verification
from rollproof.waivers import Waivers

KINDS = Path(__file__).parent / "meaning" / "kinds.sql"
NOT_COMPARED = {"foreign_keys", "sequence_columns", "all_schemas", "roles", "tablespaces", "planner_statistics"}
SCOPE = Scope(None, "migration_backup", "public.migration_log")
FILTERS = 150000  # the first server whose publications have filters

SPELLED_OTHERWISE = {
    "columns": {"public.t.computed", "public.t.preset"},
    "constraints": {"public.t.alone", "public.t.collated", "public.t.listed", "public.t.nested"},
    "functions": {
        "public.atomic(character varying)",
        "public.presets(boolean,integer)",
        "public.returns_it(character varying)",
        "public.unnamed(character varying,integer)",
    },
    "indexes": {"public.t.alone", "public.t.computing", "public.t.partial"},
    "policies": {"public.t.asks"},
    "publications": {"public.t IN PUBLICATION filtered"},
    "rules": {"public.t.also", "public.t.instead", "public.t.twice"},
    "statistics": {"public.t.extended"},
    "tables": {"public.parted"},
    "triggers": {"public.t.watching"},
    "types": {"app.short"},
    "views": {"public.checked", "public.joined", "public.plain", "public.stored", "public.united", "public.windowed"},
}


def script_of(version):
    lines = KINDS.read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if version >= FILTERS or not line.startswith("CREATE PUBLICATION"))


def dumped(url, version):
    """Return what pg_dump would restore the schema from, without psql's own commands."""
    program, _ = programs.pg_dump(version // 10_000, None)
    said = subprocess.run([program, "--schema-only", url], check=True, capture_output=True, text=True).stdout
    unwanted = ("\\", "SET transaction_timeout")  # a pg_dump that is newer than the server sets what that has not
    return "\n".join(line for line in said.splitlines() if not line.startswith(unwanted))


@pytest.fixture(scope="module")
def restored(server):
    """The name of a database with one of each kind, what it was before, and of what its dump made."""
    names = "rollproof_meaning", "rollproof_meaning_restored"
    for name in names:
        server.create(name)
    with psycopg.connect(server.dsn(names[0]), autocommit=True) as connection:
        connection.execute(script_of(server.version))
    with psycopg.connect(server.dsn(names[1]), autocommit=True) as connection:
        connection.execute(dumped(server.dsn(names[0]), server.version))
    with opened(server.dsn(names[0])) as live:
        yield Recorded(live.complete(), "the baseline"), names[1]
    for name in names:
        server.drop(name)


class opened:  # noqa: N801 (used as a function)
    """The subject, for the length of a block."""

    def __init__(self, url) -> None:
        self.view = View(Target.parse(url), Limits())

    def __enter__(self):
        return Live(self.view, SCOPE, "the subject")

    def __exit__(self, *_):
        self.view.close()


def verdicts(before, after):
    """Return what the checks say: `facet: identity` of the losses, and what cannot be told, by facet."""
    lost, untold = set(), {}
    for facet in sorted({path.stem for path in SQL.glob("*.sql")} - NOT_COMPARED | {"pg_dump"}):
        try:
            require_restored(facet, before, after, Waivers((), datetime.date(2000, 1, 1)))
        except NotRestored as error:
            lost |= {f"{facet}: {finding.identity}" for finding in error.findings}
        except CannotTell as error:
            untold[facet] = str(error)
    return lost, untold


def test_each_kind_made_again_from_its_own_text_is_the_same(server, restored):
    before, name = restored
    expected = {
        facet: names
        for facet, names in SPELLED_OTHERWISE.items()
        if server.version >= FILTERS or facet != "publications"
    }
    with opened(server.dsn(name)) as live:
        differ = {
            facet: {
                identity
                for identity, text in before.known(facet, EVERYTHING).facts.items()
                if live.known(facet, EVERYTHING).facts.get(identity) != text
            }
            for facet in expected
        }
        lost, untold = verdicts(before, live)
        noted = {note.partition(":")[0] for note in live.notes}

    assert (lost, untold) == (set(), {})
    assert differ == expected
    assert noted == {*expected, "pg_dump"}


def test_there_is_nothing_to_mend(server, restored, tmp_path):
    before, name = restored
    save(before.snapshot, tmp_path / "b.json")
    settings = Settings(database_url=server.dsn(name), other_database=True)
    opened = verification(settings, str(tmp_path / "b.json"), recorded(str(tmp_path / "b.json")))
    try:
        assert script(opened) == ()
    finally:
        opened.close()
