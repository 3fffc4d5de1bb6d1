"""Names and texts as they may be printed: no letter without a shape, no command to whoever reads the log."""

from fixtures.every import every
from rollproof.model import printable
from rollproof.model.printable import Line, harmless, one_line, remember, unbidden, visible


@every(
    ("text", "shown"),
    [
        ("größe 表 שם \\x1b", "größe 表 שם \\x1b"),
        ("a\x1b\u202e\u200b\x85\ud800\U000e0041", r"a\x1b\u202e\u200b\x85\ud800\U000e0041"),
        ("a\nb\tc\r", "a\nb\tc\\r"),
        ("::error::x", r"\x3a:error::x"),
        ("x\n \t::add-mask::y", "x\n \t\\x3a:add-mask::y"),
        ("x ##[error]y ##VSO[z] ##teamcity[t] # ## [", r"x \x23#[error]y \x23#VSO[z] \x23#teamcity[t] # ## ["),
        ("a::b", "a::b"),
        ("\x1b[0Ksection_start:1:x\r\x1b[0K", r"\x1b[0Ksection_start:1:x\r\x1b[0K"),
    ],
)
def test_what_has_no_shape_or_commands_is_shown_by_its_code(text, shown):
    assert harmless(text) == shown
    assert harmless(shown) == shown


def test_a_line_that_has_begun_is_no_command():
    assert unbidden("::text", after="a") == "::text"
    assert one_line("a\nb") == r"a\nb"


@every(
    ("pieces", "written"),
    [
        ([":", ":error::x"], r":\x3aerror::x"),
        ([" ", "\t:", "", ":error::x"], " \t:\\x3aerror::x"),
        (["a\n" + " " * 40, ":", ":error::x"], "a\n" + " " * 40 + r":\x3aerror::x"),
        (["a", " ", ":", ":error::x"], "a ::error::x"),
        (["a\n", ":\n", ":error::x"], "a\n:\n:error::x"),
        (["#", "#[error]x"], r"#\x23[error]x"),
        (["a" * 40 + " ##", "[error]x"], "a" * 40 + r" ##\x5berror]x"),
        (list("##teamcity[x]"), r"##teamcity\x5bx]"),
        ([" ##vs", "o[x]"], r" ##vs\x6f[x]"),
        (["##", "", "\n[error]"], "##\n[error]"),
    ],
)
def test_a_command_in_pieces_is_none(pieces, written):
    line = Line()

    assert "".join(map(line.goes_on, pieces)) == written


def test_what_is_written_as_it_is_belongs_to_the_line():
    line = Line()
    line.wrote("\x1b")

    assert line.goes_on("::error::x") == "::error::x"
    line.wrote("\n::")
    assert line.goes_on("error title=##[x]") == r"error title=\x23#[x]"


def test_an_odd_name_is_one_name_in_every_text():
    """And a real backslash in it is told from a code."""
    remember(['public."odd\n\\x1b" (table)', 'public."plain name"'])

    assert visible('permission denied for "odd\n\\x1b", see\n"plain name"') == (
        'permission denied for U&"odd\\000A\\\\x1b", see\n"plain name"'
    )


def test_what_has_no_shape_is_shown_by_its_code():
    assert visible("a\x1b\u202eb\x00\ud800\u3164\ufe0f") == r"a\x1b\u202eb\x00\ud800\u3164\ufe0f"
    assert visible("größe 表 שם\n\t") == "größe 表 שם\n\t"
    assert visible("a\nb", keep="") == r"a\nb"


def test_each_odd_name_is_told_in_one_way_wherever_it_stands(monkeypatch):
    monkeypatch.setattr(printable, "_NAMES", printable._Names())  # noqa: SLF001 (what a process has read stays with it)
    short, long, plain = '"a\x1b"', '"a\x1b""b\x1b"', '"plain name"'
    remember([f"public.{short}", f"public.{plain}"])
    remember([f"public.{long}.c"])

    assert visible(f"{short} beside {long} and {plain}") == r'U&"a\001B" beside U&"a\001B""b\001B" and "plain name"'
    assert visible('"c\x1b"') == r'"c\x1b"'  # a name that nobody read is text
    assert visible("no quote, \x1b") == r"no quote, \x1b"
