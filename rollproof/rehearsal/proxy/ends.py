"""The two ends of a link as asyncio calls them; each stops reading while the other cannot write, so that nothing piles up."""

import asyncio
from collections.abc import Callable
from typing import cast

from rollproof.rehearsal.proxy.link import Link


class Near(asyncio.Protocol):
    """The tool's end. `enter` connects the link with the server; until then nothing is read."""

    def __init__(self, link: Link, enter: Callable[[Link], None]) -> None:
        self._link = link
        self._enter = enter

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._link.near = cast("asyncio.Transport", transport)
        # Python 3.11.2, which is Debian 12's, begins to read after this call, whatever was paused in it.
        asyncio.get_running_loop().call_soon(self._link.near.pause_reading)
        self._enter(self._link)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._link.from_tool(data)

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._link.far:
            self._link.far.pause_reading()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._link.far:
            self._link.far.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio calls it so)
        """See `asyncio.Protocol`."""
        self._link.near = None
        self._link.end()


class Far(asyncio.Protocol):
    """The server's end."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        self._link.far = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        self._link.from_server(data)

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._link.near:
            self._link.near.pause_reading()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        if self._link.near:
            self._link.near.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 (asyncio calls it so)
        """See `asyncio.Protocol`."""
        self._link.far = None
        self._link.end()
        if not self.ended.done():
            self.ended.set_result(None)
