"""Why a fault is not seen, in one sentence that names the thing as the user wrote it, and what would end that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rollproof.model.names import NAME, names, sql_name, table_of, unquoted
from rollproof.model.toml_text import text
from rollproof.rehearsal.faults.fault import Fault
from rollproof.rehearsal.selftest.ground import Ground
from rollproof.rehearsal.selftest.obstacles import REFERENCE, ROLE, Obstacle
from rollproof.rehearsal.selftest.outcome import Tried, Word
from rollproof.rehearsal.selftest.sight import Sight
from rollproof.rehearsal.selftest.superuser import superuser

_WORDS: tuple[Word, ...] = ("not readable", "not configured", "waived")
"""Of several obstacles together the first word names them all: what cannot be read is the farthest from being seen."""
_BOTH = (ROLE, REFERENCE)
_IN_SCHEMA = re.compile(rf" IN SCHEMA (?P<schema>{NAME})")
_IN_FRONT = re.compile(rf"(?P<schema>{NAME})\.{NAME}")
_RIGHTS = """
SELECT
    pg_catalog.quote_ident(n.nspname),
    pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
    pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE'),
    pg_catalog.has_table_privilege(r.oid, c.oid, 'SELECT'),
    c.relrowsecurity AND NOT r.rolsuper AND NOT r.rolbypassrls
    AND (c.relforcerowsecurity OR NOT pg_catalog.pg_has_role(r.oid, c.relowner, 'USAGE'))
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN pg_catalog.pg_roles AS r
WHERE n.nspname = %s AND c.relname = %s AND r.rolname = %s
"""


@dataclass(frozen=True)
class _Part:
    """One obstacle, told of a fault."""

    word: Word
    said: str
    mend: str


def because(fault: Fault, found: Sequence[Obstacle], ground: Ground, sight: Sight) -> Tried:
    """Return what became of a fault that is seen as soon as these obstacles, and no fewer, are out of the way.

    The throw-away database must be as it was.
    """
    parts = [_told(fault, each, ground, sight) for each in found]
    if {*found} >= {ROLE, REFERENCE} and sight.held.gap(fault):
        parts = [
            _of_both(fault, ground, sight),
            *(part for each, part in zip(found, parts, strict=True) if each not in _BOTH),
        ]
    word = min((part.word for part in parts), key=_WORDS.index)
    said = list(dict.fromkeys(part.said for part in parts))
    mends = list(dict.fromkeys(part.mend.removesuffix(";") for part in parts if part.mend))
    together = "together: " if len(said) > 1 else ""
    end = ";" if len(mends) == 1 and parts[0].mend.endswith(";") else ""
    return Tried(fault, word, together + "; and ".join(said), mend="; ".join(mends) + end)


def _told(fault: Fault, obstacle: Obstacle, ground: Ground, sight: Sight) -> _Part:
    if obstacle == ROLE:
        return _of_role(fault, ground, sight)
    if obstacle == REFERENCE:
        return _of_reference(fault, sight)
    if obstacle.said.startswith("schemas = ") and (schema := _schema(fault)):
        return _of_schemas(obstacle, schema, ground)
    return _Part(obstacle.word, obstacle.said, obstacle.mend)


def _of_schemas(obstacle: Obstacle, schema: str, ground: Ground) -> _Part:
    """Tell of a schema that is left out; one that the fault makes cannot be named beforehand."""
    with superuser(ground.world) as admin:
        is_there = admin.execute("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", [schema]).fetchone()
    if is_there:
        return _Part(
            obstacle.word, f"{obstacle.said} leaves {sql_name(schema)} out", f"add {text(schema)} to `schemas`"
        )
    return _Part(obstacle.word, f"{obstacle.said} leaves every new schema out", obstacle.mend)


def _of_role(fault: Fault, ground: Ground, sight: Sight) -> _Part:
    role = sql_name(ground.role)
    path = names(table_of(fault.identity) or fault.identity)[:2]
    if len(path) > 1 and (rights := _rights(ground, [unquoted(each) for each in path])):
        schema, table, may_enter, may_read, is_filtered = rights
        if not may_enter:
            return _Part(
                "not readable",
                f"role {role} has no USAGE on schema {schema}",
                f"GRANT USAGE ON SCHEMA {schema} TO {role};",
            )
        if not may_read:
            return _Part("not readable", f"role {role} has no SELECT on {table}", f"GRANT SELECT ON {table} TO {role};")
        if is_filtered:
            said = f"role {role} is subject to the row security of {table}"
            return _Part("not readable", said, f"ALTER ROLE {role} BYPASSRLS;")
    known = sight.baseline.snapshot
    unknown = known.unknown.get(fault.facet, {})
    why = unknown.get(fault.identity) or unknown.get("*") or known.absent.get(fault.facet)
    told = (
        f"role {role} may not read it: {why.splitlines()[0]}"
        if why
        else f"role {role} does not see it, a superuser does"
    )
    return _Part("not readable", told, f"GRANT pg_read_all_data TO {role};" if why else "")


def _of_both(fault: Fault, ground: Ground, sight: Sight) -> _Part:
    """Tell what neither the role can read, nor the one who took the baseline could."""
    role = _of_role(fault, ground, sight)
    again = "take the baseline again: rollproof capture"
    mend = f"{role.mend.removesuffix(';')}; {again}" if role.mend else again
    return _Part(role.word, f"{role.said}, and the reference does not know it either", mend)


def _rights(ground: Ground, path: Sequence[str]) -> tuple[str, str, bool, bool, bool] | None:
    with superuser(ground.world) as admin:
        found = admin.execute(_RIGHTS, [*path, ground.role]).fetchone()
    return found and (str(found[0]), str(found[1]), bool(found[2]), bool(found[3]), bool(found[4]))


def _of_reference(fault: Fault, sight: Sight) -> _Part:
    held, again = sight.held, "take the baseline again, by a role that may read all of it: rollproof capture"
    if why := held.gap(fault):
        return _Part("not readable", f"the reference does not know it: {why.splitlines()[0]}", again)
    if held.schemas is not None:
        left = f", not {sql_name(schema)}" if (schema := _schema(fault)) else ""
        said = f"the reference knows the schemas {', '.join(map(sql_name, held.schemas))} alone{left}"
        return _Part("not configured", said, "take the baseline again, with all schemas")
    return _Part("not readable", "the reference has gaps, and without them it is seen", again)


def _schema(fault: Fault) -> str:
    """Return the raw name of the schema that the fault's object lies in, or that it is; "" if it has none."""
    if found := _IN_SCHEMA.search(fault.identity):
        return unquoted(found["schema"])
    if found := _IN_FRONT.match(fault.identity):
        return unquoted(found["schema"])
    return unquoted(names(fault.identity)[0]) if fault.facet == "schemas" else ""
