"""A request that may change something, whose connection opens after it was given up: it is not sent a second time."""

import socket
import sys
import threading
import time
from contextlib import ExitStack, suppress

import pytest

from rollproof.probes.endpoints.application import Application
from rollproof.settings.endpoint import Endpoint


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not leave a connection waiting there")
def test_what_may_change_something_is_not_sent_by_a_connection_that_opens_too_late():
    """Into a full queue the system knocks again after a second; by then we have given that connection up, and asked anew."""
    heard = []
    with socket.socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for each in [waiting.enter_context(socket.socket()) for _ in range(3)]:
            each.setblocking(False)  # noqa: FBT003 (socket has it so)
            each.connect_ex(listener.getsockname())
        accepting = threading.Thread(target=_late, args=(listener, waiting, heard))
        accepting.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        found = Application([Endpoint("x", url, method="POST", max_seconds=0.4, wait_seconds=5)], {}).answer("x")
        accepting.join()

    assert found.answer.status == 200
    assert len(heard) == 1


def _late(listener, waiting, heard):
    """Accept nobody for 0.95 s, then everybody for a second."""
    time.sleep(0.95)
    waiting.close()
    listener.settimeout(1)
    with suppress(TimeoutError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                if said := connection.recv(9999):
                    heard.append(said)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
