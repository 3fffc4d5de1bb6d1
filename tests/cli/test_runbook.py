"""The runbook of a database: each of its commands is one that we have, each of its statements runs, and it holds no secret."""

import hashlib
import json
import shlex
import shutil
from pathlib import Path

import click
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from fixtures.markdown_shape import blocks
from rollproof.cli import main
from rollproof.commands.drill_records import Drill, leave, now
from rollproof.commands.runbook_files import rewrite
from rollproof.model.redaction import secrets_in
from rollproof.settings.configuration import Configured, resolve
from rollproof.settings.option_table import OF_A_RUN, OPTIONS
from rollproof.system.deadline import NEVER
from rollproof.throwaway.psql import Psql
from rollproof.throwaway.servers.server import fresh_name

SHOP = Path(__file__).parents[2] / "scenarios/cases/shop.sql"
BACKUP = """
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.customers_backup AS TABLE customers;
CREATE TABLE migration_backup.orders_backup AS TABLE orders;
CREATE TABLE migration_log (
    id int GENERATED ALWAYS AS IDENTITY, migration text, operation text, step text, status text, started_at timestamptz,
    finished_at timestamptz
);
INSERT INTO migration_log (migration, operation, step, status, started_at) VALUES ('ids', 'migrate', 'users', 'failed', now());
"""
CANARY = "s3cr3tCanary"
CONFIGURED = f"""
[migration]
rollback_command = "PGPASSWORD={CANARY} migrate down --all"
[runbook]
output = "book"
status = "migrate status"
partial = "migrate down --tables orders"
emergency = "migrate down --force"
restore = "restore-last-night"
[[endpoints]]
name = "health"
url = "http://127.0.0.1:1/health?key={CANARY}"
[[services]]
name = "backend"
manager = "systemd"
[contacts]
DBA = "Ann, +49 30 1"
[[escalation]]
level = "on call"
contact = "DBA"
after_minutes = 15
[[checklist]]
item = "call the bank"
[drill]
name = "shop"
max_age = "30d"
"""


@pytest.fixture(scope="module")
def shop(server, command, tmp_path_factory):
    """The URL of a shop with copies and a log, and the folder with a baseline from before, a configuration and the runbook."""
    folder, name = tmp_path_factory.mktemp("shop"), fresh_name()
    server.create(name)
    url = server.dsn(name)
    _do(url, SHOP.read_text())
    assert command(folder, "capture", "--database-url", url, "--output", "baseline.json").returncode == 0
    _do(url, f"{BACKUP}; ANALYZE")
    (folder / "rollproof.toml").write_text(CONFIGURED)
    ended = command(folder, "runbook", "--database-url", url)
    assert ended.returncode == 0, ended.output
    assert _secret(url) not in ended.output
    yield url, folder
    server.drop(name)


def _do(url, text):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text)


@pytest.fixture
def url(shop):
    """The shop's URL."""
    return shop[0]


@pytest.fixture
def book(shop):
    """The runbook of the shop, as Markdown."""
    return (shop[1] / "book/runbook.md").read_text()


@pytest.fixture
def folder(shop, tmp_path):
    """A copy of the shop's folder."""
    return shutil.copytree(shop[1], tmp_path / "shop")


def commands(text):
    """Yield the words of each of our commands on a runbook."""
    for block in blocks(text, "shell"):
        for line in block.splitlines():
            if line.startswith("rollproof "):
                yield shlex.split(line.partition(" > ")[0])[1:]


def test_every_command_is_one_of_ours_with_its_options(book):
    found = list(commands(book))

    assert {words[0] for words in found} >= {"verify", "repair", "rehearse", "capture", "incident", "services", "watch"}
    for name, *words in found:
        _parse(main, name, words)


