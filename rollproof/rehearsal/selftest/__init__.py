"""Proof of sight: what would this configuration miss in this database?

A throw-away database is made like the user's own; faults are planted in it, and each is verified as the user verifies.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    asked       what somebody asks of it
    outcome     what became of each fault, and all of it, as values
    batches -   faults that do not touch each other, together
    sight -     what a verification sees with: settings, role, reference
    ground -    the throw-away database, its baseline and its role
    trial -     faults planted, verified and taken away
    reasons -   why a fault is not seen: the same once more, with one thing less in the way
    run -       all of it, in the order of what tells most
    reports/    what is said of it, in every format
    selftest    the command
"""
