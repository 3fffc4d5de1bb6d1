"""Nothing that stands in a baseline is believed before it was looked at, and none of it becomes SQL but names."""

import json
import os
import random
from functools import cache

import msgspec
import psycopg
import pytest

from fixtures.forgery import forged, sealed
from rollproof.commands.repair_script import script
from rollproof.commands.verification import Opening, recorded
from rollproof.model.errors import Inconclusive, Misuse
from rollproof.model.facets import traits
from rollproof.model.failure import NotRestored
from rollproof.probes.leftovers import leftovers
from rollproof.probes.sequences import behind
from rollproof.repair.soundness import NOT_ONE
from rollproof.settings.options import Settings
from rollproof.settings.reference import Reference
from rollproof.sources.baseline import save, unsealed
from rollproof.sources.signature import Key, read_key
from rollproof.sources.table_groups import EVERYTHING
from rollproof.verdict.expect import Expect
from rollproof.verdict.repairs import Repairs

WIDE = int(os.environ.get("ROLLPROOF_FORGERIES", "40"))  # random forgeries; many more on demand
PAYLOADS = (
    "'; CREATE TABLE pwned(); --",
    '"; CREATE TABLE pwned(); --',
    "); CREATE TABLE pwned(); --",
    "public.orders; CREATE TABLE pwned()",
    "public.orders; COMMIT; COPY (SELECT 1) TO PROGRAM 'touch {marker}'; BEGIN",
    "$$; CREATE TABLE pwned(); $$",
    "\n\\! touch {marker}\n",
    "\\g |touch {marker}",
    "*/ CREATE TABLE pwned(); /*",
    "%s %(x)s {0} $1",
    "\u2019; CREATE TABLE pwned(); \u2018",
    "1) FROM public.orders UNION SELECT pg_catalog.set_config('a.b', 'c', false) --",
)
"""What somebody might write into a baseline; `{marker}` is a file that a program would make."""


def tables(url):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute("SELECT oid::regclass::text FROM pg_class WHERE oid >= 16384 ORDER BY 1").fetchall()


def forgeries(honest, payloads):
    """Yield facet and snapshot for each payload at each place that could hold it; each of a fact of its own, if there are many."""
    for number, payload in enumerate(payloads):
        for facet, facts in honest.facets.items():
            identity, text = [*facts.items(), ("public.orders", "x")][number % max(1, len(facts))]
            yield facet, forged(honest, facet, payload, text)
            yield facet, forged(honest, facet, identity, payload)
            yield facet, forged(honest, facet, identity, f"{text}{payload}")
            for field, value in json.loads(text).items() if traits(facet).json else ():
                told = [payload, *value[1:]] if isinstance(value, list) and value else payload
                yield facet, forged(honest, facet, identity, json.dumps({**json.loads(text), field: told}))
        for field in ("database", "system", "taken", "tool"):
            yield "", msgspec.structs.replace(honest, origin=msgspec.structs.replace(honest.origin, **{field: payload}))


@pytest.mark.promise
def test_a_forged_baseline_runs_nothing(command, shop, honest, marker, tmp_path):
    """What was seen on 0.2.0: a table was committed and a program ran, and the verdict was VERIFIED, by a superuser."""
    payload = f"COMMIT; CREATE TABLE pwned (); COPY (SELECT 1) TO PROGRAM 'touch {marker}'; BEGIN; SELECT 1 --"
    before = tables(shop)
    for facet in ("sequence_columns", "foreign_keys"):
        identity, text = next(iter(honest.facets[facet].items()))
        known = json.loads(text) | {"table": f"public.orders LIMIT 0; {payload}"}
        sealed(forged(honest, facet, identity, json.dumps(known)), tmp_path / "baseline.json")
        done = command(tmp_path, "verify", "--database-url", shop)

        assert (tables(shop), marker.exists()) == (before, False), facet
        assert done.returncode == 4, done.output[-2000:]
        assert "is sealed, but no rollproof wrote it so" in done.output


@pytest.mark.promise
def test_no_forged_fact_becomes_a_statement(shop, honest, marker, tmp_path):
    """Each payload at each place: refused, or asked about in nothing but statements of ours, and never taken for equal."""
    before, accepted = tables(shop), honest.facets
    every = [*forgeries(honest, [each.replace("{marker}", str(marker)) for each in PAYLOADS])]
    for facet, snapshot in random.Random(0).sample(every, min(WIDE * 5, len(every))):  # noqa: S311 (no secret)
        try:
            recorded(Reference.parse(str(sealed(snapshot, tmp_path / "forged.json"))))
        except Misuse:
            continue
        if facet:
            changed = {
                name: text for name, text in snapshot.facets[facet].items() if honest.facets[facet].get(name) != text
            }
            accepted = {**accepted, facet: {**accepted[facet], **changed}}
    assert sum(map(len, accepted.values())) > sum(map(len, honest.facets.values())) + 20
    sealed(msgspec.structs.replace(honest, facets=accepted), tmp_path / "all.json")

    _ask_everything(shop, tmp_path / "all.json", honest)

    assert (tables(shop), marker.exists()) == (before, False)


