"""The tables of docs/ are the program's (tools/reference.py writes them), and each configuration that a page shows is one."""

import importlib.util
from pathlib import Path

import pytest

from fixtures.pages import blocks
from rollproof.settings.configuration import resolve
from rollproof.system.bundle import check_files

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def reference():
    """tools/reference.py, which is no package."""
    spec = importlib.util.spec_from_file_location("tools_reference", ROOT / "tools" / "reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_each_page_says_what_the_program_says(reference):
    assert sorted(path.name for path in reference.stale()) == []


def test_a_page_that_says_something_else_is_written_anew(reference):
    """A default, a meaning, a line that is missing, one too many; prose stays as it is."""
    page = (DOCS / "options.md").read_text("utf-8")
    line = next(line for line in page.splitlines(keepends=True) if line.startswith("| `--jobs N`"))
    for other in ("", line.replace("| 2 |", "| 4 |"), line * 2, line.replace("sessions", "threads")):
        assert line in page
        assert reference.renewed("My own words.\n\n" + page.replace(line, other)) == "My own words.\n\n" + page


def test_a_key_keeps_what_its_page_says_of_it_and_a_new_one_is_refused(reference):
    page = (DOCS / "configuration.md").read_text("utf-8")
    said = page.replace("when it began |", "the hour |").replace('`"started_at"`', '`"began"`')

    assert reference.renewed(said) == page.replace("when it began |", "the hour |")
    with pytest.raises(SystemExit, match=r"say what it means: \| `started_column`"):
        reference.renewed("\n".join(line for line in page.splitlines() if "`started_column`" not in line))


def test_every_check_and_option_stands_somewhere(reference):
    """What no table has would be missed by all the others."""
    pages = {name: (DOCS / f"{name}.md").read_text("utf-8") for name in ("checks", "options", "facets")}

    assert [name for name in check_files() if f"\n### {name}\n" not in pages["checks"]] == []
    assert [known.flag for known in reference.OPTIONS if f"| `{known.flag}" not in pages["options"]] == []
    assert [
        name for name in ("rows", "triggers", "pg_dump") if f"| [`{name}`](checks.md#{name}) |" not in pages["facets"]
    ] == []
    assert {name for page in pages.values() for name in reference.BLOCKS if f"generated: {name} " in page} > {
        "options",
        "checks",
    }


def test_each_configuration_that_a_page_shows_is_one(tmp_path):
    file = tmp_path / "rollproof.toml"
    (tmp_path / "ops/checks").mkdir(parents=True)  # a page names it, and what is named must be there
    shown = {}
    for page in sorted(DOCS.rglob("*.md")):
        for block in blocks(page.read_text("utf-8")):
            if block.language == "toml" and "plan.toml" not in block.text:  # that is the vibes script's
                file.write_text(block.text, "utf-8")
                shown[f"{page.name}:{block.line}"] = resolve({}, {}, file)

    assert len(shown) > 15
