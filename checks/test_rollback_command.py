"""The command that rolls back can be found from here, before it is needed.

When it fails: at the moment of need there would be nothing to call. Install it, or name the right one as rollback_command
under [migration] in rollproof.toml.

How to mend: install the tool on the machine that rolls back, or name the right command as `rollback_command` under
[migration]. Try it with --help there.

What it cannot see: whether it works; it is not run. `--rehearse` and a staging copy show that.
"""

from pathlib import Path

import pytest

from rollproof.probes.preflight import unreachable
from rollproof.verdict.expect import Expect

pytestmark = [
    pytest.mark.pre_rollback,
    pytest.mark.traffic,
    pytest.mark.severity("high"),
]


def test_rollback_command(expect: Expect, rollback_command: tuple[str, Path]) -> None:
    expect.nothing(unreachable(*rollback_command))
