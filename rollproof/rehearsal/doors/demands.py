"""What tables demand of rows, and what else acts when they are written or read: constraints, triggers, row security. Pure."""

import re
from collections.abc import Iterator

from rollproof.rehearsal.doors.before import unless_set
from rollproof.rehearsal.doors.facts import Relation, Rule
from rollproof.rehearsal.doors.look import Look
from rollproof.rehearsal.doors.reason import Reason, doubt, refused
from rollproof.rehearsal.doors.written import Write


def of_rules(write: Write, home: Relation | None, other: Relation, look: Look) -> Iterator[Reason]:
    """Yield which constraints are there that the home has not, and concern what is written."""
    known = {(rule.kind, rule.text, rule.valid) for rule in home.rules} if home else set()
    for rule in other.rules:
        if (rule.kind, rule.text, rule.valid) not in known and _concerns(rule, write):
            yield from _of_rule(rule, write, other, look)


def _concerns(rule: Rule, write: Write) -> bool:
    if rule.kind == "referenced":
        return write.kind == "delete" or (write.kind == "update" and bool({*rule.columns} & {*write.columns}))
    if write.kind == "update":  # PostgreSQL checks all of a row that changes
        return bool({*rule.columns} & {*write.columns}) or (rule.kind == "check" and not rule.valid)
    return write.kind == "insert"


def _of_rule(rule: Rule, write: Write, table: Relation, look: Look) -> Iterator[Reason]:
    columns = ", ".join(rule.columns) or "values"
    if rule.kind == "check":
        words = {each.word for each in look.checks if (each.table, each.text) == (table.name, rule.text)}
        if "broken" in words:
            broken = refused(f"its values break {rule.text} of {table.name}")
            yield unless_set(broken, write.kind, table, look.functions, rule.columns)
        elif "open" in words:
            yield doubt(f"values that break {rule.text} of {table.name} would be refused")
    elif rule.kind == "unique" and _may_be_equal(rule, write, table):
        yield doubt(f"a second row with the same {columns} would be refused in {table.name} ({rule.text})")
    elif rule.kind == "referenced":
        heir = re.search(rf"ON {write.kind.upper()} (CASCADE|SET NULL|SET DEFAULT)", rule.text)
        becomes = "takes with it the rows that refer to it" if heir else "that is referred to would be refused"
        yield doubt(f"a row of {table.name} {becomes} ({rule.text})")
    elif rule.kind == "foreign key" and not _all_null(rule, write):
        yield doubt(f"a value of {table.name}.{columns} that is not referred to would be refused ({rule.text})")


def _may_be_equal(rule: Rule, write: Write, table: Relation) -> bool:
    """Tell whether a row can be like another one: not where one of the columns is NULL, unless that counts as equal."""
    if write.kind == "update" or "NULLS NOT DISTINCT" in rule.text:
        return True
    empty = {column.name for column in table.columns if not column.filled}
    given = [{column: row.get(column) for column in rule.columns} for row in write.rows]
    return any(all(each.kind != "null" if each else name not in empty for name, each in row.items()) for row in given)


def _all_null(rule: Rule, write: Write) -> bool:
    """Tell whether a foreign key's columns get NULL, which refers to nothing; what an INSERT leaves out counts as that."""
    given = [row.get(column) for row in write.rows for column in rule.columns]
    return all(each is None or each.kind in ("null", "default") for each in given)


def of_triggers(write: Write, home: Relation | None, other: Relation) -> Iterator[Reason]:
    """Yield which triggers and rules act on one side only."""
    was = {each.text: each for each in home.triggers if write.kind in each.on} if home else {}
    now = {each.text: each for each in other.triggers if write.kind in each.on}
    for text in now.keys() - was.keys():
        yield doubt(f"{now[text].name} of {other.name} acts on it, as nothing does elsewhere")
    for text in was.keys() - now.keys():
        if was[text].name not in {each.name for each in now.values()}:
            yield doubt(f"{was[text].name} of {other.name} does not act on it")


def of_row_security(home: Relation | None, other: Relation) -> Iterator[Reason]:
    """Yield whether the role meets other rows."""
    if home is None:
        return
    if other.secured and not home.secured:
        yield doubt(f"row security hides rows of {other.name}, and refuses some")
    elif home.secured and not other.secured:
        yield doubt(f"no row security hides rows of {other.name}")
    elif other.secured and other.policies != home.policies:
        yield doubt(f"{other.name} has other policies of row security")


def of_bounds(write: Write, home: Relation | None, other: Relation) -> Iterator[Reason]:
    """Yield whether a partition takes other rows, or what is written is another view."""
    if home and home.bounds != other.bounds and write.kind != "delete":
        yield doubt(f"rows would be refused in {other.name} that belong to no partition: the partitions are others")
    if home and home.definition != other.definition:
        yield doubt(f"{other.name}, through which it writes, is another view")
