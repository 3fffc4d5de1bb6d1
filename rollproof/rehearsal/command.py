"""A tool's commands run on the throw-away database: by way of the proxy, with limits, and measured."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rollproof.rehearsal.costs.figures import Figures
from rollproof.rehearsal.costs.impatience import Impatience
from rollproof.rehearsal.costs.meter import measured
from rollproof.rehearsal.costs.rewriting import with_statements
from rollproof.rehearsal.login import Login
from rollproof.rehearsal.process import Ran, run
from rollproof.rehearsal.proxy.proxy import Proxy
from rollproof.rehearsal.proxy.sent import Cut, Sent
from rollproof.rehearsal.world import World
from rollproof.settings.rehearsal import Rehearsal

NEVER_CONNECTED = (
    "it never connected to the throw-away database, whose address is in DATABASE_URL and in PGHOST, PGPORT, PGUSER, PGPASSWORD "
    "and PGDATABASE; if it reads another variable, name that: --env NAME={url}"
)

_CHANGES = re.compile(
    r"\b(?:ALTER|COMMENT|COPY [1-9]|CREATE|DELETE [1-9]|DROP|GRANT|INSERT|MERGE|REVOKE|TRUNCATE|UPDATE [1-9])"
)
_SHORT = 60  # letters of a statement that are told


@dataclass(frozen=True)
class Done:
    """What came of commands: each that was `ran`, up to the first that failed; what they `sent`, and the `figures`.

    `lost` is a sentence about why the database cannot be worked with any more.
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
            why = self.lost or (NEVER_CONNECTED if self._never_connected else "")
            return f"{self.ran[-1].command} ended well, but {why}" if why else ""
        said = f"\n{failed.said}" if failed.said else ", and said nothing"
        hint = f"\n{NEVER_CONNECTED}" if self._never_connected and not failed.trouble else ""
        return f"{failed.command} {failed.trouble or failed.ending}{said}{hint}"

    @property
    def is_undecided(self) -> bool:
        """Whether the trouble says nothing about the migration, or its rollback."""
        return (self._never_connected and not self.lost) or (self._failed is not None and self._failed.is_undecided)

    @property
    def notes(self) -> tuple[str, ...]:
        """Things to know of the commands, one sentence each."""
        of_commands = tuple(f"{each.command} {note}" for each in self.ran for note in each.notes)
        return of_commands if self.trouble else (*of_commands, *filter(None, [_undone(self.sent)]))

    @property
    def _failed(self) -> Ran | None:
        return next((each for each in self.ran if not each.is_good), None)

    @property
    def _never_connected(self) -> bool:
        return bool(self.ran) and self.connections == 0


def _undone(sent: Iterable[Sent]) -> str:
    """Return a sentence about work that a session had not committed when it ended; "" if there is none."""
    lost: dict[int, Sent] = {}  # by session: the first statement of a transaction that changed something
    for each in sent:
        if each.after in ("idle", ""):
            lost.pop(each.session, None)
        elif _CHANGES.search(each.tag):
            lost.setdefault(each.session, each)
    if not lost:
        return ""
    first = " ".join(next(iter(lost.values())).text.split())[:_SHORT]
    return f"its connection ended inside a transaction, so what that had changed is undone; is a COMMIT missing after {first}?"


@dataclass(frozen=True)
class Commands:
    """Runs commands on a `world`, in a `folder`, as the rehearsal is `asked`; they connect as its superuser, or by another `login`.

    What `others`, server processes, do meanwhile is not counted among what they cost.
    """

    world: World
    folder: Path
    asked: Rehearsal
    others: tuple[int, ...] = ()
    login: Login | None = None

    def run(self, commands: Iterable[str], cut: Cut | None = None, *, measure: bool = True) -> Done:
        """Run commands one after the other until one fails; `cut` says where their connection is cut."""
        began, ran = time.monotonic(), []
        login = self.login or Login(self.world.url)
        with Proxy(login.url, cut, login.options) as proxy:
            environment = self.world.environment(proxy.url, self.asked.env)
            with measured(
                self.world.url if measure else "", began, self.others, Impatience(proxy.log.statements)
            ) as found:
                for command in commands:
                    ran.append(run(command, environment, self.folder, self.asked.step_timeout))
                    if not ran[-1].is_good:
                        break
            figures = with_statements(found.figures, proxy.sent) if found.figures else None
            return Done(
                tuple(ran), proxy.sent, proxy.connections, figures, time.monotonic() - began, self.world.trouble()
            )
