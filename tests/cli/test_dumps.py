"""External backups: every format of pg_dump's is a reference, and a damaged one is refused, wherever the damage is."""

import json
import subprocess
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from rollproof.commands.drill_records import records
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.settings.dump_format import COMPLETE, dump_at
from rollproof.throwaway.dumps import restore

SHOP = Path(__file__).parents[2] / "scenarios" / "cases" / "shop.sql"
FORMS = {
    "custom": ["-Fc"],
    "directory": ["-Fd"],
    "bare directory": ["-Fd", "-Z0"],
    "tar": ["-Ft"],
    "plain": ["-Fp"],
    "gzip": ["-Z6"],
}
ROWS = "SELECT count(*), sum(hashtextextended(o::text, 0)) FROM orders AS o"


@pytest.fixture
def dumps(server, database_from, tmp_path):
    """Call it with a form for a dump of the shop, of which the server itself is the witness."""
    if server.bindir is None or not (server.bindir / "pg_dump").is_file():
        pytest.skip(f"{server.name} brings no pg_dump")

    def dump(form, *options):
        path = tmp_path / form
        program = str(server.bindir / "pg_dump")
        subprocess.run([program, *FORMS[form], *options, "-f", str(path), database_from(SHOP)], check=True)
        return path

    return dump


@pytest.fixture
def restored(server, new_database):
    """Call it with a dump's path for the URL of a database made of it."""

    def make(path):
        database = new_database()
        restore(dump_at(path), server, database)
        return server.dsn(database)

    return make


def rows(url):
    with psycopg.connect(url) as connection:
        return connection.execute(ROWS).fetchone()


@pytest.mark.parametrize("form", FORMS)
def test_every_format_comes_back_whole(form, dumps, restored, database_from):
    assert rows(restored(dumps(form))) == rows(database_from(SHOP))


REFUSED = r"the dump .*\na dump is what pg_dump writes"


