"""Keys sort as their types do, also where no server sorts them."""

from fixtures.every import every
from rollproof.rows.row_hash import Type
from rollproof.rows.row_order import order, sortable


def of(builtin: str) -> Type:
    return Type(f"pg_catalog.{builtin}", builtin=builtin)


@every(
    ("builtin", "texts"),
    [
        ("int4", ["-10", "-9", "0", "9", "10", "100", ""]),
        ("numeric", ["-Infinity", "-1.5", "1.50", "10", "Infinity", "NaN"]),
        ("float8", ["-1e+300", "1e-300", "2", "1e+20", "NaN"]),
        ("date", ["-infinity", "0044-03-15 BC", "0043-01-01 BC", "2026-03-02", "2026-12-10", "10000-01-01", "infinity"]),
        ("timestamptz", ["2026-03-02 09:59:59+00", "2026-03-02 10:00:00+00", "2026-03-02 10:00:00.5+00"]),
        ("uuid", ["00000000-0000-0000-0000-00000000000a", "a0000000-0000-0000-0000-000000000000"]),
        ("text", ["", "10", "9", "B", "a", "ä"]),
    ],
)  # fmt: skip
def test_keys_sort_as_their_type_does(builtin, texts):
    types = [(of(builtin), of(builtin))]

    texts_from_the_end = texts[::-1]

    assert sorted(texts_from_the_end, key=lambda text: sortable([text], types)) == texts


def test_columns_of_a_key_sort_one_after_the_other():
    types = [(of("text"), of("text")), (of("int4"), of("int8"))]
    keys = [("b", "1"), ("a", "10"), ("a", "9")]

    assert sorted(keys, key=lambda key: sortable(key, types)) == keys[::-1]


def test_what_the_server_sorts_by_is_built_in():
    """Types of two kinds, and types with operators of their own, sort by their text; so does what is not known."""
    enum, other, own = (Type(name, kind="enum") for name in ("public.e", "public.f", "public.e"))
    by_text = 'concat(x.a) COLLATE "C"'

    assert order("x.a", of("int4"), of("numeric")) == order("x.a", enum, own) == "x.a"
    assert order("x.a", of("date"), of("timestamptz")) == "x.a"
    for both in (
        (of("uuid"), of("uuid")),
        (of("int4"), of("text")),
        (enum, other),
        (None, of("int4")),
        (Type("public.t"),) * 2,
    ):
        assert order("x.a", *both) == by_text
