"""Random expressions: made again from their own text they stay what they are; changed so that a row tells, they do not.

ROLLPROOF_EXAMPLES is how many of each are tried; the rows that tell are the judge, not our own reading of the text.
"""

import os
import random
import re
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from psycopg import RawCursor

from rollproof.catalog.planner import comes_to_the_same
from rollproof.model.definitions import differing, tokens
from rollproof.model.errors import Inconclusive

EXAMPLES = settings(
    max_examples=int(os.environ.get("ROLLPROOF_EXAMPLES", "20")),
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)

GROUND = Path(__file__).parents[1] / "data" / "meaning"
PART = re.compile(r"\{(\w+)\}")
HALF = 0.5
TYPES = [
    "smallint",
    "integer",
    "bigint",
    "numeric",
    "numeric(6,1)",
    "double precision",
    "text",
    "character varying",
    "bpchar",
    "name",
]
TYPES += [
    "character varying(1)",
    "character(3)",
    '"char"',
    "date",
    "timestamp without time zone",
    "text[]",
    "character varying[]",
]


def grammar():
    """Return the shapes of expressions by type."""
    shapes, chapter = {}, []
    for line in (GROUND / "expressions.txt").read_text("utf-8").splitlines():
        if found := re.fullmatch(r"\[(\w+)\]", line):
            chapter = shapes.setdefault(found[1], [])
        elif line and not line.startswith("#"):
            chapter.append(line)
    compared = shapes.pop("compared")
    types = [type_ for type_ in shapes if type_ not in {"boolean", "query"}]
    shapes["boolean"] += [shape.replace("{any}", f"{{{type_}}}") for type_ in types for shape in compared]
    return shapes


GRAMMAR = grammar()


class Chooser:
    """Makes expressions, each seed its own."""

    def __init__(self, seed) -> None:
        self.random = random.Random(seed)  # noqa: S311 (nobody guesses at tests)

    def tree(self, type_, depth):
        shapes = GRAMMAR[type_]
        if depth <= 0:
            shapes = [shape for shape in shapes if not PART.search(shape)] or shapes
        shape = self.random.choice(shapes)
        return [type_, shape, [self.tree(part, depth - 1) for part in parts(shape)]]

    def changed(self, tree):
        """Return the tree with one node drawn anew, or of another shape with the same parts."""
        nodes = list(walk(tree))
        node = self.random.choice(nodes)
        alike = [shape for shape in GRAMMAR[node[0]] if parts(shape) == parts(node[1]) and shape != node[1]]
        anew = self.tree(node[0], 2)
        other = [node[0], self.random.choice(alike), node[2]] if alike and self.random.random() < HALF else anew
        return replaced(tree, node, other)


def parts(shape):
    return PART.findall(shape)


def walk(tree):
    yield tree
    for part in tree[2]:
        yield from walk(part)


def replaced(tree, node, other):
    return other if tree is node else [tree[0], tree[1], [replaced(part, node, other) for part in tree[2]]]


def spelled(tree):
    given = iter([spelled(part) for part in tree[2]])
    return PART.sub(lambda _: next(given), tree[1])


def respelled(text, chooser):
    """Return the text with a cast or a pair of brackets changed, as somebody might who wants to get past us."""
    known = tokens(text)
    casts = [token for token in known if token.kind == "cast"]
    spots = [token for token in known if token.kind in {"name", "text", "number"}]
    choice = chooser.random.random()
    if casts and choice < 0.6:
        cast = chooser.random.choice(casts)
        new = "" if choice < 0.15 else f"::{chooser.random.choice(TYPES)}"
        return text[: cast.start] + new + text[cast.end :]
    if choice < 0.8:
        spot = chooser.random.choice(spots)
        return f"{text[: spot.start]}({spot.text})::{chooser.random.choice(TYPES)}{text[spot.end :]}"
    opened = [token for token in known if token.text == "("]
    closed = [token for token in known if token.text == ")"]
    left, right = chooser.random.choice(opened), chooser.random.choice(closed)
    marks = sorted([(left.start, left.end), (right.start, right.end)])
    return text[: marks[0][0]] + text[marks[0][1] : marks[1][0]] + text[marks[1][1] :]


