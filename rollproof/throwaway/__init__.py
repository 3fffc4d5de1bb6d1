"""Throw-away worlds to rehearse and restore in.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    servers/       throw-away servers, from installed programs, a wheel or an admin URL
    dump_owner -   the role that a dump is restored as
    dumps          a dump restored
    psql           a script run by psql
    tamed          a server on which a script may be anybody's
    cloned_roles   roles, tablespaces and settings of another server
    cloned_states - what no dump tells of a database
    around         what a template does not bring, and what a server's databases share
    clone          a database cloned
    followed_keys - foreign keys followed to what rows refer to
    gathered_rows - rows and what these refer to, put into bare tables
    cloned_rows    with rows of some tables
    source/        what a rehearsal is tried on: a database, a dump, an SQL file, a command
    filling/       tables without rows filled
"""
