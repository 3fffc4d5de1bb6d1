"""The connection cut at every statement, of the migration and of the rollback, and whether the rollback brings all back.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    places       where a run can be cut
    undoing -    what the rollback makes of what a cut has left
    journal -    what is known from a run that was interrupted
    crashes      all places tried
"""
