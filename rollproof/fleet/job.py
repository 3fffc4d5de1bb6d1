"""What a worker is asked and what it answers, as JSON: settings and sealed files, and no object that holds a connection."""

from hashlib import sha256
from typing import Literal

import msgspec

from rollproof import __version__
from rollproof.model.phase import DEFAULT_PHASE
from rollproof.settings.options import Settings
from rollproof.verdict.fleet.target_outcome import TargetOutcome

FORMAT = 1
"""Of jobs and answers."""


class Head(msgspec.Struct, frozen=True):
    """What a worker reads of a job before anything else: it refuses one of another rollproof."""

    format: int = 0
    version: str = ""

    @property
    def strange(self) -> str:
        """Why this rollproof does not do the job, "" if it does."""
        if (self.format, self.version) == (FORMAT, __version__):
            return ""
        return (
            f"a worker has rollproof {__version__}, and this is {self.version or 'an older one'}: "
            "install the same version wherever workers run"
        )


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One target to capture or verify.

    `settings` name its database (`database_url`) and, if it is one schema of it, that (`schemas`). `baseline` is a sealed file as
    it is, `reference` what reports call it, `signed` whether its signature was checked here. `selected` is an expression of
    pytest's -k, "" for all checks. Of the `schemas` each is verified by itself, in one look at the database; with `but`, all of
    the database is verified that belongs to none of these schemas. `sha256` is that of the file, of which the baseline may be a
    part. `formats` are the reports that are wanted of a target that is not as it should be.
    """

    name: str
    server: str
    action: Literal["capture", "verify"]
    settings: Settings
    schema: str | None = None
    schemas: tuple[str, ...] = ()
    but: tuple[str, ...] | None = None
    sha256: str = ""
    phase: str = DEFAULT_PHASE.name
    baseline: bytes = b""
    reference: str = ""
    signed: bool = False
    selected: str = ""
    formats: str = ""
    partial: bool = False
    format: int = FORMAT
    version: str = __version__

    def __repr__(self) -> str:
        return f"Job({self.name})"


class Answer(msgspec.Struct, frozen=True):
    """What came of a job: the outcome, and files by their names in the target's folder.

    `unreachable` says that the database could not be reached, or was lost, in a way that may pass: it may be tried once more.
    `refused` says why the worker does no job of ours at all. Of several schemas each has an answer of its own among the `parts`.
    `job` is the digest of the job that it answers: an executor may mix them up.
    """

    outcome: TargetOutcome
    files: dict[str, bytes] = {}
    unreachable: bool = False
    refused: str = ""
    parts: tuple["Answer", ...] = ()
    job: str = ""

    def __repr__(self) -> str:
        return f"Answer({self.outcome.name}: {self.outcome.verdict})"


def encoded(value: Job | Answer) -> bytes:
    """Return it as JSON."""
    return msgspec.json.encode(value)


def digest_of_job(content: bytes) -> str:
    """Return what an answer must say that it answers."""
    return sha256(content).hexdigest()


def head_of(content: bytes) -> Head:
    """Return what a job says of who made it. Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(content, type=Head)


def job_of(content: bytes) -> Job:
    """Return the job. Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(content, type=Job)


def answer_of(content: bytes) -> Answer:
    """Return the answer. Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(content, type=Answer)
