"""What each schema says of each statement, in a word and a sentence, by what both say. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rollproof.rehearsal.doors.called import Names, of_functions, unread
from rollproof.rehearsal.doors.demands import of_bounds, of_row_security, of_rules, of_triggers
from rollproof.rehearsal.doors.door import Answer, Door, Side
from rollproof.rehearsal.doors.look import Look, Looks, Refusal
from rollproof.rehearsal.doors.no_question import is_meant, why_not_asked
from rollproof.rehearsal.doors.reason import Reason
from rollproof.rehearsal.doors.statement import Statement
from rollproof.rehearsal.doors.values import (
    Parameters,
    nulls_of,
    of_columns,
    of_parameters,
    of_places,
    of_results,
    retyped,
)


def decided(application: Side, statements: Sequence[Statement], old: Looks, new: Looks) -> tuple[Door, ...]:
    """Return a door for each statement of an application, whose own schema is the one of its side."""
    home, other = (old, new) if application == "old" else (new, old)
    gone = home.names - other.names
    doors = []
    for statement, here, there in zip(statements, home.looks, other.looks, strict=True):
        answers = _Both(application, statement, here, there, statement.role or home.role, gone).answers()
        doors.append(Door(application, statement, *(answers if application == "old" else reversed(answers))))
    return tuple(doors)


@dataclass(frozen=True)
class _Both:
    """What both schemas say of a statement: its application's own, and the other, from which some names are `gone`."""

    application: Side
    statement: Statement
    home: Look
    other: Look
    role: str
    gone: Names

    def answers(self) -> tuple[Answer, Answer]:
        """Return the answer of the application's own schema, and of the other one."""
        if nothing := self.home.nothing or self.other.nothing:
            return (Answer("not asked", nothing),) * 2
        if self.home.refused:
            return self._of_refused(self.home.refused)
        return Answer("works", unread(self.home)), self._there()

    def _of_refused(self, refusal: Refusal) -> tuple[Answer, Answer]:
        """Return the answers where the application's own schema refuses: only of a new application that says something."""
        taken = self.other.refused is None
        if self.application == "new" and is_meant(self.statement, refusal, taken=taken):
            there = Answer("works", unread(self.other)) if taken else self._there()
            return Answer("refused", refusal.message), there
        return (Answer("not asked", why_not_asked(self.statement, refusal, self.application, taken=taken)),) * 2

    def _there(self) -> Answer:
        if self.other.refused:
            return Answer("refused", self.other.refused.message)
        reasons = tuple(dict.fromkeys(self._reasons()))
        for word in ("refused", "in doubt"):
            if clauses := [each.clause for each in reasons if each.word == word]:
                return Answer(word, "; ".join(clauses))
        remark = unread(self.other)
        return Answer("in doubt" if self.other.unread and _may_write(self.statement) else "works", remark)

    def _reasons(self) -> Iterator[Reason]:
        home, other = self.home, self.other
        yield from of_places(home, other)
        yield from of_parameters(home, other)
        known = Parameters(retyped(home, other), nulls_of(self.statement))
        there = {each.name: each for each in home.relations}
        for table in other.relations:
            was = there.get(table.name)
            yield from of_row_security(was, table)
            for write in (each for each in other.writes if each.table == table.name):
                yield from of_columns(write, was, table, known, other)
                yield from of_rules(write, was, table, other)
                yield from of_triggers(write, was, table)
                yield from of_bounds(write, was, table)
        yield from of_functions(home, other, self.gone, self.role)
        yield from of_results(home, other)


def _may_write(statement: Statement) -> bool:
    return re.match(r"\s*(?:INSERT|UPDATE|DELETE|MERGE|WITH|COPY)\b", statement.text, re.IGNORECASE) is not None
