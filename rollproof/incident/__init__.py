"""The night around a verification: what took place is kept, and told to people.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    timeline        the file of the timeline: appended to, read, held against its own chain of hashes
    notices         messages to people, each target within a time
"""
