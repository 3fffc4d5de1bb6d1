"""Which target is next: so many on each server at the same time, the servers in turn, and what was lost again after a while.

Every step takes the same time, however many targets and servers there are.
"""

import heapq
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from rollproof.fleet.target import FleetTarget


@dataclass(eq=False, slots=True)
class Attempt:
    """One target that is to be done: how often it was `tried`, how often its worker was `lost`, and the digest of its `job`."""

    target: FleetTarget
    tried: int = 0
    lost: int = 0
    began: float = 0.0
    job: str = ""

    @property
    def is_suspect(self) -> bool:
        """Whether it was lost so often that it may be what ends its workers."""
        return self.lost > 1


@dataclass
class Waiting:
    """The targets that nobody does yet, `per_server` of which may be done on one server at the same time."""

    per_server: int
    _of: dict[str, deque[Attempt]] = field(default_factory=dict)
    _free: deque[str] = field(default_factory=deque)  # servers on which one may begin, each once
    _busy: dict[str, int] = field(default_factory=dict)
    _later: list[tuple[float, int, Attempt]] = field(default_factory=list)
    _number: int = 0

    def extend(self, targets: Iterable[FleetTarget]) -> None:
        """Add targets, in their order."""
        for target in targets:
            self.add(Attempt(target))

    def add(self, attempt: Attempt, after: float = 0.0) -> None:
        """Add one, not to be begun for so many seconds."""
        if after:
            self._number += 1
            heapq.heappush(self._later, (time.monotonic() + after, self._number, attempt))
            return
        server = attempt.target.server
        waiting = self._of.setdefault(server, deque())
        waiting.append(attempt)
        if len(waiting) == 1 and self._busy.get(server, 0) < self.per_server:
            self._free.append(server)

    def __len__(self) -> int:
        return sum(map(len, self._of.values())) + len(self._later)

    def __bool__(self) -> bool:
        return bool(self._of or self._later)

    def take(self) -> Attempt | None:
        """Return the next one that may be begun now; None if there is none."""
        while self._later and self._later[0][0] <= time.monotonic():
            self.add(heapq.heappop(self._later)[2])
        if not self._free:
            return None
        server = self._free.popleft()
        waiting = self._of[server]
        attempt = waiting.popleft()
        self._busy[server] = self._busy.get(server, 0) + 1
        if not waiting:
            del self._of[server]
        elif self._busy[server] < self.per_server:
            self._free.append(server)
        return attempt

    def ended(self, attempt: Attempt) -> None:
        """One that was taken is done, or lost: its server has room for another."""
        server = attempt.target.server
        was = self._busy[server]
        self._busy[server] = was - 1
        if not self._busy[server]:
            del self._busy[server]
        if was == self.per_server and server in self._of:
            self._free.append(server)

    @property
    def seconds(self) -> float:
        """How long it is until one that was put off may be begun; infinite if there is none."""
        return max(self._later[0][0] - time.monotonic(), 0.0) if self._later else float("inf")
