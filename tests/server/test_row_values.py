"""Values of every type come back, from copies and from files; the files are for their owner, and nothing is written over."""

import os
import re
import stat
from contextlib import suppress

import psycopg
import pytest

from fixtures.stored_values import NASTY, built, literal
from rollproof.commands.repair_request import RepairRequest
from rollproof.commands.repair_script import script
from rollproof.model.errors import Misuse
from rollproof.sources.source import CONTENT
from rollproof.system.deadline import NEVER
from rollproof.throwaway.psql import Psql
from rollproof.verdict.row_evidence import RowEvidence, Wanted

BY_NIGHT = pytest.mark.skipif(not os.environ.get("ROLLPROOF_NIGHT"), reason="by night, or with ROLLPROOF_NIGHT=1")

GROUND = """
CREATE TABLE people (id text PRIMARY KEY, email text UNIQUE);
CREATE TABLE parts (a integer, b bytea, PRIMARY KEY (a, b));
INSERT INTO people SELECT 'ID-' || n, 'p' || n FROM generate_series(1, 9) AS n;
INSERT INTO parts SELECT n % 5, int4send(n) FROM generate_series(1, 30) AS n;
"""
CHANGED = "UPDATE people SET email = 'other' WHERE id = 'ID-4'"


def play(url, text):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(text)


def ground(url):
    play(url, GROUND)


def every_value(url, left_out=()):
    """Fill a table with a key, and one without, with every nasty value of every type; and make a table of each type of keys."""
    with psycopg.connect(url, autocommit=True) as writer:
        types = built(writer)
        writer.execute('ALTER TABLE "Odd".museum ADD place serial')
        for number, name in enumerate(types):
            if name in left_out:
                writer.execute(f'ALTER TABLE "Odd".museum DROP c{number:03}')
                continue
            values = ", ".join(f"({literal(value)})" for value in NASTY[name])
            writer.execute(f'INSERT INTO "Odd".museum (c{number:03}) VALUES {values}')
            with suppress(psycopg.Error):
                key = f'"Odd"."key {number}"'
                writer.execute(f"CREATE TABLE {key} (k {name} PRIMARY KEY, v int4)")
                writer.execute(f"INSERT INTO {key} VALUES {values} ON CONFLICT DO NOTHING")
        writer.execute(
            'CREATE TABLE "Odd".keyless AS SELECT * FROM "Odd".museum; ALTER TABLE "Odd".keyless DROP place;'
            'ALTER TABLE "Odd".museum ADD PRIMARY KEY (place); CREATE SCHEMA migration_backup'
        )
        tables = writer.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = '\"Odd\"'::regnamespace AND relkind = 'r'"
        )
        for (name,) in tables.fetchall():
            writer.execute(f'CREATE TABLE migration_backup."{name}_backup" AS TABLE "Odd"."{name}"')


def every_value_of_text(url):
    """Do the same but for types whose text does not tell all of a value."""
    every_value(
        url,
        {*["tsquery", "regproc", "regoper", "xml", "xml[]", "regproc[]", "real_too", "mute", "real_too[]", "mute[]"]},
    )


# Of each type some values are lost, others take those of another row.
SPOILED = """
DO $$
DECLARE each record;
BEGIN
    FOR each IN SELECT attname FROM pg_attribute
    WHERE attrelid = '"Odd".keyless'::regclass AND attnum > 0 AND NOT attisdropped LOOP
        EXECUTE format('DELETE FROM "Odd".keyless AS t WHERE ctid = (SELECT min(ctid) FROM "Odd".keyless WHERE %I IS NOT NULL)',
                       each.attname);
        EXECUTE format('UPDATE "Odd".museum AS t SET %1$I = o.%1$I FROM (SELECT %1$I FROM "Odd".museum WHERE %1$I IS NOT NULL
                        ORDER BY place LIMIT 1) AS o WHERE t.%1$I IS DISTINCT FROM NULL AND place %% 3 = 0', each.attname);
    END LOOP;
    DELETE FROM "Odd".museum WHERE place % 5 = 0;
    INSERT INTO "Odd".keyless SELECT * FROM "Odd".keyless LIMIT 20;
    FOR each IN SELECT relname FROM pg_class WHERE relnamespace = '"Odd"'::regnamespace AND relkind = 'r' AND relname ~ '^key ' LOOP
        EXECUTE format('UPDATE "Odd".%I SET v = 1', each.relname);
        EXECUTE format('DELETE FROM "Odd".%1$I WHERE ctid = (SELECT max(ctid) FROM "Odd".%1$I)', each.relname);
    END LOOP;
END
$$
"""


@pytest.mark.parametrize("reference", [pytest.param("backup", marks=BY_NIGHT), "database"])
def test_values_of_every_type_come_back(  # noqa: PLR0913, PLR0917 (one that varies, and six supplies)
    server, database_from, repaired, all_of, monkeypatch, tmp_path, reference
):
    """In columns and in keys; by a copy, and by files from another database."""
    monkeypatch.chdir(tmp_path)
    fill = every_value if reference == "backup" else every_value_of_text
    url = database_from(fill)
    before = all_of(url)
    play(url, SPOILED)
    text = repaired(url, "backup" if reference == "backup" else database_from(fill))
    added = re.sub(r"(?m)^-- \d[^\n]*not there before[^\n]*?: (?=SET LOCAL|DELETE|ALTER|CREATE TEMP|\\copy)", "", text)

    for _ in "ab":
        ran = Psql(server, url, NEVER).run(added, is_strict=True, may_command=True)
        assert not ran.complaints
    after = all_of(url)
    assert all(before.snapshot.facets[facet] == after.snapshot.facets[facet] for facet in CONTENT)


@pytest.mark.parametrize("name", ["plain", "a 'quoted' name", "; \\! echo :x $$", "äö %s"])
def test_files_are_for_their_owner_and_never_overwritten(server, database_from, opened, tmp_path, name):
    folder = tmp_path / name
    url = database_from(ground)
    play(url, f"{CHANGED}; DELETE FROM parts WHERE a = 3")

    def made():
        sides = opened(url, database_from(ground))
        evidence = RowEvidence(sides.before, sides.after, sides.copies, Wanted(rows=0))
        return "\n".join(script(sides, RepairRequest(values_dir=folder), evidence))

    text = made()
    assert "'p4'" not in text
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    ran = Psql(server, url, NEVER).run(text, is_strict=True, may_command=True)
    assert not ran.complaints
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT email FROM people WHERE id = 'ID-4'").fetchone() == ("p4",)
        assert connection.execute("SELECT count(*) FROM parts").fetchone() == (30,)
    play(url, CHANGED)
    with pytest.raises(Misuse, match="none is overwritten"):
        made()


def test_a_folder_that_no_script_can_name_is_a_misuse(database_from, opened, tmp_path):
    url = database_from(ground)
    play(url, CHANGED)
    sides = opened(url, database_from(ground))
    evidence = RowEvidence(sides.before, sides.after, sides.copies, Wanted(rows=0))

    with pytest.raises(Misuse, match="plainer folder"):
        script(sides, RepairRequest(values_dir=tmp_path / "two\nlines"), evidence)
