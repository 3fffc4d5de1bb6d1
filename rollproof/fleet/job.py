"""What a worker is asked and what it answers, as JSON: settings and sealed files, and no object that holds a connection."""

from typing import Literal

import msgspec

from rollproof.model.phase import DEFAULT_PHASE
from rollproof.settings.options import Settings
from rollproof.verdict.fleet.target_outcome import TargetOutcome

FORMAT = 1
"""A worker refuses another one: it has another rollproof."""


class Job(msgspec.Struct, frozen=True):
    """One target to capture or verify.

    `settings` name its database (`database_url`) and, if it is one schema of it, that (`schemas`). `baseline` is a sealed file as
    it is, `reference` what reports call it. `selected` is an expression of pytest's -k, "" for all checks. `formats` are the
    reports that are wanted of a target that is not as it should be.
    """

    name: str
    server: str
    action: Literal["capture", "verify"]
    settings: Settings
    schema: str | None = None
    phase: str = DEFAULT_PHASE.name
    baseline: bytes = b""
    reference: str = ""
    selected: str = ""
    formats: str = ""
    partial: bool = False
    format: int = FORMAT

    def __repr__(self) -> str:
        return f"Job({self.name})"


class Answer(msgspec.Struct, frozen=True):
    """What came of a job: the outcome, and files by their names in the target's folder.

    `unreachable` says that the database could not be reached, or was lost: it may be tried once more.
    """

    outcome: TargetOutcome
    files: dict[str, bytes] = {}
    unreachable: bool = False


def encoded(value: Job | Answer) -> bytes:
    """Return it as JSON."""
    return msgspec.json.encode(value)


def job_of(content: bytes) -> Job:
    """Return the job. Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(content, type=Job)


def answer_of(content: bytes) -> Answer:
    """Return the answer. Raises `msgspec.MsgspecError` for anything else."""
    return msgspec.json.decode(content, type=Answer)
