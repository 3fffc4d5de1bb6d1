"""`rollproof selftest`: what would this configuration miss in this database?"""

from collections import Counter
from typing import Any

import click

from rollproof.commands.command_options import Command, configured, interruptible, settings_options, tell
from rollproof.rehearsal.selftest.run import self_tested
from rollproof.system.bundle import Verdict


@settings_options("selftest")
@click.command(cls=Command, example="rollproof selftest --database-url postgresql://verifier@db.example/shop")
@click.option("--source", metavar="WHERE", help="what is copied, as for rehearse [default: the database]")
@click.option(
    "--sample", metavar="ROWS", default=50, show_default=True, type=click.IntRange(1), help="rows of each table"
)
@interruptible
def selftest(rollproof_config: str | None, *, source: str | None, sample: int, **typed: Any) -> None:
    """Plant faults in a throw-away copy of the database: which would this configuration miss?"""
    known = configured(rollproof_config, typed)
    done = self_tested(known, source or known.settings.database_url or "", sample, tell)
    for word, many in Counter(each.word for each in done.tried).items():
        click.echo(f"{word}: {many}")
    if done.exit_code:
        raise Verdict(done.exit_code)
