"""Every option and every key of `rollproof.toml`, declared once and validated when read.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    dump_format    what pg_dump wrote, recognised by its first bytes
    reference      what a reference names: a file, a database, the migration's copies
    sections       the sections [backup], [log], [migration], [[plans]], [tables.…], …
    endpoint       one [[endpoints]]
    service        one [[services]]
    command        one [[commands]]
    people         [[escalation]], [notify], [[checklist]]
    rehearsal      the sections [rehearsal], [drill] and [runbook]
    waiver         one [[waiver]]
    watch          the section [watch]
    fleet          the section [fleet]
    option_table   what can be typed: options, variables, and their help
    options        all of them together, each with its type and its default
    configuration  what was asked for: command line, environment, file
"""
