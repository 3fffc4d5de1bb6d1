"""The pytest plugin: the only part of the engine that knows pytest.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    signals -           a signal ends pytest in order, with reports written
    terminal_output -   what pytest prints, without secrets and control characters
    options             pytest's options and the phase that -m names
    verification -      both sides opened before collection; fixtures of the checks
    provenance -        what reports say of servers and baseline
    resume -            --resume: fingerprints kept in the report folder
    phases -            fixtures of checks of one phase
    migrated -          fixtures of checks about migrated rows
    rehearsal -         --rehearse: the bundled migration on a throw-away server
    backup_file -       --backup-file: a dump restored, as the reference
    selection -         how many of a phase's cases were selected
    outcomes -          what each case came to
    progress -          how far the scans are
    files -             reports written, the verdict printed
"""
