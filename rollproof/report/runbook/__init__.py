"""The runbook of one database: the procedure of a rollback with its own commands, tables and statements.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    known        what is known of the database, its configuration and its last rehearsal, as values
    document     what a runbook is made of: sections, and their parts
    typed -      commands as they are typed for this database
    changes      what changed since the runbook was written before
    decision -   when to roll back, what this database is, how long it takes
    steps -      the checklist, the six steps, and the scenarios
    afterwards - what is looked at after the rollback
    trouble -    troubleshooting, and the two ways to recover
    around -     alarms, the record, people, and the test of the procedure
    contents -   all sections in their order
    markdown     runbook.md
    html         runbook.html
"""
