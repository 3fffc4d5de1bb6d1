"""What a migration costs while it runs: locks and who waits for them, rewrites, WAL, disk.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    figures      what was measured, as values
    meter        measures while a command runs
"""
