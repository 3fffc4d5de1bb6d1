"""The statements that would make the tables again, read from the catalogue.

Each file in `definitions/` asks for one kind of thing; its number is its place when everything is made again. One query
asks them all, so that they are of one instant.
"""

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from psycopg import sql

from .database import Database
from .plan import SCHEMA, Plan

FOLDER = Path(__file__).with_name("definitions")
QUESTIONS = {path.stem.partition("_")[2]: path.read_text("utf-8") for path in sorted(FOLDER.glob("[0-9]*.sql"))}
KINDS = tuple(QUESTIONS)
BEFORE_ROWS = KINDS[: KINDS.index("not_null") + 1]
OF_ONE_TABLE = KINDS[KINDS.index("defaults") : KINDS.index("foreign_keys")]
CONNECTIONS = KINDS[KINDS.index("foreign_keys") : KINDS.index("owners")]
ACROSS = {"policies_across": "POLICY", "rules_across": "RULE"}
FINISH = ("owners", "grants", "column_grants", "comments")
# Making one may take long: each is a statement of its own.
READ_ROWS = ("constraints", "indexes", "foreign_keys", "views", "view_indexes")


class Definition(NamedTuple):
    """One thing, and the statement that makes it; `table` is None where it belongs to none, as a view."""

    kind: str
    table: str | None
    name: str
    statement: str

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ')}: {self.name}"


def capture(
    database: Database, plan: Plan, kinds: Collection[str] = KINDS, *, schema: str = SCHEMA, migrated: bool = False
) -> list[Definition]:
    """Return all definitions of some kinds, in the order of making them.

    With `migrated` as they will be when the keys are uuid.
    """
    if not kinds:
        return []
    questions = (
        f"(SELECT {place} AS place, '{kind}' AS kind, q.*, row_number() OVER () AS number FROM (\n{QUESTIONS[kind]}) AS q)"
        for place, kind in enumerate(KINDS)
        if kind in kinds
    )
    query = (FOLDER / "_subject.sql").read_text("utf-8") + "\nUNION ALL\n".join(questions)
    rows = database.rows(query, schema, list(plan.names), list(map(str, plan.columns)) if migrated else [])
    # A view comes after those that it reads; everything else by name, so that two captures compare line by line.
    ordered = sorted(rows, key=lambda row: (row[0], row[5] if row[1] == "views" else 0, row[3]))
    return [Definition(kind, table, name, statement) for _, kind, table, name, statement, _ in ordered]


def positions(database: Database, definitions: Iterable[Definition]) -> list[Definition]:
    """Return where the sequences of `definitions` stand."""
    found = []
    for d in of(definitions, ("sequences", "identities")):  # both are named by their sequence
        last, called = database.rows(f"SELECT last_value, is_called FROM {d.name}")[0]
        literal = sql.Literal(d.name).as_string()
        # RESTART gives the sequence new storage in this transaction: what setval alone does outlives a ROLLBACK.
        statement = f"ALTER SEQUENCE {d.name} RESTART;\nSELECT setval({literal}, {last}, {called})"
        found.append(Definition("positions", d.table, d.name, statement))
    return found


def of(
    definitions: Iterable[Definition], kinds: Collection[str], tables: Sequence[str | None] | None = None
) -> list[Definition]:
    """Choose by kind and, if given, by table."""
    return [d for d in definitions if d.kind in kinds and (tables is None or d.table in tables)]


class Differences(NamedTuple):
    """What keeps two lists of definitions from being the same."""

    missing: list[Definition]
    changed: list[tuple[Definition, Definition]]  # wanted, found
    left_behind: list[Definition]

    def lines(self) -> list[str]:
        """One line for each, with the statement that would put it right where there is one."""
        return [
            *(f"missing {d}\n    {_indented(d)};" for d in self.missing),
            *(f"changed {w}\n    was {_indented(w)}\n    is  {_indented(f)}" for w, f in self.changed),
            *(f"left behind {d}\n    {_indented(d)}" for d in self.left_behind),
        ]


def differences(wanted: Iterable[Definition], found: Iterable[Definition]) -> Differences:
    """Compare by kind and name."""
    before, after = ({(d.kind, d.name): d for d in definitions} for definitions in (wanted, found))
    return Differences(
        [d for key, d in before.items() if key not in after],
        [(d, after[key]) for key, d in before.items() if key in after and after[key].statement != d.statement],
        [d for key, d in after.items() if key not in before],
    )


def make(database: Database, plan: Plan, wanted: Sequence[Definition]) -> None:
    """Make what is not there yet, in order; what is there and different is PostgreSQL's to refuse."""
    there = set(capture(database, plan, {d.kind for d in wanted}))
    execute_all(database, [d for d in wanted if d not in there])


def execute_all(database: Database, definitions: Iterable[Definition]) -> None:
    """Run their statements, those that only write the catalogue in one round trip."""
    for slow, group in groupby(definitions, lambda d: d.kind in READ_ROWS):
        statements = [d.statement for d in group]
        for statement in statements if slow else [";\n".join(statements)]:
            database.execute(statement)


def take_apart(
    database: Database, plan: Plan, known: Iterable[Definition] | None = None, tables: Collection[str] | None = None
) -> None:
    """Drop policies, rules, views and foreign keys that tie the tables to each other and to others.

    Only `known` ones, and foreign keys only from and to `tables`, if given.
    """
    names = None if known is None else {(d.kind, d.name) for d in known}
    of_these = plan if tables is None else plan.only(tables)
    found = [*capture(database, plan, (*ACROSS, "views")), *capture(database, of_these, ("foreign_keys",))]
    present = [d for d in found if names is None or (d.kind, d.name) in names]
    drops = [f"DROP {ACROSS[d.kind]} {d.name}" for d in of(present, ACROSS)]
    drops += [f"DROP {kind_of_view(d)} {d.name}" for d in reversed(of(present, ("views",)))]
    drops += [
        d.statement.partition(" FOREIGN KEY ")[0].replace(" ADD CONSTRAINT ", " DROP CONSTRAINT ", 1)
        for d in of(present, ("foreign_keys",))
    ]
    for statement in drops:
        database.execute(statement)


def kind_of_view(definition: Definition) -> str:
    """Return what DROP and ANALYZE must know about a view."""
    return "MATERIALIZED VIEW" if definition.statement.startswith("CREATE MATERIALIZED") else "VIEW"


def analyze_views(database: Database, made: Iterable[Definition]) -> None:
    """Tell the planner about materialised views, which were filled anew."""
    for view in of(made, ("views",)):
        if kind_of_view(view) == "MATERIALIZED VIEW":
            database.execute(f"ANALYZE {view.name}")


def grant(database: Database, plan: Plan, wanted: Sequence[Definition]) -> None:
    """Put privileges right where they differ; those that default privileges gave to new tables are taken away first."""
    for kind in ("grants", "column_grants"):
        # Asked again for each kind: REVOKE on a table takes the privileges on its columns along.
        there = {d.name: d.statement for d in capture(database, plan, (kind,))}
        statements = []
        for d in of(wanted, (kind,)):
            if there.get(d.name) != d.statement:
                revoke = there[d.name].split(";\n")[:1] if d.name in there else []  # from everybody who has some
                statements += [*revoke, d.statement]
        if statements:
            database.execute(";\n".join(statements))


def _indented(definition: Definition) -> str:
    return definition.statement.replace("\n", "\n        ")
