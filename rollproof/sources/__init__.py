"""What was and what is: things that answer for facets and rows.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    signature         HMAC-SHA-256 of a baseline, with a key in a file
    baseline          the sealed file that keeps a snapshot
    table_groups      tables as groups: whose facts a check asks for
    source            what a check asks of any source
    recorded          what a snapshot says
    live              what a database says now
    cross_version     two majors: which differences are the server's own
    equivalence       two definitions spelled differently: whether PostgreSQL takes them for the same
"""
