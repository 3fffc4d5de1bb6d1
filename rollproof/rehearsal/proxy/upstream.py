"""A connection to the server whose address a URL is, as libpq would make it: TCP or a socket file, with TLS or without."""

import asyncio
import os
import socket as sockets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import AF_INET, AF_INET6, IPPROTO_TCP, SOCK_STREAM, TCP_NODELAY, socket
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict

_SSL_REQUEST = (8).to_bytes(4, "big") + (80877103).to_bytes(4, "big")
_AF_UNIX = getattr(sockets, "AF_UNIX", None)  # Windows has none
_PLACE = frozenset(
    [
        "host",
        "hostaddr",
        "port",
        "user",
        "password",
        "dbname",
        "service",
        "channel_binding",
        "require_auth",
        "requirepeer",
    ]
)
_NOT_THERE = ("ssl", "gss", "krb", "target_session", "load_balance")  # what is about the server's own address begins so
_OBLIGED = ("require", "verify-ca", "verify-full")


@dataclass(frozen=True)
class Upstream:
    """The server behind a URL; `parameters` are libpq's, by their names."""

    parameters: dict[str, str]

    @classmethod
    def of(cls, url: str) -> "Upstream":
        """Return the server behind a URL. libpq is asked where it would look elsewhere: services, password files, several hosts."""
        known = {name: str(value) for name, value in conninfo_to_dict(url).items() if value is not None}
        if "service" not in known and known.get("password") and known.get("host") and "," not in known["host"]:
            return cls(known)
        with psycopg.connect(url) as connection:
            found = connection.info
            place = {"host": found.host, "port": str(found.port), "password": found.password}
            return cls({**known, **found.get_parameters(), **place})

    async def connect(self, make: Callable[[], asyncio.Protocol]) -> asyncio.Transport:
        """Connect a protocol with the server. Raises `OSError` with what went wrong."""
        loop = asyncio.get_running_loop()
        host = self.parameters.get("hostaddr") or self.parameters["host"]
        connected = await _connected(loop, host, int(self.parameters.get("port") or "5432"))
        try:
            context = await self._tls(loop, connected)
            name = self.parameters["host"] if context else None
            transport, _ = await loop.create_connection(make, sock=connected, ssl=context, server_hostname=name)
        except BaseException:
            connected.close()
            raise
        return transport

    async def _tls(self, loop: asyncio.AbstractEventLoop, connected: socket) -> ssl.SSLContext | None:
        mode = self.parameters.get("sslmode") or os.environ.get("PGSSLMODE") or "prefer"
        if mode in {"disable", "allow"} or connected.family == _AF_UNIX:
            return None
        await loop.sock_sendall(connected, _SSL_REQUEST)
        if await loop.sock_recv(connected, 1) == b"S":
            return self._context(mode)
        if mode in _OBLIGED:
            raise ConnectionError(f"the server has no TLS, and its URL says sslmode={mode}")
        return None

    def _context(self, mode: str) -> ssl.SSLContext:
        known = self.parameters
        authorities = known.get("sslrootcert", str(Path("~/.postgresql/root.crt").expanduser()))
        own = None if authorities == "system" or not Path(authorities).exists() else authorities
        context = ssl.create_default_context(cafile=own)
        context.check_hostname = mode == "verify-full" or authorities == "system"
        if not (mode.startswith("verify") or own or authorities == "system"):
            context.verify_mode = ssl.CERT_NONE
        if "sslcert" in known:
            context.load_cert_chain(known["sslcert"], known.get("sslkey"))
        return context

    def behind(self, host: str, port: int) -> str:
        """Return the URL by which a tool finds the same database behind another address, without TLS and in plain parameters."""
        known = self.parameters
        account = ":".join(quote(known[each], safe="") for each in ("user", "password") if known.get(each))
        own = {"sslmode": "disable"} | {
            name: value for name, value in known.items() if name not in _PLACE and not name.startswith(_NOT_THERE)
        }
        place = f"{account}@{host}:{port}/{quote(known.get('dbname', ''), safe='')}"
        return f"postgresql://{place}" + (f"?{urlencode(own, quote_via=quote)}" if own else "")


async def _connected(loop: asyncio.AbstractEventLoop, host: str, port: int) -> socket:
    """Return a socket connected with a host, by the first of its addresses that answers."""
    failed = OSError(f"{host} has no address that can be reached from here")
    for family, address in await _addresses(loop, host, port):
        made = socket(family, SOCK_STREAM)
        made.setblocking(False)  # noqa: FBT003 (the library's own parameter)
        try:
            await loop.sock_connect(made, address)
        except OSError as error:
            made.close()
            failed = error
            continue
        if family != _AF_UNIX:
            made.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        return made
    raise failed


async def _addresses(loop: asyncio.AbstractEventLoop, host: str, port: int) -> list[tuple[int, Any]]:
    if host.startswith(("/", "@")):  # a folder of socket files, or Linux' abstract names
        folder = "\0" + host[1:] if host.startswith("@") else host
        return [(_AF_UNIX, f"{folder}/.s.PGSQL.{port}")] if _AF_UNIX is not None else []
    found = await loop.getaddrinfo(host, port, type=SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found if family in {AF_INET, AF_INET6}]