@pytest.fixture(scope="module")
def ground(server):
    server.create("rollproof_random")
    with psycopg.connect(server.dsn("rollproof_random"), autocommit=True, cursor_factory=RawCursor) as connection:
        connection.execute((GROUND / "samples.sql").read_text("utf-8"))
        connection.execute("SET search_path = ''; SET DateStyle = 'ISO, YMD'; SET constraint_exclusion = off")
        yield connection
    server.drop("rollproof_random")


def printed(connection, definition):
    """Return how the server prints a constraint, or a view, with this definition; None if it takes no such thing."""
    ask = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'c'"
    create = f"ALTER TABLE public.t ADD CONSTRAINT c {definition}"
    if definition.startswith("view "):
        ask = "SELECT 'view AS ' || ltrim(pg_get_viewdef('public.v'::regclass))"
        create = f"CREATE VIEW public.v {definition.removeprefix('view ')}"
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(create)
            return connection.execute(ask).fetchone()[0]
    except psycopg.Error:
        return None


def same(connection, one, other):
    pairs = differing(one, other)
    try:
        with connection.transaction(force_rollback=True):
            where = ("views", "public.v") if one.startswith("view ") else ("constraints", "public.t.c")
            return bool(pairs) and comes_to_the_same(connection, *where, pairs)
    except Inconclusive as error:
        return str(error)


def a_row_tells(connection, one, other):
    """Whether one of the samples is judged otherwise; an expression that fails on one proves nothing."""
    one, other = (text.removeprefix("CHECK ").removeprefix("view AS ").rstrip(";") for text in (one, other))
    asked = f"SELECT bool_or({one} IS DISTINCT FROM {other}) FROM public.samples"
    if not one.startswith("("):
        counted = (f"SELECT q::text AS told, count(*) FROM ({text}) AS q GROUP BY 1" for text in (one, other))
        asked = "SELECT EXISTS (({0} EXCEPT {1}) UNION ALL ({1} EXCEPT {0}))".format(*counted)
    try:
        with connection.transaction(force_rollback=True):
            return connection.execute(asked).fetchone()[0]
    except psycopg.Error:
        return False


def rounds(connection, text):
    """Return the texts that come of printing, reading and printing again, until nothing changes."""
    texts = [text]
    while len(texts) < 5 and (again := printed(connection, texts[-1])) != texts[-1]:
        assert again is not None, f"the server does not take what it printed: {texts[-1]}"
        texts.append(again)
    return texts


@EXAMPLES
@given(st.integers(0, 2**48))
def test_an_expression_made_again_from_its_own_text_is_the_same(ground, seed):
    expression = spelled(Chooser(seed).tree("boolean", 3))
    text = printed(ground, f"CHECK ({expression})")
    assume(text is not None)
    texts = rounds(ground, text)

    for again in texts[1:]:
        assert a_row_tells(ground, text, again) is not True
        assert same(ground, text, again) is True, f"{text}\n{again}"


@EXAMPLES
@given(st.integers(0, 2**48))
def test_an_expression_that_was_changed_is_another(ground, seed):
    chooser = Chooser(seed)
    tree = chooser.tree("boolean", 3)
    text = printed(ground, f"CHECK ({spelled(tree)})")
    assume(text is not None)
    mutants = [f"CHECK ({spelled(chooser.changed(tree))})" for _ in range(3)] + [
        respelled(text, chooser) for _ in range(5)
    ]

    for mutant in filter(None, (printed(ground, mutant) for mutant in mutants)):
        if mutant != text and a_row_tells(ground, text, mutant):
            assert same(ground, text, mutant) is not True, f"{text}\n{mutant}"
