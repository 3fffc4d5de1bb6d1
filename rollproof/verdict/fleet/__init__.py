"""Many databases verified: what each came to, which of them are alike, one verdict. Pure.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    target_outcome   what one target came to, in short: its verdict, and its roots
    target_groups    targets by their identical sets of roots
    fleet_report     all of them, with one verdict
"""
