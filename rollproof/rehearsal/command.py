"""A tool's commands run on the throw-away database: by way of the proxy, with limits, and measured."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rollproof.rehearsal.costs.figures import Figures
from rollproof.rehearsal.costs.meter import measured
from rollproof.rehearsal.costs.rewriting import with_statements
from rollproof.rehearsal.process import Ran, run
from rollproof.rehearsal.proxy.proxy import Proxy
from rollproof.rehearsal.proxy.sent import Cut, Sent
from rollproof.rehearsal.world import World, variables
from rollproof.settings.rehearsal import Rehearsal

NEVER_CONNECTED = (
    "it never connected to the throw-away database, whose address is in DATABASE_URL and in PGHOST, PGPORT, PGUSER, PGPASSWORD "
    "and PGDATABASE; if it reads another variable, name that: --env NAME={url}"
)


@dataclass(frozen=True)
class Done:
    """What came of commands: each that was `ran`, up to the first that failed; what they `sent`, and the `figures`.

    `lost` is a sentence about the database, if they took it away.
    """

    ran: tuple[Ran, ...]
    sent: tuple[Sent, ...]
    connections: int | None
    figures: Figures | None
    seconds: float
    lost: str = ""

    @property
    def trouble(self) -> str:
        """A sentence about the command that failed, or about all of them; "" if they ended well."""
        failed = self._failed
        if failed is None:
            why = NEVER_CONNECTED if self._never_connected else self.lost
            return f"{self.ran[-1].command} ended well, but {why}" if why else ""
        said = f"\n{failed.said}" if failed.said else ", and said nothing"
        hint = f"\n{NEVER_CONNECTED}" if self._never_connected and not failed.trouble else ""
        return f"{failed.command} {failed.trouble or failed.ending}{said}{hint}"

    @property
    def is_undecided(self) -> bool:
        """Whether the trouble says nothing about the migration, or its rollback."""
        return self._never_connected or (self._failed is not None and self._failed.is_undecided)

    @property
    def notes(self) -> tuple[str, ...]:
        """Things to know of the commands, one sentence each."""
        return tuple(f"{each.command} {note}" for each in self.ran for note in each.notes)

    @property
    def _failed(self) -> Ran | None:
        return next((each for each in self.ran if not each.is_good), None)

    @property
    def _never_connected(self) -> bool:
        return bool(self.ran) and self.connections == 0


@dataclass(frozen=True)
class Commands:
    """Runs commands on a `world`, in a `folder`, as the rehearsal is `asked`.

    What `others`, server processes, do meanwhile is not counted among what they cost.
    """

    world: World
    folder: Path
    asked: Rehearsal
    others: tuple[int, ...] = ()

    def run(self, commands: Iterable[str], cut: Cut | None = None, *, measure: bool = True) -> Done:
        """Run commands one after the other until one fails; `cut` says where their connection is cut."""
        began, ran = time.monotonic(), []
        with Proxy(self.world.url, cut) as proxy:
            environment = variables(proxy.url, self.asked.env)
            with measured(self.world.url if measure else "", began, self.others) as found:
                for command in commands:
                    ran.append(run(command, environment, self.folder, self.asked.step_timeout))
                    if not ran[-1].is_good:
                        break
            figures = with_statements(found.figures, proxy.sent) if found.figures else None
            return Done(
                tuple(ran), proxy.sent, proxy.connections, figures, time.monotonic() - began, self.world.missing()
            )
