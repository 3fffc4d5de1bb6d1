"""Which command has which option: all have all, but for those that a table names with the reason."""

import re
from pathlib import Path

from fixtures.every import every
from rollproof.cli import COMMANDS, main
from rollproof.commands.option_groups import TITLES, WITHOUT, group_of, told
from rollproof.settings.option_table import OPTIONS

PAGE = Path(__file__).parents[2] / "docs" / "command-line.md"
KNOWN = {known.field: known for known in OPTIONS}


@every("name", sorted(WITHOUT))
def test_a_command_lacks_no_option_without_a_reason(name):
    command = main.get_command(None, name)
    own = {parameter.name for parameter in command.params}
    if name == "verify":  # pytest has them
        own = KNOWN.keys()

    assert WITHOUT[name].keys() <= KNOWN.keys()
    assert all(WITHOUT[name].values())
    assert own & KNOWN.keys() == KNOWN.keys() - WITHOUT[name].keys()


def test_each_command_that_asks_a_database_is_in_the_table():
    assert set(COMMANDS) - WITHOUT.keys() == {"incident", "services", "report", "explain", "completion"}


def test_an_option_has_one_group():
    assert {group_of(field) for field in KNOWN} <= set(TITLES)


def test_zero_no_and_nothing_are_told_as_defaults():
    assert told(KNOWN["show_values"]).endswith("[default: no; ROLLPROOF_SHOW_VALUES]")
    assert told(KNOWN["lock_timeout"]).endswith("[default: 2; ROLLPROOF_LOCK_TIMEOUT]")
    assert "[default: baseline.json beside the configuration; " in told(KNOWN["reference"])
    assert "[default: no limit; " in told(KNOWN["max_duration"])


def test_the_page_says_which_command_lacks_which_option_and_why():
    lines = [
        [[*re.findall("`(.*?)`", cell)] or cell for cell in map(str.strip, line.strip("|").split("|"))]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| `--")
    ]
    told = {(flag, name, why) for flags, names, why in lines for flag in flags for name in names}

    lacking = ((KNOWN[field].flag, name, why) for name, among in WITHOUT.items() for field, why in among.items())
    assert told == {*lacking}
