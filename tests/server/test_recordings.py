"""What a baseline keeps beside the facts, and that a baseline is never lost."""

import psycopg
import pytest

from rollproof.configuration import Plan
from rollproof.endpoints import Answer
from rollproof.errors import CannotTell, Misuse
from rollproof.readiness import misfits, no_room, unreachable
from rollproof.recordings import plans, put, require_whole, told
from rollproof.session import Limits, Target, View
from rollproof.snapshot import Origin, Snapshot, load

SNAPSHOT = Snapshot(
    Origin("shop", "7", 180000, "2026-11-24 10:00:00.5+00", None, "0"), {"tables": {"public.a": "table"}}
)


HEX = "0eebc999c0b4ef8bb6d6bb9bd380a11"


@pytest.fixture
def view(database):
    view = View(Target.parse(database), Limits())
    yield view
    view.close()


def test_a_second_baseline_keeps_the_first(tmp_path):
    path, said = tmp_path / "baseline.json", []
    put(SNAPSHOT, path, said.append)
    first = path.read_bytes()
    put(Snapshot(SNAPSHOT.origin, {"tables": {"public.b": "table"}}), path, said.append)

    assert (tmp_path / "baseline-2026-11-24-10-00-00.json").read_bytes() == first
    assert load(path).tables == ("public.b",)
    assert "is kept" in said[1]


def test_what_is_no_baseline_is_not_written_over(tmp_path):
    path = tmp_path / "precious.txt"
    path.write_text("no baseline")

    with pytest.raises(Misuse):
        put(SNAPSHOT, path, print)
    assert path.read_text() == "no baseline"


def test_a_baseline_with_a_hole_is_refused():
    with pytest.raises(CannotTell, match=r"rows public\.a: no"):
        require_whole(Snapshot(SNAPSHOT.origin, SNAPSHOT.facets, {"rows": {"public.a": "no"}}))


def test_a_plan_is_told_without_its_values_and_no_query_is_run(view):
    sql = "SELECT FROM pg_catalog.pg_class WHERE oid = 4711 AND pg_catalog.pg_sleep(100) IS NULL"

    assert plans(view, [Plan("one", sql)])["one"].startswith("Index")
    assert "4711" not in plans(view, [Plan("one", sql)])["one"]
    with pytest.raises(CannotTell, match="plan two"):
        plans(view, [Plan("two", "SELECT 1; SELECT 2")])


def test_an_answer_is_told_by_its_keys():
    assert told(Answer(200, 0.1, "application/json", ("b", "a"))) == "status 200, application/json, keys a, b"
    assert told(Answer(204, 0.1, "", None)) == "status 204, no type, no JSON object"


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ("('{A0EEBC99-9C0B4EF8-BB6D6BB9BD380A11}'), (NULL)", None),
        ("('a0eebc999c0b4ef8bb6d6bb9bd380a11'), ('none')", "1 are none, in the rows none"),
        (f"('a{HEX}'), ('A{HEX}')", f"1 would meet: A{HEX}"),
    ],
)  # fmt: skip
def test_values_that_cannot_become_what_they_shall_are_named_by_their_keys(database, values, found):
    column = '"k %s"'
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f'CREATE TABLE things AS SELECT column1 AS "k %s" FROM (VALUES {values}) AS v'.encode())
    with View(Target.parse(database), Limits()) as view:
        told = view.ask(lambda it: list(misfits(it, "public.things", column, "uuid", (column,), "text")))

    assert [difference.after for difference in told] == ([found] if found else [])


def test_room_is_for_the_log_as_well():
    assert list(no_room(100, 200)) == []
    assert [difference.after for difference in no_room(10**9, 10**9)] == ["1,000 MB"]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("sh -c true", None),
        ("X=1 sh undo.sh", None),
        ("sh missing.sh", "missing.sh is not in"),
        ("no-such-program --now", "no-such-program is not found"),
        ("", "no program is not found"),
    ],
)
def test_the_tool_is_looked_for_and_not_run(command, found, tmp_path):
    (tmp_path / "undo.sh").write_text("exit 1")

    told = [difference.after for difference in unreachable(command, tmp_path)]

    assert [text.partition(str(tmp_path))[0].strip() for text in told] == ([found] if found else [])
