"""What ends an operation before its time."""


class Refused(Exception):  # noqa: N818 - a decision, not a malfunction
    """Nothing was changed, this is why, and this is what to do; exit code 2."""


class Wrong(Exception):  # noqa: N818 - the answer of a validation
    """Something is not as it should be: one line each in `args`; exit code 1."""


class Interrupted(Exception):  # noqa: N818 - somebody's wish
    """A signal asked us to stop, and we are at a place where stopping is safe; exit code 128 + its number."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(f"stopped by signal {signal_number}")
        self.signal_number = signal_number
