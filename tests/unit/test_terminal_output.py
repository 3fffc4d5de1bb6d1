"""The door of what pytest writes: what was begun on one stream is no line of the other."""

from rollproof.plugin.terminal_output import Door


def test_a_line_begun_on_one_stream_excuses_no_command_on_the_other():
    door = Door()

    assert door.told("checks/test_rows.py ", anywhere=False) == "checks/test_rows.py "
    assert door.told("::error::x\n", anywhere=True, errors=True) == "\\x3a:error::x\n"
    assert door.told("::error::x", anywhere=False) == "::error::x"
