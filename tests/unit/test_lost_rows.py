"""Files of rows at risk: their names."""

from hypothesis import example, given
from hypothesis import strategies as st

from rollproof.migration.lost_rows import file_name

names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=126)


@example(".a", "a")
@given(names, names)
def test_no_table_name_is_a_path_or_hides_another(one, other):
    found = file_name(one)

    assert "/" not in found
    assert not found.startswith(".")
    assert len(found.encode()) < 255
    assert (found == file_name(other)) == (one == other)
