-- A table that no check reads, and that somebody holds on to.
CREATE TABLE migration_backup.held (id integer);
