"""A rollback after writes in the migrated database: what became of them is told, and only harm to other rows is bad."""

import shlex
import sys

import psycopg
import pytest

from fixtures.every import every
from rollproof.model.errors import Misuse
from rollproof.rehearsal.command import Commands
from rollproof.rehearsal.record import Stage
from rollproof.rehearsal.stages import Stages
from rollproof.rehearsal.tools.step import Step
from rollproof.rehearsal.traffic.between import Between
from rollproof.rehearsal.traffic.writes import Writes
from rollproof.rehearsal.world import World
from rollproof.settings.configuration import Configured
from rollproof.settings.options import Settings
from rollproof.settings.rehearsal import Rehearsal

GROUND = """
CREATE TABLE orders (id serial PRIMARY KEY, buyer varchar(36) NOT NULL, amount numeric(9, 2));
INSERT INTO orders (buyer, amount) SELECT upper(gen_random_uuid()::text), n FROM generate_series(1, 5) AS n;
CREATE TABLE marks (mark text); INSERT INTO marks VALUES ('a'), ('a'), ('b');
CREATE SCHEMA kept; CREATE TABLE untouched (id int PRIMARY KEY); INSERT INTO untouched VALUES (1);
"""
UP = """
CREATE TABLE kept.orders AS SELECT * FROM orders; ALTER TABLE orders ALTER buyer TYPE uuid USING buyer::uuid;
ALTER TABLE orders ADD phone text, ADD seen date DEFAULT '2024-02-29';
CREATE TABLE new (id int)
"""
# Backwards by conversion, with the copy for the spelling of what was there; and by putting the copy back.
CONVERTED = """
ALTER TABLE orders DROP phone, DROP seen;
ALTER TABLE orders ALTER buyer TYPE varchar(36);
UPDATE orders SET buyer = k.buyer FROM kept.orders AS k WHERE k.id = orders.id;
DROP TABLE kept.orders; DROP TABLE new
"""
RESTORED = """
TRUNCATE orders; ALTER TABLE orders DROP phone, DROP seen; ALTER TABLE orders ALTER buyer TYPE varchar(36);
INSERT INTO orders SELECT * FROM kept.orders; DROP TABLE kept.orders; DROP TABLE new
"""
WRITES = """
INSERT INTO orders (buyer, amount) VALUES (gen_random_uuid(), 70), (gen_random_uuid(), 80);
UPDATE orders SET amount = 9, phone = '1' WHERE id = 2; DELETE FROM orders WHERE id = 3;
INSERT INTO marks VALUES ('c'); INSERT INTO new VALUES (1); INSERT INTO nowhere VALUES (1)
"""
FEW = "INSERT INTO orders (buyer) VALUES (gen_random_uuid())"


def _sql(*statements: str) -> tuple[str]:
    says = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL'], autocommit=True)"
    return (f"{shlex.quote(sys.executable)} -c {shlex.quote(f'{says}.execute({statements[0]!r})')}",)


@pytest.fixture
def told(server, new_database, tmp_path):
    world = World(server, new_database())
    with psycopg.connect(world.url, autocommit=True) as connection:
        connection.execute(GROUND)
    make = Stages(world, Commands(world, tmp_path, Rehearsal()), Configured(Settings(), None), lambda _: None)
    kept = world.keep()

    def tell(down: str, writes: str, first: str = "good") -> dict[str, Stage]:
        before = (Stage("rollback", first, "", compared=True),)
        step = Step("", _sql(UP), _sql(down))
        return {stage.name: stage for stage in Between(make, step, kept, before, Writes.parse(writes, tmp_path)).told()}

    yield tell
    world.forget(kept)


