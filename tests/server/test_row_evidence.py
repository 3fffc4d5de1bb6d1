"""Rows are named: missing, added, changed and in which columns, respelled; against a copy, another database, or not at all."""

import json
import stat

import psycopg
import pytest

from rollproof.commands.verification import Opening
from rollproof.model.compare import Difference
from rollproof.model.errors import Inconclusive
from rollproof.model.finding import ColumnChange, RowReport
from rollproof.model.plain_text import row_line, row_lines
from rollproof.rows import per_row_hashes as ledger
from rollproof.rows import row_diff as rowdiff
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.recorded import Recorded
from rollproof.verdict.row_evidence import NOBODY, RowEvidence, Wanted

ROWS = 400
GROUND = f"""
CREATE TABLE kept (id varchar(36) PRIMARY KEY, "Mixed Case" text, price numeric, more jsonb);
INSERT INTO kept SELECT upper(md5(n::text)::uuid::text), 'text ' || n, n / 4.0, jsonb_build_object('n', n)
FROM generate_series(1, {ROWS}) AS n;
CREATE TABLE bare (a integer, b text);
INSERT INTO bare SELECT n % 100, CASE WHEN n % 7 > 0 THEN 'x' END FROM generate_series(1, {ROWS}) AS n;
"""
BACKUP = """
CREATE SCHEMA migration_backup;
CREATE TABLE migration_backup.kept_backup AS TABLE kept;
CREATE TABLE migration_backup.bare_backup AS TABLE bare;
"""


def ground(url):
    play(url, GROUND)


def play(url, script):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(script)


@pytest.fixture
def looked(database_from):
    """Call it with what went wrong, and what to hold it against, for the evidence."""
    opened = []

    def look(script, against="backup", wanted=Wanted(), backup=BACKUP, copied=""):  # noqa: B008 (frozen)
        url = database_from(ground)
        named, baseline = {"backup": "backup", "database": database_from(ground)}.get(against), None
        if against == "baseline":
            before = Opening(Settings(database_url=url), Reference.parse(database_from(ground)), None).verification()
            baseline, named = Recorded(before.after.complete(), "baseline.json"), "baseline.json"
            before.close()
        play(url, backup + copied + script)
        sides = Opening(Settings(database_url=url), Reference.parse(named), baseline).verification()
        opened.append(sides)
        return RowEvidence(sides.before, sides.after, sides.copies, wanted)

    yield look
    for sides in opened:
        sides.close()


DAMAGE = """
CREATE TEMP TABLE chosen AS SELECT id, row_number() OVER (ORDER BY id) % 20 AS place FROM kept;
DELETE FROM kept WHERE id IN (SELECT id FROM chosen WHERE place = 1);
UPDATE kept SET price = trim_scale(price), "Mixed Case" = NULL WHERE id IN (SELECT id FROM chosen WHERE place = 2);
UPDATE kept SET id = lower(replace(id, '-', '')) WHERE id IN (SELECT id FROM chosen WHERE place = 3);
INSERT INTO kept SELECT 'new ' || n FROM generate_series(1, 9) AS n;
"""


@pytest.fixture
def chosen(database_from):
    """What the damage does: kind → keys."""
    with psycopg.connect(database_from(ground)) as connection:
        ids = [row[0] for row in connection.execute('SELECT id FROM kept ORDER BY id COLLATE "C"')]
    return {
        "missing": ids[0::20],
        "changed": ids[1::20],
        "key spelling": ids[2::20],
        "extra": [f"new {n}" for n in range(1, 10)],
    }


@pytest.mark.parametrize(("against", "at_once"), [("backup", 25_000), ("database", 25_000), ("database", 50)])
def test_every_row_is_named_for_what_became_of_it(  # noqa: PLR0913, PLR0917 (two that vary, and four supplies)
    against, at_once, looked, chosen, tmp_path, monkeypatch
):
    monkeypatch.setattr(rowdiff, "ON_OUR_SIDE", at_once)
    monkeypatch.setattr(rowdiff, "AT_ONCE", 7)
    file = tmp_path / "rows.jsonl"
    report = looked(DAMAGE, against, Wanted(rows=5, file=file)).of("public.kept")
    lines = list(row_lines(report))

    told, columns = told_in(file)
    assert {kind: sorted(keys) for kind, keys in told.items()} == chosen
    assert at_once < ROWS or all(keys == sorted(keys) for keys in told.values())
    assert (columns["changed"], columns["key spelling"]) == ({'"Mixed Case"', "price"}, set())
    assert report.counts == {"changed": 20, "key spelling": 20, "missing": 20, "extra": 9}
    assert (len(report.rows), report.more) == (5, 64)
    assert report.columns == (ColumnChange('"Mixed Case"', emptied=20), ColumnChange("price", altered=20))
    assert lines[0].partition(": ")[2] == (
        '20 rows changed, 20 rows whose key is spelled otherwise: "Mixed Case" in 20 (value → NULL), '
        "price in 20 (value → another); 20 rows missing; 9 rows added"
    )
    assert lines[-1] == f"- all 69 of them in {file}"
    assert len(lines) == 7
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not any("text " in line for line in (*lines, file.read_text("utf-8")))


