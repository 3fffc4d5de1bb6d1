"""Our words among pytest's arguments, and what named tests mean."""

import pytest

from fixtures.every import every
from rollproof.plugin.own_checks import CHECKS, named
from rollproof.plugin.words import (
    joined,
    lengthened,
    mention_us,
    mislead,
    mistyped,
    phases_in,
    unfolded,
    unheard,
    without_a_phase,
    without_settings,
)

URL = "postgresql://me@h/d"


@every(
    "typed, ours",
    [
        (["-m", "post_rollback"], True),
        (["-mpost_rollback"], True),
        (["-m=not pre_migration"], False),
        (["-m", "structure and post_rollback"], True),
        (["--database-url", URL], True),
        ([f"--rollproof-database-url={URL}"], True),
        (["--rehearse"], True),
        ([], False),
        (["-m"], False),
        (["-m", "slow"], False),
        (["-m", "my_post_rollback"], False),
        (["tests/post_rollback.py"], False),
        (["--strict"], False),
        (["--strict-markers", "--database", "--reference-file=x", "--jobsx"], False),
    ],
)
def test_a_run_is_ours_if_it_names_a_phase_or_an_option_of_ours(typed, ours):
    assert mention_us(typed) is ours


@every(
    "expression, phases",
    [
        ("post_rollback", ["post_rollback"]),
        ("post_rollback and not scan", ["post_rollback"]),
        ("not scan and (post_rollback)", ["post_rollback"]),
        ("pre_rollback or post_rollback", ["pre_rollback", "post_rollback"]),
        ("not post_rollback", []),
        ("slow and not (post_rollback or scan)", []),
        ("notpost_rollback", []),
        ("", []),
    ],
)
def test_who_leaves_out_the_checks_of_a_phase_asks_for_none(expression, phases):
    assert phases_in(expression) == phases


@every(
    "typed, pytest_reads",
    [
        (["--jobs", "4", "-x"], ["--rollproof-jobs=4", "-x"]),
        (["--jobs=4"], ["--rollproof-jobs=4"]),
        (["--rollproof-jobs", "4"], ["--rollproof-jobs=4"]),
        (["--reference", "-odd name.json"], ["--rollproof-reference=-odd name.json"]),
        (["--reference", "a=b.json", "tests"], ["--rollproof-reference=a=b.json", "tests"]),
        (["--gentle", "tests"], ["--rollproof-gentle", "tests"]),
        (["--jobs"], ["--rollproof-jobs"]),
        (["--server", "local"], ["--server", "local"]),
        (["--strict"], ["--strict"]),
        (["--rollproof-strict"], ["--rollproof-strict"]),
        (["--rollproof-config", "x.toml"], ["--rollproof-config=x.toml"]),
        (["-k", "jobs", "--job", "4"], ["-k", "jobs", "--job", "4"]),
    ],
)
def test_a_short_name_is_made_long_unless_another_has_it(typed, pytest_reads):
    assert lengthened(typed, taken={"--server"}) == pytest_reads


def test_words_are_joined_by_the_names_that_were_typed():
    assert joined(["--jobs", "4", "-m", "post_rollback"]) == ["--jobs=4", "-m", "post_rollback"]


def test_only_a_path_that_exists_and_stands_alone_misleads_pytest(tmp_path):
    here, nowhere = str(tmp_path), str(tmp_path / "nowhere")

    assert mislead(["--reference", here])
    assert mislead(["-m", "post_rollback", "--rollproof-reference", f"{here}::x"])
    for innocent in (["--reference", nowhere], [f"--reference={here}"], [here], ["-k", here], ["--reference", "a\0b"]):
        assert not mislead(innocent), innocent


def test_a_short_name_that_another_hears_in_our_place_is_refused():
    taken = {"--reference", "--server"}

    assert "rollproof's is --rollproof-reference" in unheard(["--reference", "x"], taken)
    assert "rollproof's is --rollproof-server" in unheard(["--server=x"], taken)
    for heard in (
        ["--jobs", "4"],
        ["--rollproof-reference=x"],
        ["--reference=theirs", "--rollproof-reference=ours"],
        [],
    ):
        assert unheard(heard, taken) == "", heard


