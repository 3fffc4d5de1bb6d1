"""Random tables with random constraints are filled, nearly all of them; those that are not are named, with a reason."""

import os
import random

import psycopg

from rollproof.throwaway.filling.fill import filled

EXAMPLES = int(os.environ.get("ROLLPROOF_SCHEMAS", "4"))
TYPES = {  # type → what a CHECK may ask of a column
    "int": ("{} > 100", "{} BETWEEN -5 AND 5", "{} % 7 = 3", "{} IN (1, 2, 3)"),
    "text": ("{} <> ''", "length({}) <= 4", "{} ~ '^[a-z]+$'", "{0} = upper({0})", "{} IN ('x', 'y')"),
    "varchar(40)": ("{} LIKE 'A%'", "char_length({}) >= 20"),
    "date": ("{} > '2040-01-01'", "extract(dow FROM {}) = 1"),
    "timestamptz": ("{} < '1990-01-01'",),
    "numeric(6, 2)": ("{} >= 0.01", "{} > 9000"),
    "jsonb": ("jsonb_typeof({}) = 'object'",),
    "int[]": ("cardinality({}) = 2",),
    "interval": ("{} > '1 day'",),
    "float8": ("{0} > 0 AND {0} < 1",),
    **dict.fromkeys(
        ("bigint", "varchar(3)", "char(2)", "boolean", "uuid", "inet", "bytea", "bit(4)", "time", "mood"), ()
    ),
    **dict.fromkeys(("positive", "int4range", "daterange", "tsvector", "text[]", "smallint", "timestamp(3)"), ()),
}
GROUND = "CREATE TYPE mood AS ENUM ('a', 'b', 'c'); CREATE DOMAIN positive AS int CHECK (VALUE > 0)"


def _table(chance, number):
    """Return a table's columns with their types, its key, and the statement that makes it."""
    columns = {f"c{n}": chance.choice(list(TYPES)) for n in range(chance.randint(1, 7))}
    parts = []
    for name, type_ in columns.items():
        asked = f" CHECK ({chance.choice(TYPES[type_]).format(name)})" if TYPES[type_] and chance.random() < 0.5 else ""
        parts.append(f"{name} {type_}{' NOT NULL' * (chance.random() < 0.4)}{asked}")
    key = chance.sample(list(columns), min(len(columns), chance.choice([1, 1, 1, 2, 3])))
    kinds = (("PRIMARY KEY", key, 0.85), ("UNIQUE", chance.sample(list(columns), 1), 0.3))
    made = [(f"{kind} ({', '.join(names)})", kind) for kind, names, share in kinds if chance.random() < share]
    keyed = key if any(kind == "PRIMARY KEY" for _, kind in made) else []
    return columns, keyed, f"CREATE TABLE t{number} ({', '.join([*parts, *(text for text, _ in made)])})"


def _schema(chance):
    tables = [_table(chance, number) for number in range(chance.randint(1, 7))]
    yield from (made for _, _, made in tables)
    for number, _ in enumerate(tables):
        for again in range(chance.choice([0, 1, 1, 2])):
            other = chance.randrange(len(tables))
            columns, key, _ = tables[other]
            names = [f"f{again}_{name}" for name in key]
            for name, referred in zip(names, key, strict=True):
                rest = " NOT NULL" * (chance.random() < 0.5) + " UNIQUE" * (chance.random() < 0.15)
                yield f"ALTER TABLE t{number} ADD {name} {columns[referred]}{rest}"
            how = chance.choice(["", " DEFERRABLE INITIALLY DEFERRED", " MATCH FULL"])
            if key:
                yield f"ALTER TABLE t{number} ADD FOREIGN KEY ({', '.join(names)}) REFERENCES t{other}{how}"


def test_random_tables_are_filled(server, new_database):
    made, none = 0, {}
    for seed in range(EXAMPLES):
        url = server.dsn(new_database())
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(GROUND)
            for statement in _schema(random.Random(seed)):  # noqa: S311 (no secret)
                connection.execute(statement)
        found = filled(url, 10)
        made += len(found.tables)
        none |= {f"{seed} {table}": why for table, why in found.not_filled.items()}

    assert len(none) <= made / 50, none
    assert all(none.values())
