"""The proxy: a tool connects to it as to the server, and what it sends is written down."""

import asyncio
import threading
from collections.abc import Coroutine
from contextlib import suppress
from types import TracebackType
from typing import Self

import psycopg

from rollproof.rehearsal.proxy.ends import Far, Near
from rollproof.rehearsal.proxy.frames import message
from rollproof.rehearsal.proxy.link import Link
from rollproof.rehearsal.proxy.processes import Killer, wait_for_end
from rollproof.rehearsal.proxy.sent import Cut, How, Sent
from rollproof.rehearsal.proxy.session import Log, Statement
from rollproof.rehearsal.proxy.upstream import Upstream
from rollproof.system.background import background

HOST = "127.0.0.1"
PATIENCE = 60.0
"""Seconds for which the server may go on with what it was told, when the tool has gone."""


class Proxy:
    """Stands before the server of one database's address, on a loopback port of its own, from `with` to its end.

    To be given to one run of a tool: `url` is the address in its place, and `sent` what came through it until now. When the block
    has ended, the server's processes have, too. Where a run is cut, all its connections are, and further ones are refused, as if
    the network were gone; where a process is killed, the tool may connect again. Each session begins with the `options`, whatever
    the tool asks for.
    """

    def __init__(self, url: str, cut: Cut | None = None, options: str = "") -> None:
        self.url = url
        self.options = options
        self.log = Log()
        self._cut = cut
        self._server_url = url
        self._upstream = Upstream.of(url)
        self._links: list[Link] = []
        self._far: list[Far] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening = threading.Event()
        self._patience = PATIENCE

    def __enter__(self) -> Self:
        self._ended = background(lambda: asyncio.run(self._serve()))
        self._ended.add_done_callback(lambda _: self._listening.set())
        self._listening.wait()
        if self._ended.done():
            self._ended.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:  # nobody wants to know what becomes of it
            self._patience = 1.0
        self._loop.call_soon_threadsafe(self._stop.set)
        self._ended.result()

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The statements that came through, in order; the one before which the run was cut is the last."""
        return tuple(each.sent for each in self.log.statements)

    @property
    def connections(self) -> int:
        """How many sessions were begun by way of the proxy."""
        return sum(link.session is not None for link in self._links)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._door = await self._loop.create_server(lambda: Near(Link(self), self._enter), HOST, 0)
        self.url = self._upstream.behind(HOST, self._door.sockets[0].getsockname()[1])
        self._listening.set()
        await self._stop.wait()
        self.cut_off()
        await self._end()

    def _enter(self, link: Link) -> None:
        self._links.append(link)
        self._start(self._connect(link))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, link: Link) -> None:
        """Connect a tool that has come with the server."""
        far = Far(link)
        try:
            await self._upstream.connect(lambda: far)
        except OSError as error:
            link.to_tool(_refusal(f"rollproof cannot reach the throw-away server for you: {error}"))
            link.end()
            return
        self._far.append(far)
        if link.is_over:  # it was cut meanwhile
            link.end()
        elif link.near:
            link.near.resume_reading()

    def how(self, statement: Statement) -> How | None:
        """Return how the run is cut at this statement, if it is."""
        return self._cut.how if self._cut and self._cut.number == statement.number else None

    def instead(self, statement: Statement) -> str:
        """Return what the server is told in the place of this statement; "" if it is told the statement."""
        return self._cut.instead if self._cut and self._cut.number == statement.number else ""

    def cut_off(self) -> None:
        """Cut all connections, and let nobody in any more."""
        self._door.close()
        for link in self._links:
            link.end()

    def kill(self, link: Link, statement: Statement, said: bytes) -> None:
        """Forward what the tool said by a link, and end the server's process while it does that."""
        self._start(self._kill(link, statement, said))

    async def _kill(self, link: Link, statement: Statement, said: bytes) -> None:
        seconds = self._cut.seconds if self._cut else 0.0
        process = link.session.process if link.session else 0
        try:
            killer = await asyncio.to_thread(Killer, self._server_url, statement.text, seconds)
            link.to_server(said)
            await asyncio.to_thread(killer.kill, process, lambda: statement.is_answered)
        except psycopg.Error:  # its database is gone, or the whole server
            self.cut_off()

    async def _end(self) -> None:
        """Wait for the server's processes, which may still be at work on what they were told last."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._far:
            await asyncio.wait([far.ended for far in self._far], timeout=self._patience)
        # By TLS our end cannot be told without closing theirs, so nobody says when they have ended.
        left = [link.session.process for link in self._links if link.session and (link.far or link.is_by_tls)]
        if left:
            with suppress(psycopg.Error):  # the database is gone, and they with it
                await asyncio.to_thread(
                    wait_for_end,
                    self._server_url,
                    left,
                    self._patience if all(link.far is None for link in self._links) else 0.0,
                )
        for link in self._links:
            if link.far:
                link.far.abort()
        await self._door.wait_closed()


def _refusal(why: str) -> bytes:
    fields = (b"SFATAL", b"VFATAL", b"C08006", b"M" + why.encode(), b"")
    return message(b"E", b"\0".join(fields) + b"\0")