def told_in(file):
    """Return the keys, in their order, and the columns that an evidence file tells: each by the kind of difference."""
    keys, columns = {}, {}
    for record in map(json.loads, file.read_text("utf-8").splitlines()):
        keys.setdefault(record["kind"], []).append((record.get("key_before") or record["key_after"])["id"])
        columns.setdefault(record["kind"], set()).update(record["columns"])
    return keys, columns


COPY = "the copy migration_backup.kept_backup"
COUNTED = (
    "1 of 400 in the baseline not there any more, or changed; 1 there that were not, or not so "
    "(by the hash that the baseline keeps of each)"
)


def test_a_baseline_names_rows_by_a_sound_copy_only(looked):
    change = "UPDATE kept SET price = 7 WHERE \"Mixed Case\" = 'text 8'"
    key = 'id = "C9F0F895-FB98-AB91-59F5-1FD0297E236D"'
    spoilt = "DELETE FROM migration_backup.kept_backup WHERE price = 1;"

    assert list(row_lines(looked(change, "baseline").of("public.kept"))) == [
        f"which rows, compared with {COPY}, which is as in the baseline: 1 row changed, in price (value → another)",
        f"- changed: {key} in price",
    ]
    assert looked(change, "baseline", copied=spoilt).of("public.kept") == RowReport(
        "public.kept",
        unnamed="the copy migration_backup.kept_backup is not as in the baseline either, so no rows can be named by it",
        counted=COUNTED,
    )
    assert looked(change, "baseline", backup="").of("public.kept") == RowReport(
        "public.kept", unnamed=NOBODY, counted=COUNTED
    )
    assert looked(change, "baseline", Wanted(rows=0)).of("public.kept") is None


def test_values_are_shown_to_whom_asked_for_them(looked):
    change = "UPDATE kept SET price = 7, \"Mixed Case\" = E'a\\n\u202eb' WHERE \"Mixed Case\" = 'text 8'"
    (row,) = looked(change, "backup", Wanted(values=True)).of("public.kept").rows

    assert row.before["price"] == "2.0000000000000000"
    assert row_line(row).endswith(
        'in "Mixed Case", price\n    before  "Mixed Case" = "text 8", price = "2.0000000000000000"'
        '\n    after   "Mixed Case" = "a\\n\\u202eb", price = "7"'
    )


@pytest.mark.parametrize("against", ["backup", "database"])
def test_rows_without_a_key_are_counted_by_their_image(against, looked):
    change = (
        "DELETE FROM bare WHERE ctid IN (SELECT min(ctid) FROM bare WHERE a = 5);"
        "INSERT INTO bare VALUES (1000, 'new'), (1000, 'new'); "
        "INSERT INTO bare SELECT * FROM bare WHERE a = 7 AND b IS NULL LIMIT 1"
    )
    lines = list(row_lines(looked(change, against).of("public.bare")))

    assert lines[0].endswith("1 row added; 1 row repeated less often; 1 row repeated more often")
    assert min(line.partition(": ")[2].partition(": ")[2] for line in lines[1:]) == "0 before, 2 now"
    assert all("a row of image " in line for line in lines[1:])


def test_a_key_is_what_takes_every_row_and_no_null(looked):
    index = (
        "CREATE UNIQUE INDEX ON bare ({}) WHERE a < 0; CREATE UNIQUE INDEX ON bare (b, a) WHERE false;"
        "ALTER TABLE bare ALTER a SET NOT NULL;"
    )
    change = "UPDATE bare SET b = 'y' WHERE ctid = (SELECT min(ctid) FROM bare WHERE a = 5)"

    assert looked(index.format("a") + change).of("public.bare").rows[0].image


