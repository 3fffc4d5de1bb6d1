"""`python -m rollproof` is `rollproof`."""

from rollproof.cli import main

main()
