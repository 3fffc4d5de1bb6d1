"""Which command has which option: all have all, but for those that a table names with the reason."""

from fixtures.every import every
from rollproof.cli import COMMANDS, main
from rollproof.commands.option_groups import TITLES, WITHOUT, group_of, told
from rollproof.settings.option_table import OPTIONS

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
    assert set(COMMANDS) - WITHOUT.keys() == {"explain", "completion"}


def test_an_option_has_one_group():
    assert {group_of(field) for field in KNOWN} <= set(TITLES)


def test_zero_no_and_nothing_are_told_as_defaults():
    assert told(KNOWN["show_values"]).endswith("[default: no; ROLLPROOF_SHOW_VALUES]")
    assert told(KNOWN["lock_timeout"]).endswith("[default: 2; ROLLPROOF_LOCK_TIMEOUT]")
    assert "[default: baseline.json beside the configuration; " in told(KNOWN["reference"])
    assert "[default: no limit; " in told(KNOWN["max_duration"])
