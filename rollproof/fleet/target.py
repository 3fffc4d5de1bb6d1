"""One target of a fleet: a database, or a schema of one, under a name that is one file name."""

from dataclasses import dataclass, field

from rollproof.server.connection import Target as Address


@dataclass(frozen=True)
class FleetTarget:
    """A database by its `url` (which may be a service's: `service=NAME`), or one `schema` of it, under a `name`."""

    name: str
    url: str = field(repr=False)
    schema: str | None = None

    @property
    def address(self) -> Address:
        """Where it is; prints without a password."""
        return Address.parse(self.url)

    @property
    def server(self) -> str:
        """What its sessions are counted by: host and port, or the service."""
        known = self.address.parameters
        return known.get("service") or f"{known.get('host', 'localhost')}:{known.get('port', '5432')}"
