"""What the commands of a fleet share: their options, and the settings of each target."""

import click
import msgspec

from rollproof.fleet.target import FleetTarget
from rollproof.settings.options import Settings


def fleet_options(command: click.Command) -> click.Command:
    """Add the options that a command of many databases has beside those of one."""
    of_many = (
        click.Option(["--targets"], metavar="LIST", required=True, help="a file with one database URL a line"),
        click.Option(["--executor"], metavar="WHO", default="threads:4", help="who does it"),
        click.Option(["--per-server"], metavar="N", default=2, help="so many on one server at the same time"),
    )
    command.params.extend(of_many)
    return command


def settings_of(target: FleetTarget, settings: Settings) -> Settings:
    """Return the settings for one target: nothing of the running application, and no file is written by a worker."""
    alone = settings.without_services
    schemas = (target.schema,) if target.schema else alone.schemas
    return msgspec.structs.replace(
        alone,
        database_url=target.url,
        schemas=schemas,
        endpoints=(),
        reference=None,
        backup_file=None,
        evidence_file=None,
        metrics_file=None,
        resume=False,
        at_risk=False,
        checks=(),
    )
