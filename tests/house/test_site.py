"""What the build of the site refuses (tools/site_hooks.py), tried on values; `.ci/run` builds the site itself, strict."""

import importlib.util
from pathlib import Path

import markdown
import pytest
import yaml

from fixtures.every import every

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hooks():
    """tools/site_hooks.py, which is no package."""
    spec = importlib.util.spec_from_file_location("tools_site_hooks", ROOT / "tools" / "site_hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@every(
    "html, found",
    [
        ('<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ("<link href=https://fonts.example/css rel=stylesheet>", ["https://fonts.example/css"]),
        ('<img alt="" src="//example/x.png">', ["//example/x.png"]),
        (
            '<a data-md-component="source" href="https://example/x">',
            ['data-md-component="source"'],
        ),
        ('<pre class="mermaid">', ['class="mermaid']),
        (
            '<script src="../a.js"></script><link href="a.css" rel="stylesheet"><img src="x.png">',
            [],
        ),
        (
            '<a href="https://example/x">x</a><link rel="canonical" href="https://x/y">',
            [],
        ),
    ],
)
def test_a_page_loads_nothing_from_elsewhere(html, found, hooks):
    assert list(hooks.loaded(html)) == found


@every(
    "text, faults",
    [
        ("Two:\n- a\n- b\n", ["0 <ul>, on GitHub 1", "0 <li>, on GitHub 2"]),
        ("- a\n  - b\n", ["1 <ul>, on GitHub 2"]),
        ("Two:\n\n- a\n    - b\n", []),
        ("Two:\n| a |\n|---|\n| b |\n", ["0 <tr>, on GitHub 2"]),
    ],
)
def test_a_page_is_on_the_site_what_it_is_on_github(text, faults, hooks):
    made = markdown.markdown(text, extensions=["tables"])

    assert list(hooks.unlike(text, made)) == faults


def test_words_for_our_tests_do_not_reach_a_reader(hooks):
    text = "```toml file=a/b.toml\nx = 1\n```\n\n    ```text output\n    ```\n"

    assert hooks.plain_languages(text) == '```toml title="a/b.toml"\nx = 1\n```\n\n    ```text\n    ```\n'


def test_a_line_that_is_a_link_to_a_text_is_that_text(hooks, tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo\n")
    page = "See [it](a.txt).\n\n[All of it](a.txt)\n"

    assert hooks.with_texts(page, tmp_path) == "See [it](a.txt).\n\n```text\none\ntwo\n```\n"


def test_the_first_page_of_the_navigation_is_for_the_night():
    first, night, *_ = yaml.unsafe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    index = (ROOT / "docs" / "README.md").read_text("utf-8")

    assert first == "README.md"
    assert next(iter(night.values()))[0] == {"It says NOT RESTORED": "two-in-the-morning.md"}
    assert index.index("](two-in-the-morning.md)") == index.index("](")


def test_a_warning_of_the_build_is_heard():
    """`mkdocs --quiet` hears none, and strict is nothing then."""
    (build,) = [line for line in (ROOT / ".ci" / "run").read_text("utf-8").splitlines() if "mkdocs build" in line]

    assert "mkdocs build -" not in build
    assert yaml.unsafe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["strict"] is True