def test_a_key_of_text_stands_for_itself_where_its_twin_is_there(looked):
    """`a-b` and `ab` are two keys: what is on both sides is never taken for a respelling."""
    kept = "INSERT INTO migration_backup.kept_backup VALUES ('a-b', '1'), ('ab', '2'); INSERT INTO kept VALUES ('ab', '2');"

    assert list(row_lines(looked(kept).of("public.kept")))[1:] == ['- missing: id = "a-b"']
    respelled = looked(kept + "INSERT INTO kept VALUES ('A-B', '1')").of("public.kept")
    assert list(row_lines(respelled))[1:] == ['- key spelling: id = "a-b" is now id = "A-B"']


def test_rows_stand_in_the_order_of_their_keys_types(looked):
    script = """
    CREATE TABLE days (day date, n integer, at timestamptz, name "char" NOT NULL, v integer, PRIMARY KEY (day, n, at));
    INSERT INTO days SELECT day::date, n, '2026-01-01 10:00+00', 'x' FROM unnest(ARRAY[9, 10, 100]) AS n,
        unnest(ARRAY['infinity', '0044-03-15 BC', '10000-01-01', '2026-03-02', '2026-12-10']) AS day;
    CREATE TABLE migration_backup.days_backup AS TABLE days;
    UPDATE days SET v = n;
    """
    report = looked(script).of("public.days")
    days = ["0044-03-15 BC", "2026-03-02", "2026-12-10", "10000-01-01", "infinity"]

    assert [tuple(row.key_after.values())[:2] for row in report.rows] == [
        (day, n) for day in days for n in ("9", "10", "100")
    ]
    assert report.columns == (ColumnChange("v", filled=15),)


def test_a_type_that_did_not_come_back_is_no_other_row(looked):
    report = looked(
        "ALTER TABLE kept ALTER id TYPE uuid USING id::uuid, ALTER price TYPE text; ALTER TABLE kept DROP COLUMN more"
    ).of("public.kept")

    assert report.counts == {"key spelling": ROWS}
    assert report.unpaired == ("more",)


@pytest.mark.parametrize(("against", "backup"), [("backup", BACKUP), ("database", ""), ("baseline", "")])
def test_only_rows_that_were_added_are_growth(looked, against, backup):
    """A baseline keeps a hash of each row, so it tells the same, without a copy."""
    may = Wanted(growing=frozenset({"public.kept", "public.bare"}))
    more = "INSERT INTO kept VALUES ('new'); INSERT INTO bare SELECT * FROM bare LIMIT 3;"
    grown, lost, changed, narrower = (
        looked(more + script, against, may, backup)
        for script in (
            "",
            "DELETE FROM kept WHERE price = 2; DELETE FROM bare WHERE ctid = (SELECT max(ctid) FROM bare WHERE a = 5)",
            "UPDATE kept SET price = 2.0 WHERE price = 2; UPDATE bare SET b = 'y' WHERE a = 5",
            "ALTER TABLE kept DROP COLUMN more; ALTER TABLE bare RENAME b TO c",
        )
    )

    for evidence, alone in ((grown, True), (lost, False), (changed, False), (narrower, False)):
        assert [evidence.only_grew(table) for table in ("public.kept", "public.bare")] == [alone, alone]
    assert looked(more, against, backup=backup).only_grew("public.kept") is False


def test_of_a_table_with_too_many_rows_a_baseline_cannot_tell_whether_it_grew(looked, monkeypatch):
    monkeypatch.setattr(ledger, "MOST", 399)
    may = Wanted(growing=frozenset({"public.kept"}))
    with pytest.raises(Inconclusive, match="to tell whether that is all"):
        looked("INSERT INTO kept VALUES ('new')", "baseline", may, "").is_growth(
            Difference("rows", "public.kept", "1", "2")
        )


def test_fewer_rows_than_before_are_lost_whatever_can_be_told_of_them(looked, monkeypatch):
    monkeypatch.setattr(ledger, "MOST", 399)
    evidence = looked("DELETE FROM kept WHERE price = 2", "baseline", Wanted(growing=frozenset({"public.kept"})), "")

    assert evidence.is_growth(Difference("rows", "public.kept", str(ROWS), str(ROWS - 1))) is False


def test_the_rows_of_a_baseline_are_those_that_were_there(looked):
    """Each kept hash adds to the fingerprint, so they are no second truth; and the file brings them back."""
    (before, _, _) = looked("", "baseline", backup="")._sides  # noqa: SLF001
    kept = before.snapshot.hashes

    assert {table: len(packed) // 8 for table, packed in kept.items()} == {"public.bare": ROWS, "public.kept": ROWS}
    assert {table: f"i3:{sum(ledger.numbers(packed))}" for table, packed in kept.items()} == before.snapshot.facets[
        "content"
    ]
