"""What queries of the application cost, and what they answer.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    plans                the plans of [[plans]]
    keys                 look-ups by primary keys, unique constraints and foreign keys: which there are, as SQL
    lookups              the plans of these look-ups
    results              what [[queries]] answer, as counts and digests
    recordings           all of it as a baseline keeps it
"""
