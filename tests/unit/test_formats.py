"""Which formats there are, and which are asked for."""

import pytest

from rollproof.model.errors import Misuse
from rollproof.report.folder import Runs
from rollproof.report.formats import asked, by_name, formats
from rollproof.settings.options import Settings


def test_without_a_word_the_files_of_the_contract_are_written():
    assert {*asked(Settings().report)} == {"report.html", "junit.xml", "summary.md", "result.json"}
    assert {*by_name()} == {"html", "junit", "markdown", "json", "ctrf"}
    assert {*asked(" ctrf, json,")} == {"ctrf.json", "result.json"}


def test_a_mistyped_format_is_misuse_with_the_nearest():
    with pytest.raises(Misuse, match=r"--report html,jnit: there is no format jnit.*junit"):
        asked("html,jnit")
    with pytest.raises(Misuse, match="the formats are: ctrf, html, json"):
        asked("terminal")


def test_what_nobody_asked_for_is_kept_with_the_run_alone(tmp_path):
    (tmp_path / "result.json").write_text("of a run before")
    one = Runs(tmp_path, 100)
    list(one.publish("VERIFIED", dict.fromkeys(formats(), b"new"), frozenset({"report.html"})))
    one.leave()
    (kept,) = tmp_path.glob("runs/2*")

    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["report.html"]
    assert {path.name for path in kept.iterdir()} == {*formats()}
