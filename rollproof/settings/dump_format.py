"""Dumps of pg_dump (plain, custom, tar, directory), recognised by their first bytes; what is none is named for what it is."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rollproof.model.errors import Misuse
from rollproof.system.files import require_regular

_HEAD = 512  # bytes; a tar's sign stands within
_CUSTOM, _GZIP, _PLAIN = b"PGDMP", b"\x1f\x8b", b"-- PostgreSQL database"
COMPLETE = b"PostgreSQL database dump complete"
TAIL = 4096
ENCRYPTED = {
    b"age-encryption.org": "age",
    b"-----BEGIN PGP MESSAGE": "PGP",
    b"-----BEGIN AGE ENCRYPTED": "age",
    b"Salted__": "openssl",
    b"\x85": "PGP",
    b"\x8c": "PGP",
}
COMPRESSED = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x04\x22\x4d\x18": "lz4",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"PK\x03\x04": "zip",
}


@dataclass(frozen=True)
class Dump:
    """A dump of one database; `form` is custom, directory, tar or plain."""

    path: Path
    form: str
    compressed: bool = False


def dump_at(path: Path) -> Dump:
    """Return which kind of dump this is. Raises `Misuse` for anything that is not a whole dump of one database."""
    try:
        if path.is_dir():
            for part in path.iterdir():
                require_regular(part)
            return _directory(path)
        head = _head(path)
    except ValueError as error:
        raise no_use(path, "no file can have such a name") from error
    except OSError as error:
        raise no_use(path, str(error.strerror)) from error
    if head.startswith(_CUSTOM):
        return Dump(path, "custom")
    if _is_tar(head):
        return _tar(path)
    if head.startswith(_GZIP):
        return _plain(Dump(path, "plain", compressed=True))
    if _PLAIN in head:
        return _plain(Dump(path, "plain"))
    raise no_use(path, _unknown(head))


def is_dump(path: Path) -> bool:
    """Tell whether something begins as a dump does, or as one that was compressed or encrypted; no if it cannot be read."""
    try:
        if path.is_dir():
            return (path / "toc.dat").is_file()
        head = _head(path)
        if head.startswith(_GZIP):
            head = next(_blocks(path, _HEAD), b"")
    except (OSError, ValueError, EOFError, zlib.error):
        return False
    wrapped = any(head.startswith(magic) for magic in (*ENCRYPTED, *COMPRESSED))
    return wrapped or head.startswith(_CUSTOM) or _is_tar(head) or _PLAIN in head


def _head(path: Path) -> bytes:
    require_regular(path)
    with path.open("rb") as file:
        return file.read(_HEAD)


def _is_tar(head: bytes) -> bool:
    return head[257:262] == b"ustar"


def no_use(path: Path, why: str) -> Misuse:
    """Return the error that says why this is no dump of one database."""
    return Misuse(
        f"the dump {path}: {why}\na dump is what pg_dump writes, in each of its formats: custom, directory, tar or plain "
        "(gzipped or not)"
    )


def _unknown(head: bytes) -> str:
    for magic, by in ENCRYPTED.items():
        if head.startswith(magic):
            return f"the file is encrypted ({by}); decrypt it first"
    for magic, by in COMPRESSED.items():
        if head.startswith(magic):
            return f"the file is compressed with {by}; decompress it first"
    return "the file is no dump: it begins like none that pg_dump writes" if head else "the file is empty"


def _directory(path: Path) -> Dump:
    if not (path / "toc.dat").is_file():
        raise no_use(path, "the folder holds no toc.dat, so it is no dump")
    for part in sorted(path.glob("[0-9]*.dat")):  # nobody but us would notice a lost end of an uncompressed part
        with part.open("rb") as file:
            file.seek(max(0, part.stat().st_size - 8))
            if not file.read().endswith(b"\\.\n\n\n") and not _ends_a_copy(part):
                raise no_use(path, f"it is cut short: {part.name} has no end")
    return Dump(path, "directory")


def _ends_a_copy(part: Path) -> bool:
    with part.open("rb") as file:
        file.seek(max(0, part.stat().st_size - 8))
        return file.read().rstrip(b"\n").endswith(b"\\.")


def _tar(path: Path) -> Dump:
    import tarfile  # noqa: PLC0415 (no run without a dump waits for it)

    try:
        with tarfile.open(path, "r:") as archive:
            names = {member.name for member in archive}
    except (tarfile.TarError, OSError) as error:
        raise no_use(path, f"the archive is damaged: {error}") from error
    if "toc.dat" not in names:
        raise no_use(path, "the archive is no dump: it lacks toc.dat")
    return Dump(path, "tar")


def _plain(dump: Dump) -> Dump:
    head, tail = b"", b""
    try:
        for block in blocks(dump):
            head = head or block[:TAIL]
            tail = (tail + block)[-TAIL:]
            if b"\n\\connect " in head:
                raise no_use(
                    dump.path, "it was made with --create, and would go into a database of its own; make it without"
                )
    except (OSError, EOFError, zlib.error) as error:
        raise no_use(dump.path, f"the file is damaged or cut short: {error}") from error
    if b"-- PostgreSQL database cluster dump" in head:
        raise no_use(dump.path, "it is a dump of a whole cluster (pg_dumpall); pg_dump makes one of the database")
    if b"-- PostgreSQL database dump" not in head:
        raise no_use(dump.path, _unknown(b"?"))
    if COMPLETE not in tail:
        raise no_use(dump.path, "the file is cut short: its last line is not the one that ends a dump")
    return dump


def blocks(dump: Dump) -> Iterator[bytes]:
    """Yield the text of a plain dump."""
    if dump.compressed:
        yield from _blocks(dump.path, 1 << 20)
        return
    with dump.path.open("rb") as file:
        while block := file.read(1 << 20):
            yield block


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    import gzip  # noqa: PLC0415 (no run without a dump waits for it)

    with gzip.open(path, "rb") as file:
        while block := file.read(size):
            yield block
