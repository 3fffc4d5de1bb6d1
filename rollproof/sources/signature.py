"""The signature of a baseline: an HMAC-SHA-256 over the very bytes that its plain seal is over, with a key in a file.

Not a public-key signature: that would need one more library on every production verifier. So whoever can verify could sign as
well, and the key belongs where whoever could tamper with the baseline cannot read it.
"""

import hmac
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from rollproof.model.errors import Misuse
from rollproof.system.files import is_open_to_others, opened

LEAST = 32  # bytes of a key: as many as the hash has
_MOST = 2**20


@dataclass(frozen=True)
class Key:
    """A secret key and the file it came from; prints without the key."""

    path: Path
    secret: bytes = field(repr=False)

    def sign(self, body: bytes) -> str:
        """Return the signature of a sealed snapshot's bytes, in hexadecimal digits."""
        return hmac.digest(self.secret, body, "sha256").hex()

    def signed(self, body: bytes, signature: str) -> bool:
        """Tell whether this key signed these bytes."""
        return hmac.compare_digest(self.sign(body).encode(), signature.encode("utf-8", "replace"))


def read_key(file: str, option: str) -> Key:
    """Return the key in a file that an option named.

    Raises `Misuse` if it is no regular file, too short, or others than its owner may read it.
    """
    path = Path(file)
    try:
        secret, known = opened(path, _MOST)
    except OSError as error:
        raise Misuse(f"{option} {path}: the key cannot be read: {error.strerror}\n{_make(path)}") from error
    if len(secret) < LEAST:
        raise Misuse(
            f"{option} {path}: a key has at least {LEAST} bytes, and this file holds {len(secret)}\n{_make(path)}"
        )
    if is_open_to_others(known):
        raise Misuse(
            f"{option} {path}: others than its owner may read or write the key, so it proves nothing:"
            f" chmod 600 {shlex.quote(file)}\n"
            "if somebody may have read it, make a new one and take the baseline again"
        )
    return Key(path, secret)


def _make(path: Path) -> str:
    return f"a new one is made by: (umask 077; head -c 32 /dev/urandom > {shlex.quote(str(path))})"
