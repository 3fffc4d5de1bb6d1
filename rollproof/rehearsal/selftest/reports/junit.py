"""selftest.xml: JUnit's format, a case for each kind of object that faults were planted in, and one for each harmless change."""

from rollproof.model.amounts import counted
from rollproof.rehearsal.selftest.outcome import BLIND, HarmlessTried
from rollproof.rehearsal.selftest.reports.told import ToldFault, ToldKind, ToldSelfTest
from rollproof.report.junit import Case, Suite, document


def result(told: ToldSelfTest) -> bytes:
    """Return the self-test as one suite; where no case is bad and the whole is not good, one more says why."""
    cases = [*(_kind(told, each) for each in told.matrix), *map(_harmless, told.harmless)]
    if told.exit_code and not any(each.kind in ("failure", "error") for each in cases):
        cases.append(Case("selftest", told.verdict, kind="error", type="Inconclusive", message=told.sentence))
    known = {
        name: str(getattr(told, name)) for name in ("verdict", "sentence", "database", "role", "reference", "server")
    }
    properties = tuple((f"rollproof.{word}", text) for word, text in known.items())
    output = f"{told.verdict}: {told.sentence}\n"
    return document([Suite("rollproof selftest", tuple(cases), properties, told.started, output=output)])


def _kind(told: ToldSelfTest, kind: ToldKind) -> Case:
    faults = [each for each in told.faults if each.kind == kind.kind]
    missed, blind = ([each for each in faults if each.word in words] for words in (("missed",), BLIND))
    bad = [*missed, *(blind if told.strict else [])]
    said = ", ".join(f"{word} {number:,}" for word, number in kind.words.items() if number)
    told_of = "\n".join([said, *map(_line, (*missed, *blind))])
    if not bad:
        return Case("selftest.faults", kind.kind, output=told_of)
    return Case(
        "selftest.faults",
        kind.kind,
        kind="failure",
        type="NotSeen",
        message=f"{counted(len(bad), 'fault')} not seen",
        text=told_of,
    )


def _line(fault: ToldFault) -> str:
    told = "\n  ".join(filter(None, [fault.reason, fault.mend, *fault.statement.splitlines()]))
    return f"- {fault.word}: {fault.title}\n  {told}"


def _harmless(one: HarmlessTried) -> Case:
    if one.not_made:
        return Case("selftest.harmless", one.name, kind="skipped", type="NotMade", message=one.not_made)
    if one.found:
        text = "\n".join(one.found)
        return Case("selftest.harmless", one.name, kind="failure", type="FalseAlarm", message=one.found[0], text=text)
    return Case("selftest.harmless", one.name)


RENDERS = ("selftest.xml", result)
