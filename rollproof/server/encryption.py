"""Whether a connection is unencrypted, which the default `sslmode=prefer` allows silently."""

from rollproof.server.reader import SnapshotReader

WARNING = "what is read crosses the network in the clear; sslmode=verify-full prevents it"


def is_unencrypted(view: SnapshotReader) -> bool:
    """Tell whether a connection to another machine (by its host name) has no TLS."""
    host = view.ask(lambda connection: connection.info.host)
    local = host in {"", "localhost", "127.0.0.1", "::1"} or host.startswith(("/", "@"))
    return not (local or view.encrypted)
