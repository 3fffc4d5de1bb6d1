"""Plans as EXPLAIN tells them."""

from fixtures.every import every
from rollproof.model.query_plan import QueryPlan, read

BITMAP = "Bitmap Heap Scan, Relation Name t\n  Bitmap Index Scan, Index Name t_a_idx"
JOIN = f"Nested Loop, Join Type Inner\n  Seq Scan, Relation Name u\n  {BITMAP.replace(chr(10), chr(10) + '  ')}"
APPEND = "Append\n  Parallel Seq Scan, Relation Name b\n  Seq Scan, Relation Name a"
AND = "Bitmap Heap Scan, Relation Name t\n  BitmapAnd\n    Bitmap Index Scan, Index Name a\n    Bitmap Index Scan, Index Name b"


def node(kind, cost, *plans, **rest):
    return {"Node Type": kind, "Total Cost": cost, "Plans": list(plans), **rest}


def ran(milliseconds, pages, loops=1):
    return {
        "Actual Total Time": milliseconds,
        "Actual Loops": loops,
        "Shared Hit Blocks": pages,
        "Shared Read Blocks": 1,
    }


@every(
    ("shape", "alike"),
    {
        "bitmap": (BITMAP, "Index Scan, Relation Name t, Index Name t_a_idx"),
        "index only": ("Index Only Scan, Relation Name t, Index Name i", "Index Scan, Relation Name t, Index Name i"),
        "in a join": (
            JOIN,
            "Nested Loop, Join Type Inner\n  Seq Scan, Relation Name u\n  Index Scan, Relation Name t, Index Name t_a_idx",
        ),
        "two bitmaps stay": (AND, AND),
    }.values(),
)
def test_every_way_to_use_an_index_is_told_alike(shape, alike):
    assert QueryPlan(shape).alike == alike


@every(
    ("shape", "sequential", "indexed", "brief"),
    [
        (BITMAP, (), True, "Index Scan by t_a_idx"),
        (JOIN, ("u",), True, "Seq Scan, Index Scan by t_a_idx"),
        (APPEND, ("a", "b"), False, "Append, Parallel Seq Scan, Seq Scan"),
        ("Result", (), False, "Result"),
    ],
)  # fmt: skip
def test_tables_that_are_read_whole_are_known(shape, sequential, indexed, brief):
    plan = QueryPlan(shape)

    assert (plan.sequential, plan.indexed, plan.brief) == (sequential, indexed, brief)


def test_what_a_query_computes_first_is_no_part_of_a_look_up():
    first = node("Limit", 2.0, **ran(5.0, 7), **{"Parent Relationship": "InitPlan", "Subplan Name": "CTE wanted"})
    value = node("CTE Scan", 0.5, **ran(5.5, 7), **{"Parent Relationship": "InitPlan", "Subplan Name": "InitPlan 2"})
    root = node("Index Scan", 10.5, first, value, **ran(7.5, 11), **{"Relation Name": "t", "Index Name": "t_pkey"})
    document = [{"Plan": root, "Settings": {"jit": "off", "enable_seqscan": "off"}}]

    assert read(document, apart=True) == QueryPlan(
        "Index Scan, Relation Name t, Index Name t_pkey", 8.0, 2.0, 4, {"enable_seqscan": "off"}
    )
    assert read(document).shape.splitlines()[1:] == ["  Limit", "  CTE Scan"]
    assert read(document).cost == 10.5


def test_of_a_query_that_was_not_run_no_time_is_told():
    plan = read([{"Plan": {"Node Type": "Result", "Total Cost": 0.01}}])

    assert plan == QueryPlan("Result", 0.01)
