"""What was and what is: things that answer for facets and rows.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    signature         HMAC-SHA-256 of a baseline, with a key in a file
    baseline          the sealed file that keeps a snapshot
    source            a baseline or a live database, asked for facets and rows
    cross_version     two majors: which differences are the server's own
    equivalence       two definitions spelled differently: whether PostgreSQL takes them for the same
"""
