"""Which statement of the migration made a difference, and which of the rollback did not undo it.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    origin       where a difference comes from, as values
"""
