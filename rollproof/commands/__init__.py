"""One file per command of the command line, above what they share.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    baseline_validation -   whether a baseline's content can be facts at all
    provenance              what the servers and files say of themselves
    prepare                 one verification prepared: both sides opened
    doctor                  what a verification would meet
    repair                  all statements that would restore definitions, in order
"""
