"""One file per command of the command line, above what they share.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    baseline_validation -   whether a baseline's content can be facts at all
    provenance              what the servers and files say of themselves
    scan_progress           how far definitions and scans are, in words, and on stderr
    request                 what a verification is asked to do
    stopwatch               the time that the parts of a run take
    same_database           whether the reference is of the database itself
    accepted -              which of their differences are accepted
    verification            both sides opened, and what lies between them
    suspicion -             which tables are read first, by all that is known before any is read
    ahead -                 what checks wait for, waited for before they are run
    query_plans             plans and results of queries on both sides
    measurements            what both sides can tell of a run beside its cases
    incidents               what took place is kept in the timeline, and told
    missing_privileges      what a role may not read, and the statement that would let it
    taken                   a baseline as it is taken
    bundled_story           the bundled migration and its rollback as shell commands (rehearsal.toml)
    stand_in -              a dump restored, or the bundled migration rehearsed, in place of something
    prepare                 from what was asked for to both sides opened, in one step
    schema_parts            some schemas of what was opened for many, or the rest of it
    kept_state              the state before the rollback: kept, found again, compared
    option_groups           the options in groups, with defaults; which command has which
    command_options         options, settings and signals, as every command has them
    doctor -                what a verification would meet
    capture -               takes the baseline
    pytest_words            our options among pytest's, for help and completion
    drill_records           that a way back was tried: sealed records in the report folder
    kept_runs -             the runs of a report folder, read from their files
    metrics_file            --metrics-file: refused before a run, written at its end
    shown_run -             one of them rendered again
    incident_view -         an incident shown again, and its timeline held against its seals
    services -              stops and starts the application's services, and says whether they run
    incident -              opens, adds to and closes an incident
    report -                lists, shows and compares them
    repair_request          what a repair is asked to do
    repair_script           all statements that would restore definitions, in order
    recreation -            the whole schema of a reference as a script
    runbook_settings -      what a runbook tells of the configuration and of the last drill
    runbook_facts -         what it needs to know, asked once
    runbook_files           its files, written together
    runbook -               writes it
    repair_proof -          what a script did to a clone
    script_run -            a script run by psql on a throw-away server
    repair_trial -          a script run on a clone
    recreation_trial -      a whole schema made in an empty database
    repair -                prints them
    survey -                what a database tells of a migration: tables, and questions about a few
    guesses -               what names, columns and counters of tables suggest
    proposal -              a rollproof.toml for a database that was looked at
    init -                  writes it
    explained -             what checks, verdicts and exit codes mean, in lines
    explain -               prints it
    completion -            words completed by the shell
"""
