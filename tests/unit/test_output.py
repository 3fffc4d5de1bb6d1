"""What leaves by our streams: secrets hidden, odd letters shown by their code."""

import io

from rollproof.model.redaction import secrets_in
from rollproof.system.output import Door


def test_a_door_hides_and_shows_whatever_the_stream_can_write():
    behind = io.TextIOWrapper(io.BytesIO(), "ascii")
    door = Door(behind, secrets_in(["postgresql://u:ab@h/d"], {}))
    for text in ("ä\x1b", "x", "::in the line\n", "::error\n", "me:ab@h ab"):
        door.write(text)
    behind.flush()

    assert behind.buffer.getvalue().decode() == "\\xe4\\x1bx::in the line\n\\x3a:error\nme:***@h ab"
    assert not hasattr(door, "buffer")
