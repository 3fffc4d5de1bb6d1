"""selftest.json: all that the other formats show, and what they leave out, for programs."""

from rollproof.rehearsal.selftest.reports.told import ToldSelfTest
from rollproof.report.json import encoded

FORMAT = 1
"""Raised when a field changes its meaning or goes, not when one is added."""


def result(told: ToldSelfTest) -> bytes:
    """Return it as JSON, indented: the format's number first."""
    return encoded(FORMAT, told)


RENDERS = ("selftest.json", result)
