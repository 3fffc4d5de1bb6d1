"""Every option and every key of `rollproof.toml`, declared once and validated when read.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    reference      what a reference names: a file, a database, the migration's copies
    sections       the sections [backup], [log], [migration], [[plans]], [tables.…], …
    endpoint       one [[endpoints]]
    waiver         one [[waiver]]
    options        all of them together, each with its default and its help
    configuration  what was asked for: command line, environment, file
"""
