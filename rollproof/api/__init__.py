"""What a program calls: `import rollproof` shows these names, and imports them when they are used.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    address -       the address of a database, as text or as the parameters of a connection
    driver -        a connection of psycopg: where it leads, and what it holds uncommitted
    handed_over -   what a program hands over as its database
    other_sessions - what other sessions hold uncommitted, and whether anybody wrote
    report          what a verification came to
    errors          what a program is told
    surroundings -  what holds: rollproof.toml, the environment, and what the program says
    baseline        facts of one moment, in memory or from a file
    verification    a database held against a baseline
    block           a block that must leave the database as it was
"""

from rollproof.api.baseline import Baseline, capture, load
from rollproof.api.block import unchanged
from rollproof.api.errors import NothingWritten, NotRestored
from rollproof.api.report import Report
from rollproof.api.verification import assert_restored, verify
from rollproof.model.errors import Inconclusive, Misuse

__all__ = [
    "Baseline",
    "Inconclusive",
    "Misuse",
    "NotRestored",
    "NothingWritten",
    "Report",
    "assert_restored",
    "capture",
    "load",
    "unchanged",
    "verify",
]
