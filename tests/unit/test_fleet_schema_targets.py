"""Schemas in chunks: each is a target of its own, whatever became of the job in which it was done."""

from dataclasses import replace

import pytest

from fixtures.every import every
from rollproof.fleet.job import Answer
from rollproof.fleet.references import References
from rollproof.fleet.schema_targets import MOST, Divided, answers_of, in_chunks, itself, singles
from rollproof.fleet.target import FleetTarget, file_name
from rollproof.fleet.work import failed
from rollproof.model.errors import Misuse
from rollproof.model.snapshot import Origin, Snapshot
from rollproof.settings.options import Settings
from rollproof.sources.baseline import save, unsealed_content
from rollproof.verdict.fleet.target_outcome import TargetOutcome

DATABASE = FleetTarget("db", "postgresql://h/db", None, "h:5432")


def schemas(number):
    return [FleetTarget(file_name(f"tenant/{n}"), DATABASE.url, f"tenant/{n}", DATABASE.server) for n in range(number)]


@every(
    ("number", "at_once", "seconds", "largest"), [(0, 8, None, 0), (1, 8, None, 1), (17, 8, None, 3), (17, 8, 5.0, 1)]
)
def test_each_schema_is_in_one_chunk_and_all_workers_have_some(number, at_once, seconds, largest):
    chunks = [*in_chunks([DATABASE, *schemas(number)], at_once, seconds)]

    assert chunks[0] == DATABASE
    assert [each for chunk in chunks[1:] for each in singles(chunk)] == schemas(number)
    assert max((len(chunk.schemas) for chunk in chunks[1:]), default=0) == largest


def test_a_chunk_is_never_so_large_that_one_look_takes_too_long():
    assert max(len(chunk.schemas) for chunk in in_chunks(schemas(3 * MOST), 1, None)) == MOST


def test_each_has_its_own_answer_or_the_reason_why_there_is_none():
    (chunk,) = in_chunks(schemas(3), 1, None)
    own = Answer(failed(file_name("tenant/1"), "h:5432", "misuse", "its own"))
    lost = Answer(failed(chunk.name, "h:5432", "inconclusive", "lost"), unreachable=True, parts=(own,))

    told = {target.schema: answer.outcome for target, answer in answers_of(chunk, lost)}

    assert {schema: (each.name, each.sentence) for schema, each in told.items()} == {
        "tenant/0": ("tenant%2F0", "lost"),
        "tenant/1": ("tenant%2F1", "its own"),
        "tenant/2": ("tenant%2F2", "lost"),
    }
    assert [*answers_of(DATABASE, lost)] == [(DATABASE, lost)]


@every("parts", [(), ("tenant/0",), ("tenant/0", "tenant/9")])
def test_a_schema_of_which_nothing_is_said_is_not_verified(parts):
    (chunk,) = in_chunks(schemas(2), 1, None)
    good = TargetOutcome(chunk.name, "h:5432", "VERIFIED", 0, "good")
    answers = tuple(Answer(replace(good, name=file_name(schema))) for schema in parts)

    told = {target.schema: answer.outcome for target, answer in answers_of(chunk, Answer(good, parts=answers))}

    assert told["tenant/1"].verdict == "INCONCLUSIVE"
    assert told["tenant/1"].name == "tenant%2F1"


def test_the_target_of_all_the_rest_has_a_name_of_its_own():
    named = FleetTarget("the database itself", DATABASE.url, "the database itself")

    assert itself(schemas(2)).name == "the database itself"
    assert itself(schemas(2)).but == ("tenant/0", "tenant/1")
    assert itself([named]).name != named.name


def baseline(path, schemas):
    facets = {
        "schemas": {'"tenant/0"': "schema", "shared": "schema"},
        "tables": {'"tenant/0".t': "table", "shared.t": "table"},
    }
    save(Snapshot(Origin("db", "1", 150000, "2026-01-01 00:00:00+00", schemas, "0.3.0"), facets), path)
    return References(path)


def test_a_part_of_a_baseline_is_sealed_by_itself_and_none_is_made_of_what_the_baseline_does_not_look_at(tmp_path):
    wanted = [itself(schemas(1)), *schemas(1)]
    chunks = [*in_chunks(wanted, 1, None)]
    told = Divided(baseline(tmp_path / "b.json", None), Settings(), wanted)
    told.expect(chunks)

    rest, part = (unsealed_content(told.content(each), tmp_path / "b.json", allow_empty=True)[0] for each in chunks)

    assert set(part.facets["tables"]) == {'"tenant/0".t'}
    assert set(rest.facets["tables"]) == {"shared.t"}
    assert part.origin.schemas == ("tenant/0",)
    narrow = Divided(baseline(tmp_path / "c.json", ("shared",)), Settings(), wanted)
    narrow.expect(chunks)
    with pytest.raises(Misuse, match="does not look at schema tenant/0"):
        narrow.content(chunks[1])
