"""The proxy: a tool connects to it as to the server, and what it sends is written down."""

from types import TracebackType
from typing import Self

from rollproof.rehearsal.proxy.sent import Cut, Sent


class Proxy:
    """Stands before the server of one database's address, on a loopback port of its own, from `with` to its end.

    To be given to one command: `url` is the address in its place, and `sent` what came through it until now.
    """

    def __init__(self, url: str, cut: Cut | None = None) -> None:
        self.url = url
        self._cut = cut

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The statements that came through, in order."""
        return ()

    @property
    def connections(self) -> int | None:
        """How many sessions were begun by way of the proxy; None if nobody counts."""
        return None
