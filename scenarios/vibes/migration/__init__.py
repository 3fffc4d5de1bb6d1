"""The UUID migration of vibes, and the way back.

plan          what is migrated: the tables, their keys, the names of the copies
database      one connection with pinned settings; transactions that lock, retry and give up in time
log           public.migration_log: every operation and step, on a connection of its own
definitions   the statements that would make the tables again, read from the catalogue
states        original, migrated, mixed or missing: what each table is now
preflight     every reason not to start, found before anything is changed
backup        the copies and the definitions, and whether they can be trusted
migrate       copy in batches, then put the new tables in the old ones' place
rollback      the original back from the backup: whole, or nothing
validation    what is not as it should be
console       progress and answers, for people and for programs; SIGTERM

Each module uses only those above it.
"""