@pytest.mark.parametrize("form", ["custom", "tar", "plain", "gzip"])
def test_a_dump_cut_short_is_refused_wherever_it_was_cut(form, dumps, restored):
    path = dumps(form)
    whole = path.read_bytes()
    for left in (0, 4, len(whole) // 2, -40, -1):
        kept = whole[:left]
        path.write_bytes(kept)
        # Nothing is lost but what pads a tar, or stands below a plain dump's last line.
        harmless = (form == "tar" and not whole.removeprefix(kept).strip(b"\0")) or (
            form == "plain" and COMPLETE in kept
        )
        with nullcontext() if harmless else pytest.raises(Misuse, match=REFUSED):
            restored(path)


@pytest.mark.parametrize(
    ("form", "damage"),
    [
        *(
            (form, damage)
            for form in ("directory", "bare directory")
            for damage in ("toc cut", "part cut", "part gone", "no toc")
        ),
        ("bare directory", "part cut after a line"),
    ],
)
def test_a_folder_that_lacks_a_part_is_refused(form, damage, dumps, restored):
    path = dumps(form)
    part = max(path.glob("[0-9]*.dat*"), key=lambda found: found.stat().st_size)
    whole, toc = part.read_bytes(), path / "toc.dat"
    if damage.startswith("toc"):
        toc.write_bytes(toc.read_bytes()[: toc.stat().st_size // 2])
    elif damage == "part cut after a line":
        part.write_bytes(b"".join(whole.splitlines(keepends=True)[:20]))
    elif damage == "part cut":
        part.write_bytes(whole[: len(whole) // 2])
    else:
        (part if damage == "part gone" else toc).unlink()

    with pytest.raises(Misuse, match=r"the dump .*\na dump is what pg_dump writes"):
        restored(path)


def test_a_dump_that_brings_its_own_database_is_refused(dumps):
    with pytest.raises(Misuse, match="--create"):
        dump_at(dumps("plain", "--create"))


@pytest.mark.parametrize("form", ["custom", "plain"])
def test_a_dump_of_a_newer_server_asks_for_one(form, dumps, restored, server, monkeypatch):
    path = dumps(form)
    monkeypatch.setattr(server, "version", 130000)

    with pytest.raises(Misuse, match=r"throw-away server is 13\.0; --server names a newer one"):
        restored(path)


def test_a_lacking_extension_is_no_damage(dumps, restored):
    path = dumps("plain")
    path.write_text(
        path.read_text("utf-8").replace("CREATE TABLE", "CREATE EXTENSION nobody_has_this;\nCREATE TABLE", 1), "utf-8"
    )

    with pytest.raises(Inconclusive, match=r"nobody_has_this.*\n.*--server"):
        restored(path)


def test_the_command_line_compares_with_a_dump_and_names_it(command, dumps, database_from, tmp_path):
    """What a dump does not hold, roles for one, is not taken for left behind."""
    path, url = dumps("custom"), database_from(SHOP)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DELETE FROM scans WHERE place = 'lost'")
        connection.execute("CREATE ROLE rollproof_not_in_the_dump")
    done = command(tmp_path, "verify", "post_rollback", "--database-url", url, f"--backup-file={path}")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP ROLE rollproof_not_in_the_dump")

    outcomes = json.loads((tmp_path / "rollproof-report" / "result.json").read_bytes())["outcomes"]
    failed = {each["check"] for each in outcomes if each["kind"] == "not restored"}
    assert (done.returncode, failed) == (1, {"rows", "content"}), done.stdout
    assert f"reference {path}, a dump in custom format" in done.said
    against = {rows["against"] for each in outcomes for rows in each["rows"]}
    assert against == {
        f"the reference {path}, a dump in custom format"
    }  # and not the address of what it was restored on
    assert not (tmp_path / "rollproof-report" / "drills").exists()
    assert "not checked: default_privileges, large_objects, owners and 2 more: it names roles" in done.said


def test_a_dump_of_another_encoding_is_restored_in_that(command, server, new_database, tmp_path):
    """The same letter has other bytes there, and the fingerprint is one of bytes. A verified restore is a drill."""
    database, path = new_database(), tmp_path / "latin1"
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {database}")
        admin.execute(f"CREATE DATABASE {database} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    url = server.dsn(database)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t (id integer PRIMARY KEY, name text); INSERT INTO t VALUES (1, 'h\u00e9')")
    if server.bindir is None or not (server.bindir / "pg_dump").is_file():
        pytest.skip(f"{server.name} brings no pg_dump")
    subprocess.run([str(server.bindir / "pg_dump"), "-Fc", "-f", str(path), url], check=True)

    done = command(tmp_path, "verify", "--database-url", url, f"--backup-file={path}")
    (record,), refused = records(tmp_path / "rollproof-report", None)

    assert done.returncode == 0, done.stdout
    assert f"record of this drill: {record.path.relative_to(tmp_path)}" in done.stdout
    assert (record.drill.kind, record.drill.is_good, refused) == ("restore", True, [])
    assert urlsplit(url).password not in record.path.read_text("utf-8")


PROGRAM = "COPY (SELECT 1) TO PROGRAM 'touch {marker}';"
AS_ANYBODY = {
    "a command of psql": ("\\! touch {marker}", Misuse, "commands for psql, which pg_dump never writes"),
    "a command after a query": ("SELECT 1 \\g |touch {marker}", Misuse, "commands for psql"),
    "an end of the restriction": ("\\unrestrict x\n\\! touch {marker}", Misuse, "commands for psql"),
    "a program of the server's": (PROGRAM, Inconclusive, "--trust-functions"),
    "a way back to the superuser": (f"RESET SESSION AUTHORIZATION; {PROGRAM}", Inconclusive, "--trust-functions"),
    "a role": ("CREATE ROLE mallory SUPERUSER;", Inconclusive, "--trust-functions"),
}


@pytest.mark.promise
@pytest.mark.parametrize("attack", AS_ANYBODY)
def test_a_dump_runs_nothing_on_this_machine(attack, dumps, restored, open_folder):
    """Neither psql, which reads the script here, nor the throw-away server, which runs here too."""
    text, refusal, says = AS_ANYBODY[attack]
    path, marker = dumps("plain"), open_folder / "ran"
    open_folder.chmod(0o777)
    whole = path.read_bytes()
    evil = text.format(marker=marker).encode()
    path.write_bytes(whole.replace(b"\n\nCREATE TABLE", b"\n\n" + evil + b"\n\nCREATE TABLE", 1))
    assert evil in path.read_bytes()

    with pytest.raises(refusal, match=says):
        restored(path)

    assert not marker.exists()


def test_what_needs_a_superuser_is_restored_by_one_if_it_is_trusted(dumps, server, new_database):
    path, database = dumps("plain"), new_database()
    text = path.read_bytes().replace(
        b"\n\nCREATE TABLE", b"\n\nCREATE CAST (text AS date) WITH INOUT;\n\nCREATE TABLE", 1
    )
    path.write_bytes(text)
    with pytest.raises(Inconclusive, match=r"(?s)must be owner.*--trust-functions"):
        restore(dump_at(path), server, database)

    trusted = new_database()
    restore(dump_at(path), server, trusted, trusted=True)

    with psycopg.connect(server.dsn(trusted)) as connection:
        assert connection.execute("SELECT count(*) FROM pg_cast WHERE oid >= 16384").fetchone() == (1,)