def test_what_was_written_is_kept_by_one_rollback_and_lost_by_another(told, tmp_path):
    """Both are honest about the rows that nobody wrote to; what became of the others is told with numbers."""
    (tmp_path / "writes.sql").write_text(WRITES)
    converted, restored = told(CONVERTED, "writes.sql"), told(RESTORED, WRITES)

    wrote = converted["writes in between"]
    assert "they changed rows of public.marks, public.new, public.orders; 1 statement of 6 refused: " in wrote.sentence
    words = [[stage.word for stage in told.values()] for told in (converted, restored)]
    assert words == [["good", "good", "good", "warning"]] * 2
    assert converted["what became of the writes"].sentence == (
        "public.marks: 1 row inserted (1 kept); public.new: 1 row inserted (1 lost); "
        "public.orders: 2 rows inserted (2 kept), 1 row changed (1 kept), 1 row deleted (1 still gone), "
        "what was written to phone, seen is lost with the column"
    )
    assert restored["what became of the writes"].sentence == (
        "public.marks: 1 row inserted (1 kept); public.new: 1 row inserted (1 lost); "
        "public.orders: 2 rows inserted (2 lost), 1 row changed (1 undone), 1 row deleted (1 back again)"
    )


HARM = """
DO $$ BEGIN
IF EXISTS (SELECT FROM orders WHERE amount IS NULL) THEN
    DELETE FROM orders WHERE id = 5; UPDATE orders SET amount = 0 WHERE id = 4; INSERT INTO orders VALUES (900, 'x');
    UPDATE orders SET amount = 1 WHERE amount IS NULL; ALTER SEQUENCE orders_id_seq RESTART WITH 3;
    DELETE FROM untouched; DELETE FROM marks WHERE mark = 'b'; COMMENT ON TABLE orders IS 'written to';
END IF;
END $$
"""


@pytest.mark.promise
def test_what_nobody_wrote_to_must_be_as_it_was(told):
    """A rollback that is honest as long as nobody writes, and then harms other rows, and leaves a definition."""
    stage = told(CONVERTED + ";" + HARM, f"{FEW}; INSERT INTO marks VALUES ('c')")["what became of the writes"]

    assert stage.word == "bad"
    found = {(each.check, each.subject): str(each.actual) for each in stage.findings}
    assert found.keys() >= {("comments", "public.orders (table)"), ("rows", "public.untouched")}
    assert {subject for _, subject in found} == {
        *("public.orders (table)", "public.orders", "public.marks", "public.untouched"),
        *("public.orders.id", "public.orders_id_seq"),
    }
    assert "1 row inserted (1 kept), 1 row of these with other values than were written" in stage.sentence
    assert found["content", "public.marks"] == "1 row of before the migration lost or changed"
    assert found["content", "public.orders"] == (
        "2 rows of before the migration lost or changed and 1 row there that nobody inserted (4, 5, 900)"
    )


@pytest.mark.promise
def test_a_rollback_that_cannot_be_run_after_writes_is_bad(told):
    """It must have left the database as it was, with what was written: here by a shell command."""
    honest = "ALTER TABLE orders ALTER amount SET NOT NULL, ALTER amount DROP NOT NULL"
    stages = told(f"{honest}; {CONVERTED}", _sql(FEW)[0])

    assert stages["rollback after the writes"].word == "bad"
    assert "null values" in stages["rollback after the writes"].sentence
    assert stages["after the failed rollback"].word == "good"


def test_what_proves_nothing_is_undecided(told):
    """Writes that changed nothing; a rollback that does not even go without them."""
    for writes, first, said in (
        ("DELETE FROM orders WHERE id = 900", "good", "changed no row"),
        (FEW, "bad", "not tried"),
    ):
        stage = told(CONVERTED, writes, first)["writes in between"]
        assert (stage.word, said in stage.sentence) == ("undecided", True)


@every(
    "text, said", [("gone.sql", "no file gone.sql"), ("own.sql", "psql -f FILE"), ("empty.sql", "holds no statement")]
)
def test_writes_that_cannot_be_run_are_refused_at_once(text, said, tmp_path):
    (tmp_path / "own.sql").write_text("\\copy orders FROM 'x'")
    (tmp_path / "empty.sql").write_text("-- nothing")

    with pytest.raises(Misuse, match=said):
        Writes.parse(text, tmp_path)