def _parse(group, name, words):
    """Have the command read its words, as it does when it is typed; options of a run are ours, or pytest's `-k`."""
    command = group.get_command(click.Context(group), name)
    assert command, name
    if isinstance(command, click.Group):
        _parse(command, words[0], words[1:])
    elif name == "verify":
        known = {"-k", *(known.long for known in (*OPTIONS, *OF_A_RUN)), *(known.flag for known in OPTIONS)}
        assert {word for word in words if word.startswith("-")} <= known, words
        assert words[0] in {"pre_rollback", "post_rollback", "post_migration"}
    else:
        command.make_context(name, words)


def test_every_statement_runs(book, url, server):
    looks = [block for block in blocks(book, "sql") if "ADD CONSTRAINT" not in block]
    ran = Psql(server, url, NEVER).run("\n".join(looks), is_strict=True)

    assert len(looks) >= 9
    assert ran.complaints == ()


def test_the_script_and_the_constraints_make_what_was_there(book, shop, server, new_database):
    url, folder = shop
    made = server.dsn(new_database())
    script = (folder / "book/recreate.sql").read_text()
    assert Psql(server, made, NEVER).run(script, is_strict=True).complaints == ()
    was = _constraints(made)
    assert was == _constraints(url)

    for table, name, _ in was:
        _do(made, f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name} CASCADE")
    (statements,) = (block for block in blocks(book, "sql") if "ADD CONSTRAINT" in block)
    assert Psql(server, made, NEVER).run(statements, is_strict=True).complaints == ()

    assert _constraints(made) == was


def _constraints(url):
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE connamespace = 'public'::regnamespace AND contype <> 'n' ORDER BY 1, 2"
        ).fetchall()


def test_it_knows_the_database_the_copies_and_the_application(book):
    for told in (
        "| `public.orders` | 200 | about ",
        "`migration_backup.orders_backup`",
        "- `public.orders` (customer\\_id) needs `public.customers`",
        "SELECT count(*) FROM migration_backup.customers_backup;  -- 50 rows\n",
        "WHERE status IN ('failed') OR finished_at IS NULL ORDER BY started_at;",
        "```shell\nmigrate status\n```",
        "```shell\nmigrate down --tables orders\n```",
        "```shell\nmigrate down --force\n```",
        "```shell\nrestore-last-night\n```",
        "rollproof services stop\n",
        "- [ ] call the bank",
        "| DBA | Ann, +49 30 1 |",
        "| 1 | on call | Ann, +49 30 1 | 15 min |",
        "| data corruption | critical | roll back |",
        "at most 30d old",
        "no drill of this project is recorded",
    ):
        assert told in book, told


def _secret(url):
    """Return the password by which the tests' server is reached."""
    return conninfo_to_dict(url)["password"]


@pytest.mark.promise
def test_no_file_of_it_holds_a_secret(shop):
    url, folder = shop
    files = {each.name: each.read_text() for each in (folder / "book").iterdir() if each.is_file()}

    assert {*files} == {"runbook.md", "runbook.html", "recreate.sql", "runbook.json"}
    assert [name for name, text in files.items() if CANARY in text or _secret(url) in text] == []
    assert f"--database-url '{url.replace(f':{_secret(url)}@', '@')}' " in files["runbook.md"]
    assert "migrate down --all" in files["runbook.md"]


def test_written_twice_it_is_the_same_but_for_the_date(book, url, folder, command):
    assert command(folder, "runbook", "--database-url", url).returncode == 0

    def undated(text):
        return [line for line in text.splitlines() if not line.startswith("Written ")]

    assert undated((folder / "book/runbook.md").read_text()) == undated(book)


def test_what_changed_is_told_until_something_else_changes(url, folder, command):
    path = folder / "book/runbook.json"
    kept = json.loads(path.read_text())
    kept["known"]["tables"] = [each for each in kept["known"]["tables"] if each["name"] != "public.scans"]
    kept["known"]["tables"][0]["rows"] = 7
    kept["known"]["commands"]["status"] = "migrate show"
    path.write_text(json.dumps(kept))

    for _ in range(2):
        assert command(folder, "runbook", "--database-url", url).returncode == 0
        told = (folder / "book/runbook.md").read_text().partition("## How to use this")[0]

        assert f"## What changed since {kept['known']['written']}\n" in told
        assert told.rstrip().splitlines()[-3:] == [
            "- table `public.scans` is new",
            f"- table `{kept['known']['tables'][0]['name']}`: 7 → 2 rows",
            "- status command: was `migrate show`, is `migrate status`",
        ]