@every(
    "typed, left",
    [
        (["-x", "--ours", "-m", "post_rollback"], ["-m", "post_rollback"]),
        (["-x", "--ours", "--jobs", "4"], ["--jobs", "4"]),
        (["-m", "post_rollback"], ["-m", "post_rollback"]),
    ],
)
def test_the_users_settings_say_nothing_to_a_run_without_a_check_of_theirs(typed, left):
    assert without_settings(typed, ["-x", "--ours"]) == left


def test_what_the_users_settings_say_to_us_is_heard():
    settings = ["-x", "-m", "post_rollback", "--reference", "x.json", "--env=staging"]

    assert without_settings([*settings, "-q"], settings) == [
        "--rollproof-reference=x.json",
        "-m",
        "post_rollback",
        "-q",
    ]


@every(
    "typed, says",
    [
        ([], "which phase? add for example -m post_rollback"),
        (["-m", "post_rolback"], "did you mean `post_rollback`?"),
        (["-m", URL], "takes a phase"),
    ],
)
def test_what_is_wrong_without_a_phase_is_said(typed, says):
    assert says in without_a_phase(typed)


@pytest.fixture
def checks(tmp_path):
    (tmp_path / "suite/checks").mkdir(parents=True)
    (tmp_path / "suite/checks/test_rows.py").touch()
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_rows.py").touch()
    return tmp_path / "suite/checks"


@every(
    "words, meant",
    [
        ([], (True, (), ())),
        (["suite/checks"], (True, (), ())),
        (["suite"], (True, (), ("suite",))),
        (["suite/checks/test_rows.py"], (False, ("checks/test_rows.py",), ())),
        (["checks/test_rows.py::test_rows[a]"], (False, ("checks/test_rows.py::test_rows[a]",), ())),
        (["checks/test_nothing.py"], (False, (), ("checks/test_nothing.py",))),
        (["tests/test_rows.py::test_a"], (False, (), ("tests/test_rows.py::test_a",))),
    ],
)
def test_what_is_named(words, meant, checks, tmp_path):
    found = named(words, tmp_path, checks)

    assert (found.whole, found.bundled, found.own) == meant


def test_a_case_is_named_by_itself_or_by_its_check(checks, tmp_path):
    by_check = named(["checks/test_rows.py::test_rows"], tmp_path, checks)
    by_itself = named(["checks/test_rows.py::test_rows[a]"], tmp_path, checks)
    file = CHECKS / "test_rows.py"

    for case, known in (("test_rows[a]", True), ("test_rows[ab]", False), ("test_rows_of", False)):
        assert by_itself.has_case(file, f"checks/test_rows.py::{case}") is known
        assert by_check.has_case(file, f"checks/test_rows.py::{case}") is (case != "test_rows_of")


def test_an_option_that_nobody_knows_is_answered_with_the_one_it_is_like():
    typed = ["--databse-url=postgresql://x", "--tb=short", "--strict-markers", "--nonsense", "--jobs", "3"]

    assert [*mistyped(typed, {"--tb", "--strict-markers"})] == [("--databse-url", "--database-url")]
    assert [*mistyped(["--databse-url"], {"--databse-url"})] == []


def test_words_may_stand_in_a_file(tmp_path):
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    inner.write_text("--reference\na b.json\n")
    outer.write_text(f"-m\npost_rollback\n@{inner}\n")

    assert unfolded(["-x", f"@{outer}", "@nowhere"]) == [
        "-x",
        "-m",
        "post_rollback",
        "--reference",
        "a b.json",
        "@nowhere",
    ]
    assert mention_us([f"@{outer}"])
    assert joined([f"@{inner}"]) == ["--reference=a b.json"]
