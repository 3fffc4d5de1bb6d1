"""What each schema says of each statement, in a word and a sentence, by what both say. Pure."""

from collections.abc import Iterator, Sequence

from rollproof.rehearsal.doors.called import Names, of_functions, unread
from rollproof.rehearsal.doors.demands import of_bounds, of_row_security, of_rules, of_triggers
from rollproof.rehearsal.doors.door import Answer, Door, Side
from rollproof.rehearsal.doors.look import Look, Looks
from rollproof.rehearsal.doors.no_question import is_meant, why_not_asked
from rollproof.rehearsal.doors.reason import Reason
from rollproof.rehearsal.doors.statement import Statement
from rollproof.rehearsal.doors.values import of_columns, of_parameters, of_places, of_results


def decided(application: Side, statements: Sequence[Statement], old: Looks, new: Looks) -> tuple[Door, ...]:
    """Return a door for each statement of an application, whose own schema is the one of its side."""
    home, other = (old, new) if application == "old" else (new, old)
    gone = home.names - other.names
    pairs = [_answers(application, *both, gone) for both in zip(statements, home.looks, other.looks, strict=True)]
    turned = pairs if application == "old" else [(there, here) for here, there in pairs]
    return tuple(Door(application, each, *answers) for each, answers in zip(statements, turned, strict=True))


def _answers(application: Side, statement: Statement, home: Look, other: Look, gone: Names) -> tuple[Answer, Answer]:
    """Return the answer of the application's own schema, and of the other one."""
    if home.nothing or other.nothing:
        return (Answer("not asked", home.nothing or other.nothing),) * 2
    if home.refused and application == "new" and is_meant(statement, home.refused, taken=other.refused is None):
        there = Answer("refused", other.refused.message) if other.refused else Answer("works", unread(other))
        return Answer("refused", home.refused.message), there
    if home.refused:
        why = why_not_asked(statement, home.refused, application, taken=other.refused is None)
        return (Answer("not asked", why),) * 2
    here = Answer("works", unread(home))
    if other.refused:
        return here, Answer("refused", other.refused.message)
    reasons = tuple(dict.fromkeys(_reasons(home, other, gone)))
    return here, _answer(reasons, unread(other))


def _answer(reasons: tuple[Reason, ...], not_read: str) -> Answer:
    for word in ("refused", "in doubt"):
        if clauses := [each.clause for each in reasons if each.word == word]:
            return Answer(word, "; ".join(clauses))
    return Answer("works", not_read)


def _reasons(home: Look, other: Look, gone: Names) -> Iterator[Reason]:
    yield from of_places(home, other)
    yield from of_parameters(home, other)
    there = {each.name: each for each in home.relations}
    for table in other.relations:
        was = there.get(table.name)
        yield from of_row_security(was, table)
        for write in (each for each in other.writes if each.table == table.name):
            yield from of_columns(write, was, table)
            yield from of_rules(write, was, table, other)
            yield from of_triggers(write, was, table)
            yield from of_bounds(write, was, table)
    yield from of_functions(home, other, gone)
    yield from of_results(home, other)
