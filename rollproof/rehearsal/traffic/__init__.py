"""Writes in the migrated database, and what a rollback makes of them.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    writes         what writes: an SQL file, SQL, or a shell command
    row_changes -  the rows that differ between two databases
    fates -        what became of written rows, and of those that nobody wrote to
    between        a rollback after writes, stage by stage
"""
