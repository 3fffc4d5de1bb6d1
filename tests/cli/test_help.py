"""Help names every option with its default and its variable, and shows a line to copy."""

import re
import shlex

from fixtures.every import every
from rollproof.cli import COMMANDS
from rollproof.commands.option_groups import WITHOUT
from rollproof.model.phase import PHASES
from rollproof.settings.option_table import OPTIONS


def words(text):
    return " ".join(text.split())


@every("name", sorted(WITHOUT))
def test_help_lists_every_option_with_its_default_and_its_variable(name, command, tmp_path):
    said = command(tmp_path, name, "--help")

    assert said.returncode == 0
    for known in OPTIONS:
        there = re.search(rf"^  {known.flag}(?![\w-])", said.stdout, re.MULTILINE)
        assert bool(there) == (known.field not in WITHOUT[name]), known.flag
        assert not there or f"; {known.variable}]" in words(said.stdout)
    assert "[default: " in said.stdout


@every("name", sorted(WITHOUT))
def test_the_line_to_copy_is_understood(name, command, tmp_path):
    example = command(tmp_path, name, "-h").stdout.partition("Example:\n")[2].strip().splitlines()[0]
    line = [word.replace("db.example", "127.0.0.1:1") for word in shlex.split(example.partition(">")[0])[1:]]
    (tmp_path / "baseline.json").write_text("{}")

    done = command(tmp_path, *line)

    assert re.search("refused|not a whole rollproof baseline|there is no file shop.dump", done.output), done.output


def test_verify_tells_the_phases_and_whose_the_other_options_are(command, tmp_path):
    said = words(command(tmp_path, "verify", "post_rollback", "--help").stdout)

    assert all(f"{name} {phase.when}" in said for name, phase in PHASES.items())
    assert "after the rollback [default]" in said
    assert "Every other option is pytest's" in said


def test_a_mistyped_option_is_answered_with_the_one_that_may_be_meant(command, tmp_path):
    verify = command(tmp_path, "verify", "--databse-url=postgresql://me:hunter22@127.0.0.1:1/d")
    capture = command(tmp_path, "capture", "--databse-url=postgresql://me:hunter22@127.0.0.1:1/d")
    pytests = command(tmp_path, "verify", "--strict-marker")

    for done in (verify, capture):
        assert done.returncode == 4
        assert re.search("(?i)did you mean '?--database-url", done.stderr)
        assert "hunter22" not in done.output
    assert pytests.returncode == 4
    assert "did you mean" not in pytests.stderr


def test_a_mistyped_phase_is_answered_with_the_one_that_may_be_meant(command, tmp_path):
    (tmp_path / "rollproof.toml").write_text('database_url = "postgresql://127.0.0.1:1/d"\n')

    for word in ("post-rollback", "post_rolback"):
        done = command(tmp_path, "verify", word)

        assert done.returncode == 4
        assert "did you mean post_rollback?" in done.stderr
    assert "did you mean" not in command(tmp_path, "verify", "post_rollback", "--reference", "post_rolback").stderr


def test_without_a_command_there_is_help_and_nothing_is_imported_for_it(command, tmp_path):
    bare, asked = command(tmp_path), command(tmp_path, "--help")

    assert (bare.returncode, asked.returncode) == (4, 0)
    assert bare.stderr == asked.stdout
    assert "Error" not in bare.output
    assert all(f"  {name:10}  {told[:30]}" in asked.stdout for name, told in COMMANDS.items())
