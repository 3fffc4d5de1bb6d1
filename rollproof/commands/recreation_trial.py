"""The script of a whole schema tried: run on an empty database of a throw-away server, which is then verified."""

import time
from contextlib import ExitStack, closing
from dataclasses import replace

import msgspec

from rollproof.commands.recreation import Recreation
from rollproof.commands.repair_proof import Proof, fact
from rollproof.commands.repair_trial import started
from rollproof.commands.request import Request
from rollproof.commands.script_run import run
from rollproof.commands.verification import Opening
from rollproof.model.compare import Difference
from rollproof.repair.recreate import ELSEWHERE, OF_SERVER
from rollproof.throwaway.clone import Described
from rollproof.throwaway.psql import Psql
from rollproof.throwaway.servers.server import fresh_name
from rollproof.throwaway.tamed import Tamed
from rollproof.verdict.repairs import Repairs


def prove(request: Request, made: Recreation) -> Proof:
    """Run the script on an empty database, and verify that; it is gone afterwards.

    Raises `Inconclusive` if there is no server for it.
    """
    began = time.monotonic()
    with ExitStack() as keep:
        server = started(made.held.settings, made.before.version)
        keep.callback(server.stop)
        tamed = Tamed.on(server, trusted=made.held.settings.trust_functions)
        database, lacks = _empty(tamed, request, made)
        psql = Psql(server, tamed.url_for_scripts(database), request.deadline)
        before = _differences(tamed, database, request, made)
        ran = run(psql, tamed, made.lines())
        after = _differences(tamed, database, request, made)
    request.tell(f"the script was run on an empty database, which was verified, after {time.monotonic() - began:.1f} s")
    said = _proof(made, f"an empty database of {server.name}", before, after)
    return replace(said, refused=ran.told, lacks=(*lacks, *ran.lacks))


def _proof(made: Recreation, where: str, before: tuple[Difference, ...], after: tuple[Difference, ...]) -> Proof:
    return Proof(
        where=where,
        found=before,
        claimed=frozenset(fact(each) for step in made.plan.steps if not step.optional for each in step.mends),
        before=frozenset(map(fact, before)),
        after=after,
        unmended=frozenset(fact(each.difference) for each in made.plan.unmended),
        does="makes",
        what="fact",
    )


def _empty(tamed: Tamed, request: Request, made: Recreation) -> tuple[str, list[str]]:
    """Make an empty database like that of the reference, and the roles and tablespaces that it needs; return its name."""
    known, origin = made.side.facts("database"), made.before.origin
    kind = {"icu": "i", "builtin": "b"}.get(known.get("locale provider", ""), "c")
    described = Described(
        origin.database if origin else fresh_name(),
        known.get("encoding", "UTF8"),
        known.get("collation", "C"),
        known.get("character classes", "C"),
        kind,
        known.get("locale", ""),
    )
    needed = [statement for step in made.plan.steps if step.optional for statement in step.statements]
    first = Psql(tamed.server, tamed.url("template1"), request.deadline)
    first.run("\n".join(["SET allow_in_place_tablespaces = on;", *needed, ""]), is_strict=False)
    tamed.tame()
    return described.name, described.create(tamed)


def _differences(tamed: Tamed, database: str, request: Request, made: Recreation) -> tuple[Difference, ...]:
    held = made.held
    settings = msgspec.structs.replace(held.settings, database_url=tamed.url(database), other_database=True)
    opening = Opening(
        settings, held.reference, made.baseline, held.unavailable, deadline=request.deadline, tell=request.tell
    )
    with closing(opening.verification()) as sides:
        found = Repairs(sides.before, sides.after, sides.accepted).differences
        known = (each for each in found if each.facet not in (*ELSEWHERE, *OF_SERVER))
        return tuple(each for each in known if not tamed.is_ours((each.identity, each.after)))
