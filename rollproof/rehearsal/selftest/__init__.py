"""Proof of sight: what would this configuration miss in this database?

A throw-away database is made like the user's own; faults are planted in it, and each is verified as the user verifies.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    asked       what somebody asks of it
    outcome     what became of each fault, and all of it, as values
    batches -   faults that do not touch each other, together
    superuser - a session of ours, whatever is set there
    verifier -  the role that verifies, as it is at home
    ground -    the throw-away database, and its role
    held -      what the reference is, and what it cannot tell
    obstacles - what may keep a verification from seeing: role, reference, each waiver, each setting
    sight -     what a verification sees with, and the same with less in the way
    trial -     faults planted, verified and taken away
    design -    what rollproof accepts by its own rules, whatever is configured
    witness -   whether a fault changed anything, by other eyes
    why -       a reason in one sentence, and what would end it
    reasons -   why a fault is not seen: the same once more, with one thing less in the way
    harmless -  changes that are none, made and verified
    course -    one way through many faults
    journal -   what was tried, for a run that goes on
    run -       all of it, in the order of what tells most
    reports/    what is said of it, in every format
    selftest    the command
"""
