"""An SQL script that puts the database right, in an order in which it can be run; nothing is executed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from rollproof.commands.repair_request import RepairRequest
from rollproof.commands.verification import Verification
from rollproof.model.amounts import counted
from rollproof.model.printable_sql import escaped
from rollproof.model.provenance import Age
from rollproof.model.timestamps import shown
from rollproof.repair import script as printed
from rollproof.repair.online import online
from rollproof.repair.plan import Plan
from rollproof.repair.rows.spelling import Link
from rollproof.repair.step import Step
from rollproof.verdict.repairs import Repairs
from rollproof.verdict.row_evidence import RowEvidence
from rollproof.verdict.row_repairs import RowRepairs
from rollproof.verdict.row_values import ValueFiles

_EVERYTHING = RepairRequest()


def script(
    opened: Verification, asked: RepairRequest = _EVERYTHING, evidence: RowEvidence | None = None
) -> tuple[str, ...]:
    """Return the lines of an SQL script, with comments about what it cannot repair; () if nothing differs."""
    return RepairScript(opened, asked, evidence).lines()


@dataclass(frozen=True, eq=False)
class RepairScript:
    """The script that repairs one side of a verification, as it was asked for.

    Rows are put back if there is `evidence` of which of them differ.
    """

    opened: Verification
    asked: RepairRequest
    evidence: RowEvidence | None = None

    @cached_property
    def repairs(self) -> Repairs:
        """What it is made of."""
        opened, links = self.opened, _links(self.opened)
        sides, rows = (opened.before, opened.after), None
        if self.evidence:
            files = ValueFiles(self.asked.values_dir)
            rows = RowRepairs(*sides, opened.copies, self.evidence, opened.accepted, links, files)
        return Repairs(*sides, opened.accepted, rows, self.asked.only, links)

    @cached_property
    def plan(self) -> Plan:
        """What it does."""
        plan = _dropping(self.repairs.plan) if self.asked.drop_leftovers else self.repairs.plan
        return online(plan, self.repairs.sides) if self.asked.online else plan

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs, and all could be compared."""
        return not (self.plan.units or self.plan.unmended or self.repairs.remarks)

    def lines(self, first: Iterable[str] = ()) -> tuple[str, ...]:
        """Return its lines, with comments about what it cannot repair; () if it is empty. What comes `first` is said first."""
        if self.is_empty:
            return ()
        return printed.script(self.plan, [*first, *self._head(), *self.repairs.remarks])

    def statements_alone(self) -> tuple[str, ...]:
        """Return the lines without what is said of this database alone: the same for all databases that differ alike.

        What could not be compared is left out, for the reasons name one reference: its report says that.
        """
        return printed.script(self.plan, self._encoding())

    @property
    def runs_something(self) -> bool:
        """Whether there is a statement to run, and not only comments."""
        return bool(self._statements)

    def _head(self) -> Iterator[str]:
        yield from _whose(self.opened)
        if self.asked.only:
            yield f"It repairs these alone, and what they need: {', '.join(self.asked.only)}"
        if self._statements:
            yield "Read it, then run it as a superuser, or as the owner of what it names:"
            yield "psql -X -v ON_ERROR_STOP=1 -f repair.sql"
            units = sum(any(not step.optional for step in unit) for unit in self.plan.units)
            yield f"It has {counted(units, 'transaction')}: if a statement fails, its own is undone, and those before it stay."
            if self.asked.online:
                yield "With --online one change may take several: if one fails, run rollproof repair again for the rest."
        if self.evidence is None:
            yield "Rows are not compared here: the checks do that."
        yield from self._encoding()

    def _encoding(self) -> Iterator[str]:
        if escaped(self._statements) and (encoding := _encoding(self.opened)) != "UTF8":
            yield f"the database's encoding is {encoding}: a character that is written as a code below may not exist in it"

    @cached_property
    def _statements(self) -> list[str]:
        return [statement for step in self.plan.steps if not step.optional for statement in step.statements]


def _links(opened: Verification) -> dict[str, Link]:
    return {
        identity: Link(key.table, key.columns, key.references, key.referenced_columns, key.equality)
        for identity, key in opened.orphans.keys.items()
        if not key.period
    }


def _dropping(plan: Plan) -> Plan:
    """Return the plan with what was left behind dropped, and not only named; rows that were left behind stay."""
    gone = {step.of.identity for step in plan.steps if step.verb == "drop" and step.optional}
    units = (tuple(_dropped(step, gone) for step in unit) for unit in plan.units)
    return replace(plan, ordered=replace(plan.ordered, units=tuple(units)))


def _dropped(step: Step, gone: set[str]) -> Step:
    """Return a step that drops as a statement; of what is dropped, nothing is put back or looked at afterwards."""
    if step.verb in ("restore", "last") and {step.of.identity, step.of.relation} & gone:
        return replace(step, statements=())
    return replace(step, optional="") if step.verb == "drop" else step


def _whose(opened: Verification) -> Iterator[str]:
    """Yield where the statements come from: whoever could write the reference could write them."""
    before, origin, now = opened.before, opened.before.origin, opened.after.origin
    if before.seal is None or origin is None:
        yield f"Made of {before.name}: whoever can change that could change these statements."
        return
    yield f"Made of the file {before.name}, SHA-256 {before.seal.sha256}, {before.seal};"
    age = Age.between(origin.taken, now.taken, one_clock=origin.system == now.system != "")
    yield f"taken {shown(origin.taken)}, {age}, from the database {origin.database}."
    yield "Whoever can change that file could change these statements."


def _encoding(opened: Verification) -> str:
    return opened.after.view.ask(lambda connection: str(connection.info.parameter_status("server_encoding")))
