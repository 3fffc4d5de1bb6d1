"""Rows planned, tried and put in: tables that refer to each other get theirs by one statement, so no order is needed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg.errors import QueryCanceled

from rollproof.throwaway.filling.planned import Planned, Row
from rollproof.throwaway.filling.trial import Trial, said

_ATTEMPTS = (range(1), range(1, 10), range(10, 60), range(60, 240))
_TRIES = 20  # slices of one number that are put in until one stays
_IN_VAIN = 4  # slices in a row without success before a group of tables is left as it is
_RECENT = 50  # slices whose rows may be pointed to
Slice = dict[int, Row]


@dataclass
class Group:
    """Tables that are filled together, by their OIDs; `put` are the slices put in: a row of each table."""

    plans: Mapping[int, Planned]
    trial: Trial
    put: list[Slice] = field(default_factory=list)
    why: str = ""

    def fill(self, rows: int) -> None:
        """Put in so many rows of each table, or as many as there can be; `why` is the reason if there are none."""
        rows = min([rows, *(plan.room for plan in self.plans.values())])
        slices = [each for number in range(rows) if (each := self._planned(number))]
        if slices and self._inserted(slices):
            return
        self._forget()
        in_vain = 0
        for number in range(rows):
            in_vain = 0 if self._one(number) else in_vain + 1
            if in_vain == _IN_VAIN:
                return

    def _one(self, number: int) -> bool:
        """Put in one slice, with other values as long as they are refused; tell whether that could be done."""
        for attempts in _ATTEMPTS[: self._many]:
            planned = (self._slice(number, attempt) for attempt in attempts)
            new = [each for each in planned if each and self._is_new(each)]
            self.why = self.why if new else self.why or "no values were found that go together"
            for slice_ in self._obeying(new)[:_TRIES]:
                if self._inserted([slice_]):
                    self._take(slice_)
                    return True
        return False

    @property
    def _many(self) -> int:
        """How often more is tried: longer where the server can say of many rows at once whether they obey."""
        return len(_ATTEMPTS) - (not any(plan.table.checks for plan in self.plans.values()))

    def _obeying(self, slices: Sequence[Slice]) -> Sequence[Slice]:
        """Return the slices whose rows obey the checks of their tables, as the server says."""
        for table, plan in self.plans.items():
            if plan.table.checks:
                passed = self.trial.rows(plan.table, [each[table] for each in slices])
                slices = [slices[number] for number in passed]
        return slices

    def _planned(self, number: int) -> Slice | None:
        for attempt in range(_TRIES):
            slice_ = self._slice(number, attempt)
            if slice_ and self._is_new(slice_):
                self._take(slice_)
                return slice_
        return None

    def _is_new(self, slice_: Slice) -> bool:
        return all(plan.is_new(slice_[table]) for table, plan in self.plans.items())

    def _slice(self, number: int, attempt: int) -> Slice | None:
        slice_: Slice = {}
        draws = {table: plan.draw(number, attempt) for table, plan in self.plans.items()}
        for table, plan in self.plans.items():
            row = plan.begun(draws[table])
            if row is None:
                return None
            slice_[table] = row
        if any(plan.later for plan in self.plans.values()):
            others = self._others(slice_)
            if not all(plan.finished(slice_[table], others, draws[table]) for table, plan in self.plans.items()):
                return None
        return slice_

    def _others(self, slice_: Slice) -> dict[int, list[Row]]:
        """Return the rows that may be pointed to, by their table and by what this is part of; those of the slice come last."""
        others: dict[int, list[Row]] = {}
        for table, plan in self.plans.items():
            for oid in (table, *plan.table.within):
                others.setdefault(oid, []).extend([each[table] for each in self.put[-_RECENT:]])
        for table, plan in self.plans.items():
            for oid in (table, *plan.table.within):
                others[oid].append(slice_[table])
        return others

    def _take(self, slice_: Slice) -> None:
        self.put.append(slice_)
        for table, plan in self.plans.items():
            plan.take(slice_[table])

    def _forget(self) -> None:
        self.put.clear()
        for plan in self.plans.values():
            plan.taken.clear()

    def _inserted(self, slices: Sequence[Slice]) -> bool:
        statements = [_statement(plan, [each[table] for each in slices]) for table, plan in self.plans.items()]
        try:
            for statement in _joined(statements):
                self.trial.connection.execute(statement.encode(self.trial.codec))
        except QueryCanceled as error:
            raise TimeoutError(said(error)) from error
        except psycopg.Error as error:
            self.why = said(error)
            return False
        return True


def _statement(plan: Planned, rows: Sequence[Row]) -> str:
    names = [column.name for column in plan.table.columns if column.name in rows[0]]
    if not names:
        return f"INSERT INTO {plan.table.name} SELECT FROM pg_catalog.generate_series(1, {len(rows)})"
    listed = ", ".join(f"({', '.join(row[name] for name in names)})" for row in rows)
    return f"INSERT INTO {plan.table.name} ({', '.join(names)}) OVERRIDING SYSTEM VALUE VALUES {listed}"


def _joined(statements: Sequence[str]) -> Sequence[str]:
    if len(statements) == 1:
        return statements
    *first, last = statements
    return [f"WITH {', '.join(f'w{n} AS ({each})' for n, each in enumerate(first))} {last}"]
