"""The door of the standard streams: what another writer painted passes, and nothing else does."""

import io

from rollproof.model.redaction import Secrets
from rollproof.system.output import Door, painted


def test_what_is_painted_passes_and_what_comes_beside_it_does_not():
    written = io.StringIO()
    door = Door(written, Secrets(()))
    with painted(door):
        door.write("\x1b[31mred\x1b[0m\n::error::ours\n")
    door.write("::error::of a thread\n\x1b[31m\n")

    assert written.getvalue() == "\x1b[31mred\x1b[0m\n::error::ours\n\\x3a:error::of a thread\n\\x1b[31m\n"


def test_a_painted_text_begins_the_line_that_goes_on():
    written = io.StringIO()
    door = Door(written, Secrets(()))
    with painted(door):
        door.write(":")
    door.write(":error::x")

    assert written.getvalue() == r":\x3aerror::x"


def test_another_stream_is_left_alone():
    with painted(io.StringIO()) as nothing:
        assert nothing is None
