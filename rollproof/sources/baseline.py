"""The file of a snapshot, sealed with its SHA-256: written whole or not at all, read only if the seal is right."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from rollproof.model.errors import Misuse
from rollproof.model.names import respelled_facts
from rollproof.model.renamed import RENAMED
from rollproof.model.snapshot import Snapshot
from rollproof.sources.signature import Key
from rollproof.system.files import contents, replace_file

FORMAT = 1  # of the baseline file; raised when an older rollproof could misread a newer file
MOST = 2 * 2**30  # bytes of a baseline; one of ten thousand tables has some fifty million


def without_tables(what: str) -> Misuse:
    """Return the error for a reference that has no table, which may be the wrong database, or empty on purpose."""
    return Misuse(
        f"{what} has no tables to look at, so nothing would be proved: is it the right database, and the right `schemas`?\n"
        "if it is meant to be empty, as before a project's first migration, pass --allow-empty"
    )


class _File(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    format: int
    sha256: str
    snapshot: msgspec.Raw
    signature: str = ""


@dataclass(frozen=True)
class Seal:
    """The SHA-256 of a baseline's snapshot as it stands in the file, and whether that is signed.

    The SHA-256 alone shows an accident: whoever can write the file can seal it again. `signed` says that a signature was made,
    or was checked, with the key that this run was given; `carries_signature` that there is one, checked or not.
    """

    sha256: str
    signed: bool = False
    carries_signature: bool = False

    def __str__(self) -> str:
        if self.signed:
            return "signed, and the signature is right"
        return "signed, not checked: no --require-signature" if self.carries_signature else "not signed"


def save(snapshot: Snapshot, path: Path, key: Key | None = None) -> Seal:
    """Write the sealed baseline, whole or not at all, readable by its owner alone (it names every object).

    Raises `Misuse` if the file cannot be written.
    """
    content, seal = sealed(snapshot, key)
    try:
        replace_file(path, content)
    except OSError as error:
        raise Misuse(f"the baseline cannot be written to {path}: {error.strerror}") from error
    return seal


def sealed(snapshot: Snapshot, key: Key | None = None) -> tuple[bytes, Seal]:
    """Return the content of a sealed baseline, and the seal."""
    body = msgspec.json.encode(snapshot)
    digest = hashlib.sha256(body).hexdigest()
    signature = key.sign(body) if key else ""
    content = msgspec.json.encode(_File(FORMAT, digest, msgspec.Raw(body), signature))
    return content, Seal(digest, bool(key), bool(key))


def load(path: Path, *, allow_empty: bool = False) -> Snapshot:
    """Return the snapshot in a baseline file. Raises as `unsealed` does."""
    return unsealed(path, allow_empty=allow_empty)[0]


def unsealed(path: Path, *, allow_empty: bool = False, key: Key | None = None) -> tuple[Snapshot, Seal]:
    """Return the snapshot in a baseline file and its seal.

    Raises `Misuse` if the file is missing, no regular file, cut short, changed since it was sealed, not signed with the `key`
    if one is given, of a newer format, or, unless that is allowed, holds no table.
    """
    try:
        content = contents(path, MOST)
    except OSError as error:
        raise Misuse(
            f"no baseline at {path}: {error.strerror}\n"
            "either take one before the migration (rollproof capture --database-url URL --output FILE), "
            "or pass --reference with a file, a database URL or the word backup"
        ) from error
    return unsealed_content(content, path, allow_empty=allow_empty, key=key)


def unsealed_content(
    content: bytes, path: Path, *, allow_empty: bool = False, key: Key | None = None
) -> tuple[Snapshot, Seal]:
    """Return the snapshot in the content of a baseline file, which is called `path`, and its seal. Raises as `unsealed` does."""
    file = _file(content, path)
    seal = _seal(file, path, key)
    return _opened(file, path, allow_empty=allow_empty), seal


def seal_of(content: bytes, path: Path, key: Key | None = None) -> Seal:
    """Return the seal of a baseline's content, which is called `path`, without looking at its facts. Raises as `unsealed` does."""
    return _seal(_file(content, path), path, key)


def signed(content: bytes, path: Path, key: Key) -> tuple[bytes, Seal]:
    """Return the content of a baseline signed with a key, and its seal: what was taken elsewhere. Raises as `unsealed` does."""
    file = _file(content, path)
    sha256 = _seal(file, path, None).sha256
    return msgspec.json.encode(msgspec.structs.replace(file, signature=key.sign(bytes(file.snapshot)))), Seal(
        sha256, signed=True, carries_signature=True
    )


def _file(content: bytes, path: Path) -> _File:
    try:
        file = msgspec.json.decode(content, type=_File)
    except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
        raise Misuse(
            f"{path} is not a whole rollproof baseline: {error}\ntake it again or fetch another copy"
        ) from error
    if file.format > FORMAT:
        raise Misuse(f"{path} has format {file.format}; this rollproof reads up to {FORMAT}: use a newer rollproof")
    return file


def _seal(file: _File, path: Path, key: Key | None) -> Seal:
    body = bytes(file.snapshot)
    digest = hashlib.sha256(body).hexdigest()
    if digest != file.sha256:
        raise Misuse(
            f"{path} was changed after it was sealed (its SHA-256 does not match): it proves nothing, fetch another copy"
        )
    if key and not key.signed(body, file.signature):
        raise Misuse(
            f"{path} is {'signed with another key' if file.signature else 'not signed'}, and --require-signature accepts only "
            f"what the key in {key.path} signed: fetch the copy that was, or name the key that it was signed with\n"
            "a new baseline is signed by: rollproof capture --sign KEYFILE; --require-signature '' does without for one run"
        )
    return Seal(digest, bool(key), bool(file.signature))


def _require_written_by_us(body: msgspec.Raw) -> None:
    # Of a key that stands there twice another reader may see the other one.
    if msgspec.json.encode(msgspec.json.decode(body)) != bytes(body):
        raise ValueError("something stands there twice, or no rollproof wrote it")


def _opened(file: _File, path: Path, *, allow_empty: bool) -> Snapshot:
    try:
        snapshot = msgspec.json.decode(file.snapshot, type=Snapshot)
        told, unknown = (
            {RENAMED.get(facet, facet): respelled_facts(facet, facts) for facet, facts in kept.items()}
            for kept in (snapshot.facets, snapshot.unknown)
        )  # an older rollproof left names as its server spelled them, and called some facets otherwise
        _require_written_by_us(file.snapshot)
    except (ValueError, RecursionError, TypeError, AttributeError) as error:  # the JSON within may be anything
        raise Misuse(f"{path} is sealed but not a snapshot: {error}\nfetch another copy") from error
    if not snapshot.facets.get("tables") and not (allow_empty and "tables" in snapshot.facets):
        raise without_tables(str(path))
    return msgspec.structs.replace(snapshot, facets=told, unknown=unknown)
