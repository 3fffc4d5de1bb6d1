"""Everything that can go wrong, and who must act.

RollproofError
├── NotRestored   the rollback is at fault       a check FAILS (also an AssertionError)
├── Inconclusive    the surroundings are at fault  a check ERRORS; it never passes
├── Warned        nobody is at fault             a check passes, and what it found is told
└── Misuse        the command line is at fault   the run stops before the first check

Each is raised with one text for the person who reads it: the cause, what was tried, the ways out.
"""


class RollproofError(Exception):
    """The root of all bad news of ours; never raised itself."""


class NotRestored(RollproofError, AssertionError):  # noqa: N818 (it is a finding, not a malfunction)
    """The subject differs from the reference.

    `findings` are the differences as values, for reports that want fields rather than the sentence.
    """

    def __init__(self, text: str, findings: tuple[object, ...] = ()) -> None:
        super().__init__(text)
        self.findings = findings


class Inconclusive(RollproofError):  # noqa: N818 (the same)
    """A fact could not be had, so nothing is said about it."""


class Crowded(Inconclusive):
    """The server lets no further session of ours in; those that it has let in can go on."""


class Warned(RollproofError):  # noqa: N818 (the same)
    """What differs heals by itself or by one harmless statement, which the text names; with `--strict` it is a failure.

    `findings` are the differences as values.
    """

    def __init__(self, text: str, findings: tuple[object, ...] = ()) -> None:
        super().__init__(text)
        self.findings = findings


class Misuse(RollproofError):  # noqa: N818 (the same)
    """An option, a file or a configuration cannot mean what was typed."""
