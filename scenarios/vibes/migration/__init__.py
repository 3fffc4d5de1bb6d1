"""The UUID migration of vibes, and the way back.

errors        what ends an operation before its time
console       progress and answers, for people and for programs; SIGTERM
plan          what is migrated: the tables, their keys, the names of the copies
plan_file     what only the application knows of that, in TOML
database      one connection with pinned settings; transactions that lock, retry and give up in time
planning      the plan, made from the catalogue: keys, and what foreign keys tie to them
actor         who is at work
log           public.migration_log: every operation and step, on a connection of its own
run           what every operation is given, and what it answers
definitions   the statements that would make the tables again, read from the catalogue
content       questions about rows: fingerprints, orphans, what was written since the backup
states        original, migrated, mixed or missing: what each table is now
preflight     every reason not to start, found before anything is changed
backup        the copies and the definitions, and whether they can be trusted
migrate       copy in batches, then put the new tables in the old ones' place
status        the state of everything, for people and for monitors
rollback      the original back from the backup: whole, or nothing
partial       whether some of the tables can go back without the others
validation    what is not as it should be
schemas       which schema this is: the original, the migrated one, or neither

Each module uses only those above it.
"""
