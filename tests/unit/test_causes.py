"""Which findings are told as causes, and which as consequences."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollproof.model.finding import Finding
from rollproof.verdict import causes as module
from rollproof.verdict.causes import RULES, causes

FOLLOWS = Path(__file__).parents[1] / "data" / "causes" / "follows.txt"
LINES = [line for line in FOLLOWS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
LINE = re.compile(r"(.+) (follows from|alone:) (.+?)(?: given (.+))?")
FACT = re.compile(r"(\w+): (.+) \[(.+?)(?: => (.+))?\]")


def finding(text):
    check, subject, before, after = FACT.fullmatch(text).groups()
    return Finding(check, subject, *(None if side == "-" else side for side in (before, after)))


def offenders(lines=LINES):
    """Return the lines that are not as the rules have it."""
    return [line for line in lines if not holds(line)]


def holds(line):
    consequence, how, cause, fact = LINE.fullmatch(line).groups()
    facet, identity, description, _ = FACT.fullmatch(fact).groups() if fact else ("views", "public.none", "", "")
    pair = finding(consequence), finding(cause)
    roots = causes(pair, {facet: {identity: description}})
    told = {(each.finding, each.follows_from) for root in roots for each in root.consequences}
    return told == ({pair} if how == "follows from" else set())


def test_consequences_are_told_from_causes():
    assert offenders() == []


def test_a_line_that_is_wrong_is_noticed():
    turned = [
        line.replace(" follows from ", " alone: ")
        if " follows from " in line
        else line.replace(" alone: ", " follows from ")
        for line in LINES
    ]

    assert offenders(turned) == turned


def test_every_rule_is_needed(monkeypatch):
    """Without any one of them, some consequence is taken for a root."""
    idle = []
    for left_out in RULES:
        monkeypatch.setattr(module, "RULES", tuple(rule for rule in RULES if rule is not left_out))
        if not offenders():
            idle.append((sorted(left_out.checks), left_out.link.__name__, left_out.causes))

    assert idle == []


SUBJECTS = (
    "public.t",
    "public.u",
    "public.t.c",
    "public.u.c",
    "public.t (table)",
    "public.t.c (column)",
    "public.t (TABLE)",
)
TEXTS = (
    "INHERITS (public.t)",
    "INHERITS (public.u)",
    "x FROM public.t y WHERE c",
    "OWNED BY public.u.c",
    "7",
    "6",
    None,
)
CHECKS = tuple(sorted({check for rule in RULES for check in (*rule.checks, *rule.causes)}))
FINDINGS = st.sets(
    st.builds(
        Finding, st.sampled_from(CHECKS), st.sampled_from(SUBJECTS), st.sampled_from(TEXTS), st.sampled_from(TEXTS)
    ),
    max_size=30,
)
FACTS = st.dictionaries(
    st.sampled_from(("views", "partitions", "inheritance", "constraints")),
    st.dictionaries(st.sampled_from(SUBJECTS), st.sampled_from([text for text in TEXTS if text])),
)


@pytest.mark.promise
@given(FINDINGS, FACTS, st.randoms())
def test_every_finding_is_told_once_and_in_any_order_the_same(findings, facts, random):
    roots = causes(findings, facts)
    mixed = random.sample(sorted(findings), len(findings))

    told = [each for root in roots for each in (root.finding, *(hanging.finding for hanging in root.consequences))]
    assert sorted(told) == sorted(findings)
    assert causes([*mixed, *mixed], facts) == roots


@given(FINDINGS, FACTS)
def test_every_consequence_leads_to_its_root(findings, facts):
    for root in causes(findings, facts):
        cause_of = {each.finding: each.follows_from for each in root.consequences}
        assert {chain(finding, cause_of)[-1] for finding in cause_of} <= {root.finding}
        assert chain(root.finding, cause_of) == [root.finding]


def chain(finding, cause_of):
    """Return a finding, what it follows from, and so on; fails if that comes back to one of them."""
    passed = [finding]
    while (finding := cause_of.get(finding)) is not None:
        assert finding not in passed
        passed.append(finding)
    return passed


def test_the_root_with_most_consequences_comes_first():
    lone = Finding("columns", "public.a.c", "integer", "bigint")
    root, hanging = Finding("tables", "public.t", "table"), Finding("columns", "public.t.c", "integer")

    assert [each.finding for each in causes([lone, root, hanging])] == [root, lone]


def test_of_several_tables_nobody_guesses_the_parent():
    """Two unrelated tables were told as one cause: a child's column under that of any table with such a column."""
    child = finding("columns: public.child.id [integer (inherited) => uuid (inherited)]")
    others = [finding(f"columns: public.{name}.id [integer => uuid]") for name in ("t05", "t06")]
    given = {"inheritance": {"public.child": "INHERITS (public.t06)"}}

    assert [root.consequences for root in causes([child, *others])] == [(), (), ()]
    assert [len(root.consequences) for root in causes([child, others[0]])] == [1]
    assert [root.finding for root in causes([child, *others], given) if root.consequences] == [others[1]]
