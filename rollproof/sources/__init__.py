"""What was (the reference) and what is (the subject), asked for facets and rows.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    signature         HMAC-SHA-256 of a baseline, with a key in a file
    baseline          the file of a snapshot, sealed with its SHA-256
    table_groups      tables in groups: a check compares one group at a time
    source            the protocol of all sources
    recorded          a snapshot as a source
    live              a database as a source
    live_part         some schemas of a database that was opened for many
    cross_version     sources on two major versions: differences that the server makes
    equivalence       definitions that differ in casts and brackets only
    shared_objects    roles and tablespaces, which belong to the whole server
    moment            a source as a user's own check sees it
"""
