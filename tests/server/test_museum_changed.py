"""What SQL can do to an object of any kind, some question sees.

By day a kind of object is done with after three changes that were seen; ROLLPROOF_MUTATIONS=each tries every one.
"""

import os
import tomllib

import psycopg

from fixtures.museum import ROOT, answer
from rollproof.catalog.queries import queries

PLANTED = tomllib.loads((ROOT / "tests" / "data" / "museum" / "changes.toml").read_text("utf-8"))
WORDS = {
    "composite type": "TYPE",
    "foreign-data wrapper": "FOREIGN DATA WRAPPER",
    "statistics object": "STATISTICS",
    "table constraint": "CONSTRAINT",
    "domain constraint": "CONSTRAINT",
}
"""How SQL calls what `pg_identify_object` calls otherwise."""
SPELLED = {"domain constraint": (" on ", " on domain "), "transform": (" on language ", " language ")}
"""What it puts into their names otherwise, the latter until PostgreSQL 15."""
ENOUGH = float("inf") if os.environ.get("ROLLPROOF_MUTATIONS") == "each" else 3
TYPES = {"TYPE", "TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE"}  # what has a type of its name


def objects(connection):
    """Return one object of each kind of each class, and the kinds of its columns: SQL's word for it, its name, a column or None."""
    found = []
    for catalogue, kinds in PLANTED["kinds"].items():
        rows = connection.execute(
            f"SELECT DISTINCT ON (kinds) o.type, o.identity FROM (SELECT x.oid, ROW({kinds})::text AS kinds FROM {catalogue} AS x"
            f" WHERE x.oid >= 16384 OR '{catalogue}' ~ '^pg_largeobject') AS each"
            f" CROSS JOIN LATERAL pg_identify_object('{catalogue.removesuffix('_metadata')}'::regclass, each.oid, 0) AS o"
            " WHERE o.identity !~ '^pg_toast' ORDER BY kinds, o.identity"
        ).fetchall()
        assert rows, f"the museum has nothing of {catalogue}"
        found += [
            (WORDS.get(kind, kind.upper()), name.replace(*SPELLED.get(kind, ("", ""))), None) for kind, name in rows
        ]
    columns = connection.execute(
        "SELECT DISTINCT ON (c.relkind, a.attgenerated, a.attidentity, a.attstorage) c.oid::regclass::text, quote_ident(a.attname)"
        " FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        " WHERE c.oid >= 16384 AND c.relkind IN ('r', 'p', 'f', 'm', 'v', 'c')"
        " ORDER BY c.relkind, a.attgenerated, a.attidentity, a.attstorage, 1, 2"
    ).fetchall()
    return found + [("COLUMN", table, column) for table, column in columns]


def statements(number, word, name, column):
    """Yield what is tried on an object; the first of it is another for each `number`."""
    templates = PLANTED["column" if column else "object"]
    begin = number % len(templates)
    for template in templates[begin:] + templates[:begin]:
        statement = template.replace("WORD", word).replace("COLUMN", column or "").replace("ON  ", "ON COLUMN ")
        statement = statement.replace("NAME", name).replace("ROLE_C", "rollproof_museum_c")
        if statement.startswith("GRANT USAGE ON TYPE") and word not in TYPES:
            continue
        if statement.startswith("ALTER INDEX"):  # whose owner is its table's: the server warns, and does nothing
            continue
        yield statement


def seen_by(connection, before, statement):
    """Return the question that first sees a statement, None if none does, and False if the server does not take it."""
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction():
                connection.execute(statement.encode())
        except psycopg.Error:
            return False
        subject = statement.split()[0]
        first = {"COMMENT": "comments", "GRANT": "privileges", "REVOKE": "privileges"}.get(
            subject, "owners" if "OWNER" in statement else ""
        )
        for facet in sorted(before, key=lambda facet: (facet != first, facet)):
            if answer(connection, facet) != before[facet]:
                return facet
    return None


def test_a_change_of_any_kind_of_object_is_seen(visitor):
    """What SQL can do to a kind some question sees; what it cannot, the server says."""
    visitor.execute("SET LOCAL search_path = ''; CREATE ROLE rollproof_museum_c SUPERUSER")
    before = {facet: answer(visitor, facet) for facet in queries(visitor.info.server_version)}
    unseen, tried = [], {}
    for number, (word, name, column) in enumerate(objects(visitor)):
        found = tried.setdefault(word, [])
        for statement in statements(number, word, name, column):
            if found.count(True) >= ENOUGH:
                break
            seen = seen_by(visitor, before, statement)
            found.append(bool(seen))
            if seen is None:
                unseen.append(statement)

    assert unseen == []
    assert [word for word, seen in tried.items() if True not in seen] == []
