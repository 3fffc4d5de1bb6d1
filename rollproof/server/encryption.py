"""Whether what is read crosses a network in the clear, which the default `sslmode=prefer` allows without a word."""

from rollproof.server.reader import SnapshotReader

WARNING = "what is read crosses the network in the clear; sslmode=verify-full prevents it"


def in_the_clear(view: SnapshotReader) -> bool:
    """Tell whether a session speaks no TLS with a host that is not this machine, as far as its name says."""
    host = view.ask(lambda connection: connection.info.host)
    local = host in {"", "localhost", "127.0.0.1", "::1"} or host.startswith(("/", "@"))
    return not (local or view.encrypted)
