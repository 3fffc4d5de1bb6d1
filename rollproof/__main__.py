"""`python -m rollproof` is `rollproof`."""

from rollproof.entry import run

run()
