"""A page of documentation that promises what does not happen is found out."""

import pytest

from fixtures.pages import NotAsPrinted, Reader, blocks, surroundings


def read(folder, text, **instead):
    """Do what a page says; return how many of its blocks were run."""
    (folder / "page.md").write_text(text)
    return Reader(folder / "page.md", folder, surroundings(), instead).read()


def fenced(first, text):
    """Return a fenced block."""
    return f"```{first}\n{text}\n```\n\n"


GREETS = fenced("shell", "echo hello, world\necho 17 >&2")
FAULTS = {
    "another exit code": fenced("shell", "exit 3"),
    "no exit code where one is promised": fenced("shell exit=3", "true"),
    "a command in the middle fails": fenced("shell", "false\ntrue"),
    "a variable that nobody set": fenced("shell", "echo $NOBODY_SET_THIS"),
    "another output": GREETS + fenced("text output", "hello, moon"),
    "output in another order": GREETS + fenced("text output", "17\nhello, world"),
    "half a line": GREETS + fenced("text output", "hello"),
    "a line left out without a word": fenced("shell", "seq 3") + fenced("text output", "1\n3"),
    "a language that nobody knows": fenced("cobol", "STOP RUN."),
    "a block without a language": fenced("", "what is it?"),
}
TRUE = {
    "what is printed": GREETS + fenced("text output", "hello, world\n17"),
    "a part of it": GREETS + fenced("text output", "17"),
    "with something left out": GREETS + fenced("text output", "hello, …\n…"),
    "lines left out": fenced("shell", "seq 9") + fenced("text output", "1\n…\n9"),
    "the exit code that is promised": fenced("shell exit=3", "echo so; exit 3") + fenced("text output", "so"),
    "a variable of an earlier block": fenced("shell", "export WHO=you") + fenced("shell", 'test "$WHO" = you'),
    "a file": fenced("toml file=a/b.toml", "x = 1") + fenced("shell", "grep -qx 'x = 1' a/b.toml"),
    "what is only shown": fenced("shell shown", "exit 3") + fenced("shell", "true"),
    "an address that is another one here": fenced("shell", "echo far.example") + fenced("text output", "near"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_that_is_not_true_is_named_with_its_line(fault, tmp_path):
    with pytest.raises(NotAsPrinted, match=r"^page\.md:\d+: "):
        read(tmp_path, FAULTS[fault])


def test_a_page_that_is_true_is_read_to_its_end(tmp_path):
    for what, text in TRUE.items():
        assert read(tmp_path, text, **{"far.example": "near"}) >= 1, what


def test_a_block_in_a_list_is_one_too():
    (block,) = blocks("1. First:\n   ```sql shown\n   SELECT 1;\n   ```\n")

    assert (block.line, block.language, block.words, block.text) == (3, "sql", ("shown",), "SELECT 1;\n")