def _ask_everything(url, path, honest):
    reference = Reference.parse(str(path))
    opened = Opening(Settings(database_url=url), reference, recorded(reference)).verification()
    try:
        repairs = cache(
            lambda: Repairs(opened.before, opened.after, opened.accepted)
        )  # as the checks of a run share them
        for facet, facts in opened.before.snapshot.facets.items():
            if facts != honest.facets[facet] and facet not in {"rows", "content", "pg_dump"}:
                with pytest.raises((NotRestored, Inconclusive)):
                    Expect(facet, opened.before, opened.after, opened.accepted, repairs=repairs).restored(facet)
        for ask in (
            lambda: list(opened.orphans.of(EVERYTHING)),
            lambda: list(behind(opened.before, opened.after)),
            lambda: list(leftovers(opened.before, opened.after)),
        ):
            try:
                ask()
            except Inconclusive:
                continue
        _require_harmless(script(opened))
    finally:
        opened.close()


def _require_harmless(lines):
    """Whatever psql would obey, or run as a second statement, stands in a comment or in a string."""
    for line in lines:
        assert (
            line.startswith("--")
            or line in {"BEGIN;", "COMMIT;"}
            or NOT_ONE in line
            or "pwned" not in line
            or "'" in line
        )
        assert not line.startswith("\\")
        assert "\n\\" not in line


@pytest.mark.promise
@pytest.mark.parametrize("facet", ["constraints", "columns"])
def test_repair_runs_no_function_that_a_baseline_names(shop, honest, marker, tmp_path, facet):
    """lo_export() writes a file of the server's in a read-only transaction as well."""
    call = f"lo_export(4711, '{marker}'::text)"
    told = {
        "constraints": ("public.orders.gone", f"CHECK (({call} > 0))"),
        "columns": ("public.orders.total", f"integer + {call}"),
    }
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute(
            "SELECT lo_from_bytea(4711, 'x') WHERE 4711 NOT IN (SELECT oid FROM pg_largeobject_metadata)"
        )
    reference = Reference.parse(str(sealed(forged(honest, facet, *told[facet]), tmp_path / "forged.json")))
    opened = Opening(Settings(database_url=shop), reference, recorded(reference)).verification()
    try:
        lines = script(opened)
    finally:
        opened.close()

    assert any(told[facet][0] in line for line in lines)
    assert not marker.exists()


@pytest.mark.promise
def test_repair_says_whose_file_it_was_made_of(shop, honest, tmp_path):
    changed = forged(honest, "constraints", "public.orders.gone", "CHECK ((total > (0)::numeric))")
    seal = save(changed, tmp_path / "baseline.json", Key(tmp_path / "key", b"k" * 32))
    file = tmp_path / "baseline.json"
    where = Reference.parse(str(file))
    opened = Opening(Settings(database_url=shop), where, recorded(where)).verification()
    try:
        lines = script(opened)
    finally:
        opened.close()

    head = "\n".join(lines[:4])
    assert f"Made of the file {file}, SHA-256 {seal.sha256}, signed, not checked" in head
    assert f"from the database {honest.origin.database}" in head
    assert "could change these statements" in head
    assert "ALTER TABLE public.orders ADD CONSTRAINT gone CHECK ((total > (0)::numeric));" in lines


@pytest.mark.promise
def test_each_command_that_reads_a_baseline_asks_for_its_signature(command, shop, tmp_path):
    """And each that writes one gives it: `capture --sign`, and the phase before the migration."""
    for name in ("key", "other"):
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_bytes(os.urandom(32))

    def signed(*words):
        return command(tmp_path, *words, "--database-url", shop)

    assert signed("capture", "--sign=key").returncode == 0
    assert signed("doctor", "--require-signature=key").returncode == 0
    for words in (["doctor"], ["repair"], ["verify", "-k", "test_tables"]):
        refused = signed(*words, "--require-signature=other")
        assert (refused.returncode, "signed with another key" in refused.output) == (4, True), words
    passed = signed("verify", "-k", "test_tables", "--require-signature=key")
    before = signed("verify", "pre_migration", "--require-signature=key", "--reference=new.json", "-ktest_baseline.py")

    assert passed.returncode == 0, passed.output[-2000:]
    key = read_key(str(tmp_path / "key"), "--sign")
    assert unsealed(tmp_path / "new.json", key=key)[1].signed, before.output[-2000:]