def test_a_drill_writes_it_anew_with_its_durations_and_asks_no_database(book, folder):
    assert "Nobody knows" in book
    report = b'{"rehearsals": [{"stages": [{"name": "rollback", "seconds": 3.5}]}]}'
    (folder / "rollproof-report").mkdir()
    (folder / "rollproof-report/rehearsal.json").write_bytes(report)
    told = []
    drill = Drill(
        kind="rehearsal", when=now(), project="shop", verdict="VERIFIED", source="shop.dump", source_kind="dump",
        servers=("PostgreSQL 18",), seconds=9.0, rollback_seconds=3.25, report_sha256=hashlib.sha256(report).hexdigest(),
    )  # fmt: skip
    leave(folder / "rollproof-report", drill, None)
    typed = {"report_dir": str(folder / "rollproof-report"), "database_url": "postgresql://nobody@127.0.0.1:1/gone"}
    asked = Configured(resolve(typed, {}, folder / "rollproof.toml"), folder / "rollproof.toml")
    rewrite(asked, secrets_in([], {}), told.append)
    again = (folder / "book/runbook.md").read_text()

    assert told == [f"the runbook is written anew: {folder / 'book/runbook.md'}"]
    assert "| the rollback | 3.2 s |\n" in again
    assert "| step rollback | 3.5 s |\n" in again
    assert f"- last rehearsal: {drill.when}, VERIFIED\n" in again
    assert "| `public.orders` | 200 | about " in again, "sizes are those that were seen of the database"
    assert "gone" not in again


def test_a_baseline_alone_and_a_database_alone_are_enough(url, folder, command):
    toml = folder / "rollproof.toml"
    toml.write_text(f'{toml.read_text()}\n[backup]\ntable = "{{schema}}_{{table}}"\ntables = ["public.customers"]\n')
    alone = command(folder, "runbook", "--reference", "baseline.json", "--output", "a")
    (folder / "baseline.json").rename(folder / "aside.json")
    other = command(folder, "runbook", "--database-url", url, "--output", "b")

    assert (alone.returncode, other.returncode) == (0, 0), (alone.output, other.output)
    assert "so sizes are not known; copies and the log are as configured." in alone.said
    assert "not known: What was before the migration: no baseline was at hand" in other.said
    assert "| `public.customers` | 50 | not known | `migration_backup.public_customers` |" in _read(folder, "a")
    assert "| `public.orders` | 200 | not known | none |" in _read(folder, "a")
    assert "| `public.orders` | about 200 | about " in _read(folder, "b")
    assert "which may be the migrated one" in _read(folder, "b")


def _read(folder, name):
    return (folder / name / "runbook.md").read_text()


def test_without_either_nothing_is_written(tmp_path, command):
    ended = command(tmp_path, "runbook", "--output", "a")

    assert ended.returncode == 4
    assert "a runbook is of a database, or of a baseline: pass --database-url, or --reference" in ended.said
    assert not (tmp_path / "a").exists()


def test_a_folder_that_cannot_be_written_is_one_sentence(folder, command):
    (folder / "taken").write_text("a file")
    ended = command(folder, "runbook", "--reference", "baseline.json", "--output", "taken")

    assert ended.returncode == 4
    assert "the runbook cannot be written to taken: File exists; --output names another place" in ended.said


def test_a_damaged_runbook_of_before_is_none(folder, command):
    (folder / "book/runbook.json").write_text("{")

    assert command(folder, "runbook", "--reference", "baseline.json").returncode == 0
    assert json.loads((folder / "book/runbook.json").read_text())["known"]["changes"] == []
