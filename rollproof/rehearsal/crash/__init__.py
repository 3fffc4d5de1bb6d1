"""The connection cut at every statement, of the migration and of the rollback, and whether the rollback brings all back.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    crash_point  one place where a run was cut, and what came of it
"""
